package dev.perdure;

import dev.perdure.error.ConflictException;
import dev.perdure.error.CorruptedException;
import dev.perdure.store.Anchor;
import dev.perdure.store.Finding;
import dev.perdure.store.StorePart;
import dev.perdure.store.StoreStanding;
import dev.perdure.store.StoredRow;
import dev.perdure.store.WholeStore;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;

/// Brings what a source holds into a target, from where the target says it is, and compares the two. Used once.
///
/// The heap holds one batch. Each is one transaction of the target, which holds its rows and how far they reach.
final class CopyRows {
    /// The most rows of a transaction.
    static final int MAX_ROWS = 1_000;

    /// About how many bytes of a transaction.
    static final long MAX_BYTES = 4L << 20;

    private final String from;
    private final WholeStore.Contents source;
    private final WholeStore target;
    private final Consumer<CopyStore.Progress> progress;
    private final List<StoredRow> batch = new ArrayList<>();
    private String place = "";
    private long batchBytes;
    private long bytes;
    private long done;

    CopyRows(String from, WholeStore.Contents source, WholeStore target, Consumer<CopyStore.Progress> progress) {
        this.from = from;
        this.source = source;
        this.target = target;
        this.progress = progress;
    }

    CopyStore.Report copy(boolean resumed) {
        StoreStanding standing = target.standing();
        for (StorePart part : StorePart.values()) {
            int ahead = standing.part().map(part::compareTo).orElse(1);
            if (ahead >= 0) {
                copy(part, ahead == 0 ? standing.place() : "");
            }
        }
        CopyStore.Report report = check(resumed);
        target.received();
        return report;
    }

    private void copy(StorePart part, String after) {
        long total = source.count(part);
        done = after.isEmpty() ? 0 : target.look(contents -> contents.count(part));
        progress.accept(new CopyStore.Progress(Optional.of(part), done, total));
        source.visit(
                part,
                after,
                (at, row) -> {
                    if (!batch.isEmpty() && (batch.size() >= MAX_ROWS || batchBytes + row.bytes() > MAX_BYTES)) {
                        write(part, total);
                    }
                    batch.add(row);
                    batchBytes += row.bytes();
                    place = at;
                    return true;
                });
        if (!batch.isEmpty()) {
            write(part, total);
        }
    }

    private void write(StorePart part, long total) {
        target.add(part, place, List.copyOf(batch));
        done += batch.size();
        bytes += batchBytes;
        batch.clear();
        batchBytes = 0;
        progress.accept(new CopyStore.Progress(Optional.of(part), done, total));
    }

    /// The target must be sound, and hold what the source holds.
    private CopyStore.Report check(boolean resumed) {
        progress.accept(new CopyStore.Progress(Optional.empty(), 0, 0));
        List<Finding> findings = new ArrayList<>();
        long[] found = {0};
        Anchor anchor =
                target.verify(finding -> {
                    if (found[0]++ == 0) {
                        findings.add(finding);
                    }
                });
        if (found[0] > 0) {
            throw new CorruptedException(
                    "the copy at "
                            + target.name()
                            + " has "
                            + found[0]
                            + (found[0] == 1 ? " place" : " places")
                            + " not as written, the first: "
                            + findings.getFirst()
                            + ". It stays closed. Run `perdure verify` on "
                            + from
                            + " and on the copy; remove the copy before another attempt.");
        }
        if (!anchor.equals(source.anchor())) {
            throw differs("its entries have the anchor " + anchor + ", the source has " + source.anchor());
        }
        target.look(copy -> {
            for (StorePart part : StorePart.values()) {
                compare(part, copy);
            }
            return true;
        });
        return report(resumed);
    }

    private void compare(StorePart part, WholeStore.Contents copy) {
        if (source.count(part) != copy.count(part)) {
            throw differs("it has " + copy.count(part) + " " + part.words() + ", the source " + source.count(part));
        }
        boolean small = part == StorePart.QUEUES || part == StorePart.RUNS || part == StorePart.MESSAGES;
        if (small && !SumOfRows.of(part, source).equals(SumOfRows.of(part, copy))) {
            throw differs("its " + part.words() + " are others than those of the source");
        }
    }

    private ConflictException differs(String how) {
        return new ConflictException(
                "the copy at "
                        + target.name()
                        + " is not what "
                        + from
                        + " holds: "
                        + how
                        + ". Somebody wrote to it meanwhile. It stays closed; remove it and copy again.");
    }

    CopyStore.Report report(boolean resumed) {
        Map<StorePart, Long> rows = new EnumMap<>(StorePart.class);
        for (StorePart part : StorePart.values()) {
            rows.put(part, source.count(part));
        }
        return new CopyStore.Report(from, target.name(), rows, bytes, resumed, source.anchor());
    }
}
