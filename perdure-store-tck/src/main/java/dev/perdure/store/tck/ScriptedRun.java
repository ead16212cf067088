package dev.perdure.store.tck;

import dev.perdure.journal.Content;
import dev.perdure.journal.Digest;
import dev.perdure.journal.Effect;
import dev.perdure.journal.EncodedEntry;
import dev.perdure.journal.EntryCodec;
import dev.perdure.journal.Event;
import dev.perdure.journal.Leaf;
import dev.perdure.journal.Packer;
import dev.perdure.journal.Path;
import dev.perdure.journal.Plain;
import dev.perdure.journal.RunId;
import dev.perdure.store.InboxMessage;
import dev.perdure.store.QueuePlace;
import dev.perdure.store.RunAppend;
import dev.perdure.store.RunAppend.IndexChange;
import dev.perdure.store.RunAppend.NewRun;
import dev.perdure.store.RunStatus;
import dev.perdure.store.Serves;
import dev.perdure.store.WorkflowVersion;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// Writes the journal of one run as the runtime would: real entries, real payloads, heads assigned as they are made.
///
/// Each call that makes an append moves the assumed head on; [#forget] takes the last one back. Not thread-safe.
final class ScriptedRun {
    static final String WORKFLOW = "chat";
    static final WorkflowVersion VERSION = new WorkflowVersion(WORKFLOW, 1);

    private final RunId id;
    private final Packer packer = new Packer();
    private String workflow = WORKFLOW;
    private Optional<String> session = Optional.empty();
    private Optional<String> holder = Optional.empty();
    private Optional<QueuePlace> place = Optional.empty();
    private int version = 1;
    private String group = Serves.DEFAULT_GROUP;
    private long epoch;
    private long timeMillis = StoreTests.T0;
    private Head head = new Head(-1, Digest.ZERO);
    private Head before = head;

    record Head(long sequence, Digest digest) {}

    ScriptedRun(String id) {
        this.id = new RunId(id);
    }

    RunId id() {
        return id;
    }

    Head head() {
        return head;
    }

    ScriptedRun of(String otherWorkflow) {
        workflow = otherWorkflow;
        return this;
    }

    ScriptedRun inVersion(int other) {
        version = other;
        return this;
    }

    ScriptedRun inGroup(String name) {
        group = name;
        return this;
    }

    ScriptedRun inSession(String name) {
        session = Optional.of(name);
        return this;
    }

    ScriptedRun inQueue(String queue, String key, int priority) {
        place = Optional.of(new QueuePlace(queue, key, priority));
        return this;
    }

    ScriptedRun heldBy(String worker) {
        holder = Optional.of(worker);
        epoch = 1;
        return this;
    }

    ScriptedRun underEpoch(long newEpoch) {
        epoch = newEpoch;
        return this;
    }

    ScriptedRun at(long newTimeMillis) {
        timeMillis = newTimeMillis;
        return this;
    }

    /// Takes back the head that the last append assumed, as the runtime does when it was not committed.
    ScriptedRun forget() {
        head = before;
        return this;
    }

    /// Goes on from another head than the one assumed.
    void goTo(Head other) {
        head = other;
    }

    /// The append that makes the run.
    Draft started() {
        return new Draft().startingWith("{\"topic\":\"" + id + "\"}");
    }

    /// An append of completed steps with these results.
    Draft steps(String... resultsAsJson) {
        Draft draft = new Draft();
        for (String json : resultsAsJson) {
            draft.step(json);
        }
        return draft;
    }

    /// The append that ends the run, and its lease.
    Draft ended(RunStatus how) {
        return new Draft().ending(how);
    }

    InboxMessage message(String messageId) {
        return new InboxMessage(
                id, messageId, InboxMessage.CANCEL, "", "{\"reason\":\"" + messageId + "\"}", timeMillis);
    }

    /// An append in the making.
    final class Draft {
        private final Head follows = head;
        private final List<EncodedEntry> entries = new ArrayList<>();
        private final Map<Digest, Leaf> shared = new HashMap<>();
        private List<String> consumed = List.of();
        private List<InboxMessage> send = List.of();
        private Optional<IndexChange> change = Optional.empty();
        private Optional<NewRun> create = Optional.empty();

        private Draft() {
            before = head;
        }

        private Draft startingWith(String input) {
            create = Optional.of(new NewRun(workflow, version, session, holder, place, group));
            return add(Path.ROOT, new Event.RunStarted(workflow, version, session, content(input)));
        }

        private void step(String json) {
            add(
                    Path.ROOT.child("step-" + (head.sequence() + 1)),
                    new Event.StepCompleted(Effect.AT_LEAST_ONCE, 1, timeMillis, Optional.empty(), content(json)));
        }

        private Content content(String json) {
            return packer.pack(Plain.of(json), "test.Value", 1, false, head.sequence() + 1, 0, shared);
        }

        private Draft add(Path path, Event event) {
            EncodedEntry entry =
                    EntryCodec.encode(id, 0, head.sequence() + 1, epoch, timeMillis, path, event, head.digest());
            entries.add(entry);
            head = new Head(entry.sequence(), entry.digest());
            return this;
        }

        Draft consuming(String... messages) {
            consumed = List.of(messages);
            return this;
        }

        Draft sending(InboxMessage... messages) {
            send = List.of(messages);
            return this;
        }

        /// Ends the lease with this append.
        Draft releasing(RunStatus status, String reason, Optional<Long> wakeAtMillis) {
            change = Optional.of(new IndexChange(status, reason, wakeAtMillis, true));
            return this;
        }

        /// Ends the run with these entries.
        Draft ended(RunStatus how) {
            return ending(how);
        }

        private Draft ending(RunStatus how) {
            Event end =
                    switch (how) {
                        case COMPLETED -> new Event.RunCompleted(content("{\"ended\":\"" + id + "\"}"));
                        case FAILED -> new Event.RunFailed(-1, "", content("{\"failed\":\"" + id + "\"}"));
                        default -> new Event.RunCancelled("asked to");
                    };
            return add(Path.ROOT, end).releasing(how, "", Optional.empty());
        }

        /// Changes the index and keeps the lease.
        Draft showing(RunStatus status, String reason) {
            change = Optional.of(new IndexChange(status, reason, Optional.empty(), false));
            return this;
        }

        Map<Digest, Leaf> shared() {
            return shared;
        }

        RunAppend build() {
            return new RunAppend(
                    id, 0, epoch, follows.digest(), entries, timeMillis, shared, consumed, send, change, create);
        }
    }
}
