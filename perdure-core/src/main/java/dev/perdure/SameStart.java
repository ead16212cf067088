package dev.perdure;

import dev.perdure.error.ConflictException;
import dev.perdure.journal.Event;
import dev.perdure.journal.Plain;
import dev.perdure.journal.RunId;
import dev.perdure.store.PrunedRun;
import dev.perdure.store.QueuePlace;
import dev.perdure.store.RunRecord;

import java.util.Optional;

/// What starting an id means whose run is there: the same run, if what the start says of it is true; otherwise an
/// error.
///
/// A start says a workflow and an input, always. A group, a queue or a key it says if it names them: they decide which
/// workers execute the run and beside how many others, and whoever names one relies on it. What only orders or
/// describes (priority, session, deadline) is the first start's, so that a repeated start may leave it out or compute
/// it anew. The answer does not depend on how far the run is.
final class SameStart {
    private SameStart() {}

    /// The run that is there.
    ///
    /// @throws ConflictException if it is another one than the start says
    static RunRecord of(Engine engine, Workflow<?, ?> workflow, RunId id, Plain input, StartOptions options) {
        RunRecord there =
                engine.store()
                        .find(id)
                        .orElseThrow(() ->
                                engine.store()
                                        .pruned(id)
                                        .map(PrunedRun::taken)
                                        .orElseGet(() ->
                                                new ConflictException("run " + id + " was there and is not any more")));
        if (!there.workflow().equals(workflow.name())) {
            throw conflict(id, "of workflow " + there.workflow() + " instead of " + workflow.name());
        }
        boolean sameInput =
                Enqueue.firstEntry(engine, id).event() instanceof Event.RunStarted begun
                        && begun.input().valueDigest().equals(Optional.of(input.valueDigest()));
        if (!sameInput) {
            throw conflict(id, "with another input");
        }
        checkWhere(there, options);
        return there;
    }

    /// Looks at what the start names of group, queue and key.
    ///
    /// @throws ConflictException if the run is elsewhere
    static void checkWhere(RunRecord there, StartOptions options) {
        Optional<String> group = options.group().filter(named -> !named.equals(there.group()));
        if (group.isPresent()) {
            throw elsewhere(there.id(), "group " + there.group(), "group " + group.get(), "group");
        }
        Optional<String> place = there.place().map(SameStart::text);
        Optional<String> named = options.place().map(SameStart::text);
        if (named.isPresent() && !named.equals(place)) {
            throw elsewhere(there.id(), place.orElse("no queue"), named.get(), "queue");
        }
    }

    private static String text(QueuePlace place) {
        return "queue " + place.queue() + (place.key().isEmpty() ? "" : " with key " + place.key());
    }

    private static ConflictException conflict(RunId id, String what) {
        return new ConflictException(
                "run "
                        + id
                        + " exists already, "
                        + what
                        + ". Use another id, or start it with what it was started with to get the same run.");
    }

    private static ConflictException elsewhere(RunId id, String is, String named, String what) {
        return new ConflictException(
                "run "
                        + id
                        + " exists already, in "
                        + is
                        + " instead of "
                        + named
                        + ", and stays there. Leave the "
                        + what
                        + " out to get the same run, or use another id.");
    }
}
