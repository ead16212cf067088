package dev.perdure.runtime;

import dev.perdure.journal.Digest;
import dev.perdure.journal.EncodedEntry;
import dev.perdure.journal.Entry;
import dev.perdure.journal.EntryCodec;
import dev.perdure.journal.Event;
import dev.perdure.journal.Leaf;
import dev.perdure.journal.Packer;
import dev.perdure.journal.Path;
import dev.perdure.journal.RunId;
import dev.perdure.store.InboxMessage;
import dev.perdure.store.RunAppend;
import dev.perdure.store.RunAppend.IndexChange;
import dev.perdure.store.RunAppend.NewRun;

import java.time.Clock;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// The end of a run's journal: the head it will have if the store takes everything, and what is queued between that and
/// the committed head. It makes the entries; [RunJournal] says when they are committed, and guards it by its lock.
final class JournalTail {
    private final RunId run;
    private final int branch;
    private final long epoch;
    private final Clock clock;
    private final Packer packer = new Packer();

    private Digest head;
    private long sequence;
    private long timeMillis;
    private Digest committedHead;

    private List<EncodedEntry> pending = new ArrayList<>();
    private Map<Digest, Leaf> shared = new HashMap<>();
    private List<String> consumed = new ArrayList<>();
    private List<InboxMessage> send = new ArrayList<>();
    private Optional<IndexChange> change = Optional.empty();
    private Optional<NewRun> create = Optional.empty();

    /// An entry that is not queued: it is to be the last of an append made for it alone.
    record Last(RunJournal.Written written, RunAppend append) {}

    JournalTail(
            RunId run, int branch, long epoch, long headSequence, Digest headDigest, long headTimeMillis, Clock clock) {
        this.run = run;
        this.branch = branch;
        this.epoch = epoch;
        this.head = headDigest;
        this.committedHead = headDigest;
        this.sequence = headSequence;
        this.timeMillis = headTimeMillis;
        this.clock = clock;
    }

    void learn(List<Entry> entries, Map<Digest, Leaf> sharedLeaves) {
        entries.forEach(entry -> packer.learn(entry, sharedLeaves));
    }

    /// The sequence of the entry made last, durable or not.
    long sequence() {
        return sequence;
    }

    /// Whether nothing is queued.
    boolean isEmpty() {
        return pending.isEmpty();
    }

    /// Makes the next entry and queues it.
    RunJournal.Written add(Path path, RunJournal.With with, Draft draft) {
        RunJournal.Written written = encode(path, draft, packer, shared);
        pending.add(written.entry());
        consumed.addAll(with.messages());
        send.addAll(with.send());
        if (with.change().isPresent()) {
            change = with.change();
        }
        if (with.create().isPresent()) {
            create = with.create();
        }
        goOnFrom(written);
        return written;
    }

    /// Makes an entry and the append that commits it behind what is queued. Until [#assume] it is as if it had not been
    /// made. For the same reason its payloads name no earlier ones.
    Last last(Path path, Draft draft) {
        Map<Digest, Leaf> leaves = new HashMap<>(shared);
        RunJournal.Written written = encode(path, draft, new Packer(), leaves);
        List<EncodedEntry> entries = new ArrayList<>(pending);
        entries.add(written.entry());
        return new Last(written, append(entries, written.timeMillis(), leaves));
    }

    /// Goes on from an entry that was committed by an append of its own.
    void assume(Last last) {
        EncodedEntry entry = last.written().entry();
        packer.learn(EntryCodec.decodeUnchecked(run, branch, entry, head), last.append().shared());
        goOnFrom(last.written());
    }

    private RunJournal.Written encode(Path path, Draft draft, Packer payloads, Map<Digest, Leaf> leaves) {
        long next = sequence + 1;
        long now = Math.max(timeMillis, clock.millis());
        Event event = draft.write(new Draft.Slots(payloads, next, leaves));
        return new RunJournal.Written(EntryCodec.encode(run, branch, next, epoch, now, path, event, head), now);
    }

    private void goOnFrom(RunJournal.Written written) {
        head = written.digest();
        sequence = written.sequence();
        timeMillis = written.timeMillis();
    }

    /// An append of all that is queued.
    RunAppend append() {
        return append(pending, timeMillis, shared);
    }

    private RunAppend append(List<EncodedEntry> entries, long time, Map<Digest, Leaf> leaves) {
        return new RunAppend(run, branch, epoch, committedHead, entries, time, leaves, consumed, send, change, create);
    }

    /// What was queued is on its way in an append.
    void clear() {
        pending = new ArrayList<>();
        shared = new HashMap<>();
        consumed = new ArrayList<>();
        send = new ArrayList<>();
        change = Optional.empty();
        create = Optional.empty();
    }

    /// That append was committed.
    void committed(Digest digest) {
        committedHead = digest;
    }

    /// Nothing of it will ever be committed.
    void drop() {
        pending.clear();
    }
}
