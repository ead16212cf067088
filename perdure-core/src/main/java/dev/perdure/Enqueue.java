package dev.perdure;

import dev.perdure.error.ConflictException;
import dev.perdure.error.InvalidInputException;
import dev.perdure.error.PerdureException;
import dev.perdure.journal.Digest;
import dev.perdure.journal.Entry;
import dev.perdure.journal.Event;
import dev.perdure.journal.Path;
import dev.perdure.journal.Plain;
import dev.perdure.journal.RunId;
import dev.perdure.runtime.HeadConflictException;
import dev.perdure.runtime.JournalReader;
import dev.perdure.runtime.RunJournal;
import dev.perdure.runtime.RunJournal.With;
import dev.perdure.store.PrunedRun;
import dev.perdure.store.QueuePlace;
import dev.perdure.store.RunAppend.NewRun;
import dev.perdure.store.Serves;
import dev.perdure.value.LogicalType;

import java.util.Optional;

/// Records a run for a worker to execute, by a process that need not know its workflow. Idempotent by id: started again
/// with the same workflow and input, it is the same run.
///
/// @param id the run's id
/// @param input its input
/// @param type the input's type
/// @param group the group of workers that executes it
/// @param parent who is to hear of its end, if anybody
/// @param place where it waits for its turn, if it does
record Enqueue(
        RunId id,
        String workflow,
        int version,
        Optional<String> session,
        Plain input,
        LogicalType type,
        Optional<String> group,
        Optional<Event.Parent> parent,
        Optional<QueuePlace> place) {
    /// One of the default group, of whose end nobody hears, in no queue.
    Enqueue(RunId id, String workflow, int version, Optional<String> session, Plain input, LogicalType type) {
        this(id, workflow, version, session, input, type, Optional.empty());
    }

    /// One of whose end nobody hears, in no queue.
    Enqueue(
            RunId id,
            String workflow,
            int version,
            Optional<String> session,
            Plain input,
            LogicalType type,
            Optional<String> group) {
        this(id, workflow, version, session, input, type, group, Optional.empty(), Optional.empty());
    }

    /// Records it, durably when this returns.
    ///
    /// @return whether it was not there before
    /// @throws ConflictException if the id is taken by a run of another workflow or input
    boolean on(Engine engine) {
        RunJournal journal = new RunJournal(id, 0, 0, -1, Digest.ZERO, 0, engine.commits(), engine.clock());
        try {
            journal.commit(
                    Path.ROOT,
                    With.create(
                            new NewRun(
                                    workflow,
                                    version,
                                    session,
                                    Optional.empty(),
                                    place,
                                    group.orElse(Serves.DEFAULT_GROUP))),
                    slots -> new Event.RunStarted(workflow, version, session, parent, slots.compared(input, type)));
            return true;
        } catch (HeadConflictException exists) {
            if (!isThere(engine)) {
                throw new ConflictException(
                        "run " + id + " exists already, of another workflow or with another input. Use another id.");
            }
            return false;
        }
    }

    /// As [#on], for an id that follows from what the run is for: if it was pruned since, it was there before.
    boolean onceOn(Engine engine) {
        try {
            return on(engine);
        } catch (ConflictException e) {
            if (engine.store().pruned(id).filter(was -> was.workflow().equals(workflow)).isPresent()) {
                return false;
            }
            throw e;
        }
    }

    private boolean isThere(Engine engine) {
        return firstEntry(engine, id).event() instanceof Event.RunStarted begun
                && begun.workflow().equals(workflow)
                && begun.input().valueDigest().equals(Optional.of(input.valueDigest()));
    }

    /// The first entry of a run that is there.
    ///
    /// @throws ConflictException if it was pruned meanwhile
    static Entry firstEntry(Engine engine, RunId id) {
        try {
            return new JournalReader(engine.store(), id, 0).entry(0);
        } catch (InvalidInputException gone) {
            throw engine.store().pruned(id).<PerdureException>map(PrunedRun::taken).orElse(gone);
        }
    }
}
