package dev.perdure;

import dev.perdure.journal.Bond;
import dev.perdure.journal.Event;
import dev.perdure.journal.RunId;
import dev.perdure.store.InboxMessage;
import dev.perdure.store.RunRecord;
import dev.perdure.value.Values;

import tools.jackson.databind.JsonNode;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// What a run tells others when it ends, in the transaction that ends it: its parent, how; its children, that they are
/// to cancel.
final class Farewell {
    private final Execution execution;

    Farewell(Execution execution) {
        this.execution = execution;
    }

    List<InboxMessage> messages(Optional<Event.Parent> parent, ChildEnd end) {
        List<InboxMessage> all = new ArrayList<>();
        parent.filter(one -> one.bond() != Bond.DETACH)
                .ifPresent(one ->
                        all.add(
                                end.message(
                                        new RunId(one.run()),
                                        execution.id(),
                                        String.valueOf(execution.journal().lastSequence()),
                                        now())));
        if (execution.children() > 0) {
            OpenChildren open = OpenChildren.of(execution.engine(), execution.record());
            String why = "its parent run " + execution.id() + " has ended";
            open.ids().forEach(child -> all.add(cancel(child, why, open.retries())));
        }
        RunRecord run = execution.record();
        for (Trigger trigger : execution.engine().registry().firedBy(run.workflow(), end.status())) {
            all.add(fires(trigger, run, end));
        }
        return all;
    }

    private InboxMessage fires(Trigger trigger, RunRecord run, ChildEnd end) {
        Values values = execution.engine().values();
        byte[] body = end.body().getBytes(StandardCharsets.UTF_8);
        JsonNode details = values.read(body, JsonNode.class, "a run's end");
        EndedRun ended = new EndedRun(run.id().value(), run.workflow(), end.status(), Optional.of(details));
        return new InboxMessage(
                new RunId(trigger.run()),
                "end:" + run.id() + "@" + execution.journal().lastSequence(),
                InboxMessage.RUN_ENDED,
                run.workflow(),
                new String(values.write(ended, EndedRun.class, "a run's end"), StandardCharsets.UTF_8),
                now());
    }

    /// Requests to children to cancel. Made twice they are one each: the second would interrupt what a child does to
    /// clean up. But a run that was retried since may make another.
    List<InboxMessage> cancel(List<String> children, String reason) {
        long retries = children.isEmpty() ? 0 : OpenChildren.of(execution.engine(), execution.record()).retries();
        return children.stream().map(child -> cancel(child, reason, retries)).toList();
    }

    /// What ids of requests by a parent to cancel are made of.
    static String cancelId(RunId parent, long retries) {
        return "parent:" + parent + (retries == 0 ? "" : "#" + retries);
    }

    private InboxMessage cancel(String child, String reason, long retries) {
        Cancellation.Request request = new Cancellation.Request(reason);
        byte[] body = execution.engine().values().write(request, Cancellation.Request.class, "a cancel request");
        return new InboxMessage(
                new RunId(child),
                cancelId(execution.id(), retries),
                InboxMessage.CANCEL,
                "",
                new String(body, StandardCharsets.UTF_8),
                now());
    }

    private long now() {
        return execution.engine().clock().millis();
    }
}
