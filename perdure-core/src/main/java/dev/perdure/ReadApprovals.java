package dev.perdure;

import dev.perdure.journal.Entry;
import dev.perdure.journal.Event;
import dev.perdure.journal.Path;
import dev.perdure.runtime.JournalReader;
import dev.perdure.store.RunRecord;
import dev.perdure.store.RunStatus;

import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// The approvals of one run, read from its journal.
///
/// Of a run that waits as a whole the index tells which those are; the journal is read from its head down to where they
/// were asked for, and that is near. Any other run's journal is read whole. Not thread-safe.
final class ReadApprovals {
    private static final String MORE = "; and ";

    private final Engine engine;
    private final JournalReader reader;
    private final Map<String, Asked> asked = new LinkedHashMap<>();

    private record Asked(Path path, ApprovalState state) {}

    private ReadApprovals(Engine engine, RunRecord run) {
        this.engine = engine;
        this.reader = new JournalReader(engine.store(), run.id(), run.branch());
    }

    /// All approvals that were found, in the order in which they were asked for; at the same path the latest.
    static ReadApprovals of(Engine engine, RunRecord run) {
        Set<String> wanted = wanted(run);
        if (wanted.isEmpty()) {
            return whole(engine, run);
        }
        ReadApprovals read = new ReadApprovals(engine, run);
        List<Entry> entries = new ArrayList<>();
        read.reader.backWhile(
                run.headSequence(),
                entry -> {
                    entries.add(entry);
                    if (entry.event() instanceof Event.ApprovalRequested) {
                        wanted.remove(entry.path().text());
                    }
                    return !wanted.isEmpty();
                });
        Collections.reverse(entries);
        entries.forEach(read::add);
        return read;
    }

    /// As [#of], with those decided long ago.
    static ReadApprovals whole(Engine engine, RunRecord run) {
        ReadApprovals read = new ReadApprovals(engine, run);
        read.reader.forEach(0, read::add);
        return read;
    }

    /// The paths that the index says a run waits at; empty if it does not say all.
    private static Set<String> wanted(RunRecord run) {
        Set<String> wanted = new HashSet<>();
        if (run.status() == RunStatus.WAITING && !run.reason().contains(MORE)) {
            for (String what : List.of(run.reason().split("; ", -1))) {
                if (Approvals.isWaiting(what)) {
                    wanted.add(what.substring(Approvals.WAITING.length()));
                }
            }
        }
        return wanted;
    }

    private void add(Entry entry) {
        String path = entry.path().text();
        Asked known = asked.get(path);
        switch (entry.event()) {
            case Event.ApprovalRequested requested -> {
                asked.remove(path);
                asked.put(path, new Asked(entry.path(), ApprovalState.of(entry, requested, reader, engine.values())));
            }
            case Event.CancelTaken _ when known != null ->
                    known.state.withdrawn(entry.sequence(), "the run was cancelled");
            case Event.DeadlinePassed _ when known != null ->
                    known.state.withdrawn(entry.sequence(), "the run had its time");
            case Event.StrandsFailed _ -> asked.keySet().removeIf(other -> other.startsWith(path + "["));
            case Event.RunRetried retried -> retried(retried);
            case Event event when known != null && ApprovalState.continues(event) && !known.state.ended() ->
                    known.state.apply(entry, reader, engine.values());
            default -> {}
        }
    }

    private void retried(Event.RunRetried retried) {
        asked.values()
                .removeIf(one ->
                        one.state.sequence() >= retried.fromSequence()
                                && Path.isWithin(one.path.strandName(), retried.strand()));
        asked.values().stream()
                .filter(one -> Path.isWithin(one.path.strandName(), retried.strand()))
                .forEach(one -> one.state.retriedFrom(retried.fromSequence()));
    }

    /// What was asked for and still counts, decided or not, by path.
    Map<String, ApprovalState> all() {
        Map<String, ApprovalState> all = new LinkedHashMap<>();
        asked.forEach((path, one) -> all.put(path, one.state));
        return all;
    }

    /// What waits for a decision, by path.
    Map<String, ApprovalState> open() {
        Map<String, ApprovalState> open = new LinkedHashMap<>();
        asked.forEach((path, one) -> {
            if (!one.state.ended()) {
                open.put(path, one.state);
            }
        });
        return open;
    }
}
