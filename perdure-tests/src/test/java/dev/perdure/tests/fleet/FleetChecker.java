package dev.perdure.tests.fleet;

import dev.perdure.journal.Entry;
import dev.perdure.journal.Event;
import dev.perdure.tests.fleet.HistoryFile.Line;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/// Compares what workers were told with what the journals hold, and says which guarantee does not hold.
///
/// A claim tells where the journal ended when the epoch began: what an older epoch wrote stands up to there, what comes
/// after it is of that epoch or a later one. So nothing rests on when the lines were written.
final class FleetChecker {
    private final Map<String, List<Line>> workers;
    private final Map<String, List<Entry>> journals;
    private final List<String> broken = new ArrayList<>();

    /// @param workers the history of each worker, by its name
    /// @param journals the entries of each run
    FleetChecker(Map<String, List<Line>> workers, Map<String, List<Entry>> journals) {
        this.workers = workers;
        this.journals = journals;
    }

    /// What is broken; empty: nothing.
    List<String> check() {
        checkOneHolderPerEpoch();
        journals.forEach(this::checkOrder);
        workers.forEach((worker, lines) -> {
            for (Line line : lines) {
                switch (line) {
                    case Line.Claimed claimed -> checkNothingLate(worker, claimed);
                    case Line.Acknowledged acknowledged -> checkPresent(worker, acknowledged);
                    case Line.Executed _, Line.Transacting _, Line.Released _ -> {}
                }
            }
        });
        checkExecutions();
        return broken;
    }

    private List<Entry> journal(String run) {
        return journals.getOrDefault(run, List.of());
    }

    private void checkOneHolderPerEpoch() {
        Map<String, String> holders = new HashMap<>();
        workers.forEach((worker, lines) -> {
            for (Line line : lines) {
                String epoch =
                        switch (line) {
                            case Line.Claimed claimed -> claimed.run() + " under epoch " + claimed.epoch();
                            case Line.Acknowledged told when told.epoch() > 0 ->
                                    told.run() + " under epoch " + told.epoch();
                            default -> "";
                        };
                String other = epoch.isEmpty() ? worker : holders.putIfAbsent(epoch, worker);
                if (other != null && !other.equals(worker)) {
                    broken.add(worker + " and " + other + " both held " + epoch);
                }
            }
        });
    }

    private void checkOrder(String run, List<Entry> entries) {
        for (int i = 1; i < entries.size(); i++) {
            if (entries.get(i).epoch() < entries.get(i - 1).epoch()) {
                broken.add(run + ": entry " + i + " is of an older epoch than the one before");
            }
        }
    }

    private void checkNothingLate(String worker, Line.Claimed claimed) {
        for (Entry entry : journal(claimed.run())) {
            boolean before = entry.sequence() <= claimed.head();
            if (before ? entry.epoch() >= claimed.epoch() : entry.epoch() < claimed.epoch()) {
                broken.add(
                        "%s: entry %d of epoch %d, although %s held it under epoch %d from entry %d on"
                                .formatted(
                                        claimed.run(),
                                        entry.sequence(),
                                        entry.epoch(),
                                        worker,
                                        claimed.epoch(),
                                        claimed.head()));
            }
        }
    }

    private void checkPresent(String worker, Line.Acknowledged told) {
        List<Entry> entries = journal(told.run());
        boolean present =
                told.sequence() < entries.size()
                        && entries.get((int) told.sequence()).digest().hex().equals(told.digest());
        if (!present) {
            broken.add(
                    "%s: entry %d was acknowledged to %s and is not in the journal"
                            .formatted(told.run(), told.sequence(), worker));
        }
    }

    /// Each step is executed at most once under each epoch, one that must not run twice at most once, and none under a
    /// later epoch than that in which its result was acknowledged. A transaction may be, since it rolls back: its rows
    /// are counted ([RowsChecker]).
    private void checkExecutions() {
        Map<String, Long> recorded = new HashMap<>();
        Map<String, List<Line.Executed>> executions = new TreeMap<>();
        Map<String, Long> lastBegun = new TreeMap<>();
        workers.values()
                .forEach(lines ->
                        lines.forEach(line -> {
                            switch (line) {
                                case Line.Acknowledged told -> note(told, recorded);
                                case Line.Executed body -> {
                                    String step = body.run() + " " + body.path();
                                    executions.computeIfAbsent(step, _ -> new ArrayList<>()).add(body);
                                    lastBegun.merge(step, body.epoch(), Math::max);
                                }
                                case Line.Transacting body ->
                                        lastBegun.merge(body.run() + " " + body.path(), body.epoch(), Math::max);
                                case Line.Claimed _, Line.Released _ -> {}
                            }
                        }));
        executions.forEach((step, bodies) -> {
            long epochs = bodies.stream().mapToLong(Line.Executed::epoch).distinct().count();
            long most = mustRunOnce(bodies.getFirst()) ? 1 : epochs;
            if (bodies.size() > most) {
                broken.add(step + " was executed " + bodies.size() + " times under " + epochs + " epochs");
            }
        });
        lastBegun.forEach((step, epoch) -> {
            long last = recorded.getOrDefault(step, Long.MAX_VALUE);
            if (epoch > last) {
                broken.add(step + " was executed again although its result was acknowledged under epoch " + last);
            }
        });
    }

    private void note(Line.Acknowledged told, Map<String, Long> recorded) {
        List<Entry> entries = journal(told.run());
        if (told.sequence() < entries.size()
                && entries.get((int) told.sequence()).event() instanceof Event.StepCompleted) {
            String path = entries.get((int) told.sequence()).path().text();
            recorded.merge(told.run() + " " + path, told.epoch(), Math::min);
        }
    }

    private boolean mustRunOnce(Line.Executed body) {
        return journal(body.run()).stream()
                .anyMatch(entry ->
                        entry.path().text().equals(body.path()) && entry.event() instanceof Event.StepIntended);
    }
}
