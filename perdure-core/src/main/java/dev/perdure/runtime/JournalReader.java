package dev.perdure.runtime;

import dev.perdure.error.CorruptedException;
import dev.perdure.error.PerdureException;
import dev.perdure.error.UnavailableException;
import dev.perdure.journal.Content;
import dev.perdure.journal.Digest;
import dev.perdure.journal.EncodedEntry;
import dev.perdure.journal.Entry;
import dev.perdure.journal.EntryCodec;
import dev.perdure.journal.Leaf;
import dev.perdure.journal.RunId;
import dev.perdure.journal.Unpacker;
import dev.perdure.store.PrunedRun;
import dev.perdure.store.RunStore;

import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.function.Predicate;
import java.util.function.Supplier;

/// Reads one run's journal: entries checked against their digests, and payloads put together from where they lie.
///
/// What was read for a payload is remembered until [#forget], so that lists sharing leaves read them once. Thread-safe.
public final class JournalReader implements Unpacker.Source {
    private static final int PAGE = 512;
    private static final int NEAR = 64;
    private static final int MAX_REMEMBERED = 50_000;

    private final RunStore store;
    private final RunId run;
    private final int branch;
    private final Consumer<PerdureException> onTrouble;
    private final Map<Long, Entry> remembered = new TreeMap<>();
    private final Map<Digest, Leaf> leaves = new HashMap<>();
    private final Unpacker unpacker = new Unpacker(this);

    public JournalReader(RunStore store, RunId run, int branch) {
        this(store, run, branch, _ -> {});
    }

    /// @param onTrouble told when the store cannot be reached, or what it holds is damaged; may throw something else
    ///   than is thrown otherwise
    public JournalReader(RunStore store, RunId run, int branch, Consumer<PerdureException> onTrouble) {
        this.onTrouble = onTrouble;
        this.store = store;
        this.run = run;
        this.branch = branch;
    }

    private <T> T asking(Supplier<T> question) {
        try {
            return question.get();
        } catch (UnavailableException | CorruptedException trouble) {
            onTrouble.accept(trouble);
            throw trouble;
        }
    }

    /// Whether it reads this journal.
    public boolean reads(RunId otherRun, int otherBranch) {
        return run.equals(otherRun) && branch == otherBranch;
    }

    /// All entries from `fromSequence` on, in order, each checked to follow the one before.
    ///
    /// @throws dev.perdure.error.InvalidInputException if the run was pruned meanwhile: what was read is not all of it
    public void forEach(long fromSequence, Consumer<Entry> consumer) {
        Digest parent = fromSequence == 0 ? Digest.ZERO : entry(fromSequence - 1).digest();
        long next = fromSequence;
        while (true) {
            long from = next;
            List<EncodedEntry> page = asking(() -> store.read(run, branch, from, PAGE));
            for (EncodedEntry encoded : page) {
                Entry entry = EntryCodec.decode(run, branch, encoded, parent);
                consumer.accept(entry);
                parent = entry.digest();
                next++;
            }
            if (page.isEmpty()) { // the end, or no run any more
                asking(() -> store.pruned(run))
                        .ifPresent(was -> {
                            throw was.gone();
                        });
            }
            if (page.size() < PAGE) {
                return;
            }
        }
    }

    /// The entries from `fromSequence` down, at most `limit` of them, descending; each checked against the digest of
    /// the one below it, which is read along.
    List<Entry> back(long fromSequence, int limit) {
        List<EncodedEntry> page = asking(() -> store.readBack(run, branch, fromSequence, limit + 1));
        List<Entry> entries = new ArrayList<>();
        for (int i = 0; i < Math.min(page.size(), limit); i++) {
            EncodedEntry encoded = page.get(i);
            if (encoded.sequence() != fromSequence - i || (i + 1 == page.size() && encoded.sequence() != 0)) {
                throw missing(fromSequence - i);
            }
            Digest parent = encoded.sequence() == 0 ? Digest.ZERO : page.get(i + 1).digest();
            entries.add(EntryCodec.decode(run, branch, encoded, parent));
        }
        return entries;
    }

