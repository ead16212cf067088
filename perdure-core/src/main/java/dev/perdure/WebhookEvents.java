package dev.perdure;

import dev.perdure.journal.Digest;
import dev.perdure.store.InboxMessage;
import dev.perdure.store.RunRecord;
import dev.perdure.value.Stored;

import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.Locale;

/// What webhooks are told of a run, as messages to the runs that hand them on ([WebhookRuns]): sent in the transaction
/// in which it happens. A process without webhooks sends none.
///
/// A message has the run, never its data. Its id follows from the journal: what is told twice is told once.
final class WebhookEvents {
    /// What the receiver gets.
    private record Message(String type, String timestamp, Data data) {}

    private record Data(String run, String workflow, int version, String status, String reason) {}

    /// A message on its way: its id, and the text that is signed and sent.
    @Stored(name = "perdure.WebhookMessage")
    record Told(String id, String message) {}

    private final Engine engine;

    WebhookEvents(Engine engine) {
        this.engine = engine;
    }

    /// What happened to a run.
    ///
    /// @param status in one word
    /// @param reason in one line without data of the run
    /// @param place tells this from other happenings of the same run: a digest of its journal, and more
    List<InboxMessage> of(RunRecord run, Webhook.On what, String status, String reason, String place) {
        List<Webhook> hooks = engine.registry().webhooks();
        if (hooks.isEmpty() || SystemRuns.isSystem(run)) {
            return List.of();
        }
        long now = engine.clock().millis();
        Data data = new Data(run.id().value(), run.workflow(), run.version(), status.toLowerCase(Locale.ROOT), reason);
        Message message = new Message(what.type(), Instant.ofEpochMilli(now).toString(), data);
        String text = text(engine.values().write(message, Message.class, "a webhook's message"));
        String key = "perdure/webhook\0" + run.id() + "\0" + what.type() + "\0" + place;
        String id = "msg_" + Digest.over(key.getBytes(StandardCharsets.UTF_8)).hex().substring(0, 32);
        String body = text(engine.values().write(new Told(id, text), Told.class, "a webhook's message"));
        return hooks.stream()
                .filter(hook -> hook.on().contains(what))
                .map(hook ->
                        new InboxMessage(
                                WebhookRuns.teller(hook.name()),
                                "notice:" + id,
                                InboxMessage.NOTICE,
                                WebhookRuns.TOLD,
                                body,
                                now))
                .toList();
    }

    /// That a run is stuck. No entry says so: it is told in the transaction that parks the run.
    List<InboxMessage> stuck(RunRecord run, String reason) {
        return of(run, Webhook.On.RUN_STUCK, "stuck", reason, run.headDigest().hex() + "@" + run.epoch());
    }

    private static String text(byte[] json) {
        return new String(json, StandardCharsets.UTF_8);
    }
}
