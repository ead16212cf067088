package dev.perdure;

import dev.perdure.journal.Bond;
import dev.perdure.journal.Entry;
import dev.perdure.journal.Event;
import dev.perdure.journal.RunId;
import dev.perdure.runtime.JournalReader;
import dev.perdure.store.InboxMessage;
import dev.perdure.store.RunRecord;
import dev.perdure.value.Values;

import tools.jackson.databind.JsonNode;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
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
            openChildren().forEach(child -> all.add(cancel(child, "its parent run " + execution.id() + " has ended")));
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

    /// A request to a child to cancel. Made twice it is one: the second would interrupt what it does to clean up.
    InboxMessage cancel(String child, String reason) {
        Cancellation.Request request = new Cancellation.Request(reason);
        byte[] body = execution.engine().values().write(request, Cancellation.Request.class, "a cancel request");
        return new InboxMessage(
                new RunId(child),
                "parent:" + execution.id(),
                InboxMessage.CANCEL,
                "",
                new String(body, StandardCharsets.UTF_8),
                now());
    }

    /// The children to be cancelled whose end was not heard; read from the whole journal, since a loop's turns that are
    /// passed over, and what a retry set aside, started some too.
    private List<String> openChildren() {
        Map<String, String> open = new LinkedHashMap<>(); // by id, the path they were started at
        new JournalReader(execution.engine().store(), execution.id(), execution.record().branch())
                .forEach(0, entry -> follow(entry, open));
        return List.copyOf(open.keySet());
    }

    private static void follow(Entry entry, Map<String, String> open) {
        switch (entry.event()) {
            case Event.ChildStarted child when child.bond() == Bond.CANCEL ->
                    open.put(child.run(), entry.path().text());
            case Event.CallRefused _ -> open.values().remove(entry.path().text());
            case Event.MessageTaken(_, String kind, String name, _) when ChildEnd.isKind(kind) -> open.remove(name);
            default -> {}
        }
    }

    private long now() {
        return execution.engine().clock().millis();
    }
}
