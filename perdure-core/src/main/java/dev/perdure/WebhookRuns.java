package dev.perdure;

import dev.perdure.WebhookEvents.Told;
import dev.perdure.error.ConflictException;
import dev.perdure.journal.RunId;
import dev.perdure.store.InboxMessage;
import dev.perdure.store.RunRecord;
import dev.perdure.value.LogicalType;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/// Delivers what webhooks are told, durably, by runs of Perdure's own.
///
/// A webhook has one run that hears of everything (its *teller*): a loop that takes a message and starts a run which
/// delivers it. So a message is lost at no point, and a receiver that is away holds no other message up. A delivery
/// that was made and not recorded is made again, under the same id.
///
/// Their workflows are named after the webhook, so that only workers which have it, and its secret, execute them.
final class WebhookRuns {
    /// The name of the notices that bring a teller its messages.
    static final String TOLD = "told";

    private static final LogicalType TYPE = LogicalType.of(Told.class);
    private static final String TELLER = SystemRuns.PREFIX + "webhooks";
    private static final String DELIVERY = SystemRuns.PREFIX + "webhook";

    /// 5 s, 25 s, 2 min, 10 min, 52 min, 4 h, 22 h, then each day: about five days.
    private static final Retry RETRY =
            Retry.upTo(12)
                    .from(Duration.ofSeconds(5))
                    .growingBy(5)
                    .atMost(Duration.ofDays(1))
                    .withJitter(0.2)
                    .notOn(GoneException.class);

    private static final Step DELIVER = Step.atLeastOnce().retry(RETRY).timeout(Duration.ofSeconds(45));

    /// An attempt that failed. The receiver's address is no part of what it says.
    static class RefusedException extends IOException {
        RefusedException(String message) {
            super(message);
        }
    }

    /// The receiver wants no more messages.
    static final class GoneException extends RefusedException {
        GoneException(String message) {
            super(message);
        }
    }

    private final Engine engine;
    private final WebhookPost post;

    WebhookRuns(Engine engine, WebhookPost post) {
        this.engine = engine;
        this.post = post;
    }

    static RunId teller(String webhook) {
        return new RunId(TELLER + "/" + webhook);
    }

    List<Workflow<?, ?>> workflowsFor(Webhook hook) {
        return List.of(
                Workflow.ofPerdure(TELLER + ":" + hook.name(), String.class, Long.class, this::tell),
                Workflow.ofPerdure(
                        DELIVERY + ":" + hook.name(),
                        Told.class,
                        Integer.class,
                        (run, told) -> deliver(hook, run, told)));
    }

    /// Whether runs of this workflow deliver messages to webhooks: each is over once it has delivered one.
    static boolean isDelivery(String workflow) {
        return workflow.startsWith(DELIVERY + ":");
    }

    /// Makes the run that hears of everything, unless it is there.
    ///
    /// @throws ConflictException if somebody has ended it
    void prepare(Webhook hook) {
        RunId id = teller(hook.name());
        Optional<RunRecord> there = engine.store().find(id);
        if (there.isPresent() && there.get().status().ended()) {
            throw new ConflictException(
                    "webhook "
                            + hook.name()
                            + " has no ear any more: somebody ended run "
                            + id
                            + ". Register it under another name.");
        }
        if (there.isEmpty()) {
            boolean _ =
                    new Enqueue(
                                    id,
                                    TELLER + ":" + hook.name(),
                                    1,
                                    Optional.of(TELLER),
                                    engine.values().plain(hook.name(), String.class, "the webhook's name"),
                                    LogicalType.of(String.class))
                            .on(engine);
        }
    }

    private Long tell(Run run, String hook) {
        return run.loop(
                "turn",
                Long.class,
                0L,
                (turn, count) -> {
                    Told told = notice(turn);
                    turn.step("hand over", Step.atLeastOnce().retry(Retry.upTo(1_000_000)), () -> handOver(hook, told));
                    return Loop.next(count + 1);
                });
    }

    private static Told notice(Run turn) {
        WaitCall wait = new WaitCall(turn.strand(), turn.nextPath("notice", TOLD));
        return wait.message("a notice", (kind, _) -> kind.equals(InboxMessage.NOTICE), _ -> TYPE, Optional.empty())
                .map(taken -> wait.<Told>read(taken.json(), Told.class, "a notice"))
                .orElseThrow();
    }

    private void handOver(String hook, Told told) {
        boolean _ =
                new Enqueue(
                                new RunId(DELIVERY + "/" + hook + "/" + told.id()),
                                DELIVERY + ":" + hook,
                                1,
                                Optional.of(TELLER),
                                engine.values().plain(told, Told.class, "the webhook's message"),
                                LogicalType.of(Told.class))
                        .onceOn(engine);
    }

    private Integer deliver(Webhook hook, Run run, Told told) {
        return run.step("deliver", Integer.class, DELIVER, () -> deliver(hook, told));
    }

    private int deliver(Webhook hook, Told told) throws IOException {
        WebhookPost.Answer answer;
        try {
            answer = post.send(hook, told.id(), told.message().getBytes(StandardCharsets.UTF_8));
        } catch (RefusedException refused) {
            throw refused;
        } catch (IOException e) { // its message may name the address
            throw new RefusedException(hook + " was not reached: " + e.getClass().getSimpleName());
        }
        String says = hook + " answered with status " + answer.status();
        int status = answer.status();
        if (status < 300) {
            return status;
        } else if (status == 410) {
            throw new GoneException(says + ": it wants no more messages");
        } else if ((status == 429 || status == 503) && !answer.retryAfter().isEmpty()) {
            throw RetryAfterException.fromHeader(answer.retryAfter(), Duration.ofMinutes(5));
        }
        throw new RefusedException(
                says + (status < 400 ? ", a redirect, which is not followed. Register the new address" : ""));
    }
}
