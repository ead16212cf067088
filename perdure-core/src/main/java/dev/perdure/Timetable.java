package dev.perdure;

import dev.perdure.journal.Digest;
import dev.perdure.store.QueuePlace;
import dev.perdure.value.Stored;

import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.ZoneId;
import java.util.Optional;

/// When a schedule fires, jitter included: follows from its definition alone. Immutable.
final class Timetable {
    /// The input of a schedule's own run: what the journal keeps of a [Schedule].
    @Stored(name = "perdure.Schedule")
    record Definition(
            String name,
            String cron,
            String zone,
            String workflow,
            String input,
            Optional<Integer> version,
            Optional<String> session,
            Optional<String> group,
            long jitterMillis,
            Schedule.Overlap overlap,
            long catchUpMillis,
            Optional<QueuePlace> place) {}

    private final Definition definition;
    private final Cron cron;

    Timetable(Definition definition) {
        this.definition = definition;
        this.cron = Cron.parse(definition.cron(), ZoneId.of(definition.zone()));
    }

    Definition definition() {
        return definition;
    }

    /// The first firing after a time, as the expression says, in milliseconds since 1970.
    Optional<Long> next(long afterMillis) {
        return cron.next(Instant.ofEpochMilli(afterMillis)).map(Instant::toEpochMilli);
    }

    /// When the run of a firing is to be started: later by its jitter, and before the next firing.
    long due(long firing) {
        long most = definition.jitterMillis();
        if (most == 0) {
            return firing;
        }
        long gap = next(firing).orElse(Long.MAX_VALUE) - firing;
        long span = Math.min(most, gap - 1) + 1;
        String place = "perdure/jitter\0" + definition.name() + "\0" + firing;
        return firing + Math.floorMod(Digest.over(place.getBytes(StandardCharsets.UTF_8)).firstLong(), span);
    }

    /// The id of a firing's run: `morning@2026-03-29T05:00Z`.
    String runId(long firing) {
        return definition.name() + "@" + Instant.ofEpochMilli(firing).atOffset(java.time.ZoneOffset.UTC);
    }
}
