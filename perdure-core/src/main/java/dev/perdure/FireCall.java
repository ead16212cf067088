package dev.perdure;

import dev.perdure.error.ConflictException;
import dev.perdure.error.InvalidInputException;
import dev.perdure.journal.Digest;
import dev.perdure.value.LogicalType;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.nio.charset.StandardCharsets;
import java.util.Optional;

/// One firing of a trigger, in a turn of the trigger's run: waits for a message and starts the run it asks for.
///
/// @param turn the turn's run
record FireCall(Run turn, Trigger trigger) {
    private static final Logger LOG = LoggerFactory.getLogger(FireCall.class);
    private static final LogicalType TYPE = new LogicalType("perdure.Firing", 1);

    void once() {
        Strand strand = turn.strand();
        WaitCall.Taken taken =
                new WaitCall(strand, turn.nextPath("firing", "event"))
                        .message("an event", trigger::firesOn, _ -> TYPE, Optional.empty())
                        .orElseThrow();
        ChildOptions options = trigger.startedBy(taken.message()).orElseGet(() -> byDigest(taken.message()));
        Workflow<?, ?> target = trigger.target();
        try {
            Object input =
                    strand.execution()
                            .engine()
                            .values()
                            .read(taken.json(), target.input(), "the input of workflow " + target.name());
            new ChildCall(strand, turn.nextPath("child", "start"), "start", target, options)
                    .start(input, target.output());
        } catch (InvalidInputException | ConflictException refused) { // the same on replay
            LOG.warn(
                    "trigger {} starts no run for message {}: {}",
                    trigger.name(),
                    taken.message(),
                    refused.getMessage());
        }
    }

    private ChildOptions byDigest(String message) {
        String digest = Digest.over(message.getBytes(StandardCharsets.UTF_8)).hex().substring(0, 24);
        return ChildOptions.withId(trigger.name() + ":" + digest).detached();
    }
}
