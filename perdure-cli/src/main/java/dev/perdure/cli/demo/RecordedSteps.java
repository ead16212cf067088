package dev.perdure.cli.demo;

import dev.perdure.Administration;
import dev.perdure.journal.Entry;
import dev.perdure.journal.Event;
import dev.perdure.store.RunFilter;
import dev.perdure.store.RunRecord;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// The steps that the journals of a session's runs hold, and when each was executed.
record RecordedSteps(Map<StepAddress, Times> steps) {
    private static final int PAGE = 1_000;

    /// When a step's last attempt began and when it was recorded, in milliseconds since 1970.
    record Times(long startedMillis, long recordedMillis) {}

    RecordedSteps {
        steps = Map.copyOf(steps);
    }

    /// Reads the journals of all runs of a session.
    static RecordedSteps of(Administration administration, String session) {
        Map<StepAddress, Times> steps = new HashMap<>();
        for (RunRecord run : runs(administration, session)) {
            String id = run.id().value();
            administration.journal(
                    id,
                    0,
                    entry -> times(entry).ifPresent(t -> steps.put(new StepAddress(id, entry.path().text()), t)));
        }
        return new RecordedSteps(steps);
    }

    /// All runs of a session.
    static List<RunRecord> runs(Administration administration, String session) {
        List<RunRecord> all = new ArrayList<>();
        RunFilter filter = RunFilter.newest(PAGE).withSession(session);
        List<RunRecord> page = administration.runs(filter);
        while (!page.isEmpty()) {
            all.addAll(page);
            page = administration.runs(filter.startedBefore(page.getLast().id().value()));
        }
        return all;
    }

    private static Optional<Times> times(Entry entry) {
        return switch (entry.event()) {
            case Event.StepCompleted done -> Optional.of(new Times(done.startedMillis(), entry.timeMillis()));
            case Event.StepFailed _ -> Optional.of(new Times(entry.timeMillis(), entry.timeMillis()));
            default -> Optional.empty();
        };
    }

    Set<StepAddress> addresses() {
        return steps.keySet();
    }

    /// How many of them are called so.
    long named(String name) {
        return steps.keySet().stream()
                .filter(step -> step.path().equals(name) || step.path().endsWith("/" + name))
                .count();
    }

    /// From the beginning of the first to the record of the last, by the clock.
    Duration span() {
        return Duration.ofMillis(last(steps.values()) - first(steps.values()));
    }

    private static long first(Collection<Times> times) {
        return times.stream().mapToLong(Times::startedMillis).min().orElse(0);
    }

    private static long last(Collection<Times> times) {
        return times.stream().mapToLong(Times::recordedMillis).max().orElse(0);
    }

    /// Those that are not among `others`.
    RecordedSteps without(RecordedSteps others) {
        Map<StepAddress, Times> rest = new HashMap<>(steps);
        rest.keySet().removeAll(others.addresses());
        return new RecordedSteps(rest);
    }
}