    /// The entries from `fromSequence` down, each checked against the digest of the one below it, as long as `more`
    /// says so of the last one.
    public void backWhile(long fromSequence, Predicate<Entry> more) {
        long next = fromSequence;
        while (next >= 0) {
            for (Entry entry : back(next, NEAR)) {
                if (!more.test(entry)) {
                    return;
                }
                next = entry.sequence() - 1;
            }
        }
    }

    /// One entry.
    public Entry entry(long sequence) {
        return asking(() -> {
            List<Entry> found = back(sequence, 1);
            if (found.isEmpty()) {
                throw missing(sequence);
            }
            return found.getFirst();
        });
    }

    /// What is told of an entry that is not there: the run was pruned since it was looked up, or the store is damaged.
    private PerdureException missing(long sequence) {
        return asking(() -> store.pruned(run))
                .<PerdureException>map(PrunedRun::gone)
                .orElseGet(() ->
                        new CorruptedException(
                                "run " + run + " has no entry " + sequence + ". Run `perdure verify " + run + "`."));
    }

    /// The JSON of a content of `entry`.
    public synchronized byte[] json(Entry entry, Content content) {
        if (remembered.size() > MAX_REMEMBERED) {
            forget();
        }
        remembered.putIfAbsent(entry.sequence(), entry);
        return asking(() -> unpacker.json(content, entry.describe()));
    }

    /// Takes note of a journal's first entry, as it was written just now.
    public void remember(EncodedEntry first) {
        remember(List.of(EntryCodec.decode(run, branch, first, Digest.ZERO)));
    }

    /// The entries up to `headSequence`, if all of them are the first and it is remembered.
    synchronized Optional<List<Entry>> rememberedUpTo(long headSequence) {
        return headSequence == 0 ? Optional.ofNullable(remembered.get(0L)).map(List::of) : Optional.empty();
    }

    /// Takes note of entries that were read anyway.
    synchronized void remember(Collection<Entry> entries) {
        entries.forEach(entry -> remembered.putIfAbsent(entry.sequence(), entry));
    }

    /// What was read so far, in order of sequence.
    synchronized List<Entry> remembered() {
        return List.copyOf(remembered.values());
    }

    synchronized Map<Digest, Leaf> leaves() {
        return Map.copyOf(leaves);
    }

    /// Drops what was remembered.
    public synchronized void forget() {
        remembered.clear();
        leaves.clear();
    }

    @Override
    public synchronized void expect(Set<Long> sequences) {
        List<Long> missing = sequences.stream().filter(sequence -> !remembered.containsKey(sequence)).sorted().toList();
        int i = missing.size() - 1;
        while (i >= 0) { // neighbours are read together, from above
            int first = i;
            while (first > 0
                    && missing.get(first) - missing.get(first - 1) <= NEAR
                    && missing.get(i) - missing.get(first - 1) < PAGE) {
                first--;
            }
            int count = (int) (missing.get(i) - missing.get(first)) + 1;
            if (remembered.size() > MAX_REMEMBERED) {
                remembered.clear();
            }
            remember(back(missing.get(i), count));
            i = first - 1;
        }
    }

    @Override
    public synchronized List<Content> contents(long sequence) {
        Entry entry = remembered.get(sequence);
        if (entry == null) {
            entry = entry(sequence);
            remembered.put(sequence, entry);
        }
        return entry.event().contents();
    }

    @Override
    public synchronized Leaf shared(Digest digest) {
        Leaf known = leaves.get(digest);
        if (known != null) {
            return known;
        }
        Optional<Leaf> leaf = asking(() -> store.shared(digest));
        if (leaf.isEmpty()) {
            throw new CorruptedException(
                    "run "
                            + run
                            + " names the shared payload "
                            + digest.abbreviated()
                            + ", which is not in the store. Run `perdure verify "
                            + run
                            + "`.");
        }
        if (!leaf.get().digest().equals(digest)) {
            throw new CorruptedException(
                    "the shared payload "
                            + digest.abbreviated()
                            + " named by run "
                            + run
                            + " was changed after it was written. Run `perdure verify "
                            + run
                            + "`.");
        }
        leaves.put(digest, leaf.get());
        return leaf.get();
    }
}
