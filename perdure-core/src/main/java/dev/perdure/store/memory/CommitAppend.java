package dev.perdure.store.memory;

import dev.perdure.error.ConflictException;
import dev.perdure.error.InvalidInputException;
import dev.perdure.journal.Digest;
import dev.perdure.journal.EncodedEntry;
import dev.perdure.journal.RunId;
import dev.perdure.store.AppendOutcome;
import dev.perdure.store.AppendOutcome.Committed;
import dev.perdure.store.AppendOutcome.Conflict;
import dev.perdure.store.AppendOutcome.Fenced;
import dev.perdure.store.AppendOutcome.Refused;
import dev.perdure.store.InboxMessage;
import dev.perdure.store.RunAppend;
import dev.perdure.store.RunAppend.IndexChange;
import dev.perdure.store.RunStore;

import org.jspecify.annotations.Nullable;

import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// Commits one append: first every condition is checked, then everything is written, so that nothing is half-written.
final class CommitAppend {
    private final MemoryState state;

    CommitAppend(MemoryState state) {
        this.state = state;
    }

    AppendOutcome commit(RunAppend append) {
        StoredRun run = state.runs.get(append.run());
        if (append.create().isPresent() && state.pruned.containsKey(append.run())) {
            return new Refused(state.pruned.get(append.run()).taken());
        }
        Optional<AppendOutcome> objection = objection(run, append).or(() -> overfull(append));
        if (objection.isPresent()) {
            return objection.get();
        }
        write(run != null ? run : make(append), append);
        return new Committed();
    }

    private static Optional<AppendOutcome> objection(@Nullable StoredRun run, RunAppend append) {
        if (run == null) {
            if (append.create().isEmpty() || !append.expectedHead().equals(Digest.ZERO)) {
                return Optional.of(new Conflict(-1, Digest.ZERO));
            }
            return malformed(append, append.branch(), 0);
        }
        if (holds(run, append)) {
            return Optional.of(new Committed()); // a repetition: everything was done the first time
        }
        if (append.create().isPresent()) {
            return Optional.of(new Conflict(run.headSequence, run.headDigest));
        }
        if (append.epoch() != run.epoch) {
            return Optional.of(new Fenced(run.epoch));
        }
        if (!append.expectedHead().equals(run.headDigest)) {
            return Optional.of(new Conflict(run.headSequence, run.headDigest));
        }
        return malformed(append, run.branch, run.headSequence + 1).or(() -> missingMessage(run, append));
    }

    private static Optional<AppendOutcome> missingMessage(StoredRun run, RunAppend append) {
        return append.consumed().stream()
                .filter(message -> !run.inbox.containsKey(message))
                .findFirst()
                .map(message ->
                        new Refused(
                                new ConflictException(
                                        "run "
                                                + run.id
                                                + " cannot consume message "
                                                + message
                                                + ": it was never delivered, or is consumed already. Nothing was"
                                                + " written. Read the inbox again.")));
    }

    private Optional<AppendOutcome> overfull(RunAppend append) {
        Map<RunId, Set<String>> fresh = new HashMap<>();
        Set<StoredRun> bounded = new HashSet<>();
        for (InboxMessage message : append.send()) {
            StoredRun to = state.runs.get(message.run());
            if (to != null && !to.delivered.contains(message.id())) {
                fresh.computeIfAbsent(to.id, _ -> new HashSet<>()).add(message.id());
                if (message.isBounded()) {
                    bounded.add(to);
                }
            }
        }
        for (StoredRun to : bounded) {
            int taken = to.id.equals(append.run()) ? append.consumed().size() : 0;
            int sent = fresh.getOrDefault(to.id, Set.of()).size();
            if (to.inbox.size() - taken + sent > RunStore.MAX_WAITING) {
                return Optional.of(new Refused(RunStore.full(to.id)));
            }
        }
        return Optional.empty();
    }

    /// Whether the journal holds these very entries. A digest covers all entries before it, so the last one decides.
    private static boolean holds(StoredRun run, RunAppend append) {
        long sequence = append.last().sequence();
        if (append.create().isPresent()
                && (run.headSequence != sequence
                        || run.epoch != append.epoch()
                        || !run.holder.equals(append.create().get().holder()))) {
            return false; // two that make one run in the same millisecond make equal entries: only one of them did
        }
        return append.branch() == run.branch
                && sequence >= 0
                && sequence < run.entries.size()
                && run.entries.get((int) sequence).digest().equals(append.last().digest());
    }

    private static Optional<AppendOutcome> malformed(RunAppend append, int branch, long nextSequence) {
        if (append.branch() != branch) {
            return Optional.of(
                    refused(
                            "run %s is on branch %d, the append is for branch %d"
                                    .formatted(append.run(), branch, append.branch())));
        }
        long expected = nextSequence;
        for (EncodedEntry entry : append.entries()) {
            if (entry.sequence() != expected++) {
                return Optional.of(
                        refused(
                                "run %s: entry %d was appended where entry %d belongs"
                                        .formatted(append.run(), entry.sequence(), expected - 1)));
            }
        }
        return Optional.empty();
    }

    private static Refused refused(String what) {
        return new Refused(
                new InvalidInputException(what + ". Nothing was written. Read the run's head and append after it."));
    }

    private StoredRun make(RunAppend append) {
        StoredRun run =
                new StoredRun(
                        ++state.made,
                        append.run(),
                        append.branch(),
                        append.create().orElseThrow(),
                        append.timeMillis());
        state.runs.put(run.id, run);
        return run;
    }

    private void write(StoredRun run, RunAppend append) {
        List<EncodedEntry> entries = append.entries();
        run.entries.addAll(entries);
        for (EncodedEntry entry : entries) {
            state.chain.add(new MemoryState.Link(run.id, entry.sequence(), entry.digest()));
            state.chainHead = MemoryState.link(state.chainHead, entry.digest());
        }
        append.shared().forEach(state.shared::putIfAbsent);
        append.consumed().forEach(run.inbox::remove);
        run.headSequence = append.last().sequence();
        run.headDigest = append.last().digest();
        run.updatedMillis = append.timeMillis();
        run.idleClaims = 0;
        append.change().ifPresent(change -> apply(run, change));
        append.send().forEach(message -> state.run(message.run()).ifPresent(target -> target.deliver(message)));
    }

    private static void apply(StoredRun run, IndexChange change) {
        run.show(change.status(), change.reason(), change.wakeAtMillis());
        if (change.release()) {
            run.release();
        }
    }
}
