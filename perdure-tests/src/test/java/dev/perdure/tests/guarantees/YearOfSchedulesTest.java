package dev.perdure.tests.guarantees;

import static org.assertj.core.api.Assertions.assertThat;

import dev.perdure.Perdure;
import dev.perdure.PerdureOptions;
import dev.perdure.Schedule;
import dev.perdure.SystemRuns;
import dev.perdure.Workflow;
import dev.perdure.store.RunFilter;
import dev.perdure.store.RunRecord;
import dev.perdure.store.RunStatus;
import dev.perdure.tests.TickingClock;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.nio.file.Path;
import java.time.DayOfWeek;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.time.zone.ZoneRules;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;

/// A year passes by a manual clock, in leaps of random length, with one or two workers that are closed and opened again
/// at random moments. Each firing starts one run, both changes of the clocks included.
final class YearOfSchedulesTest {
    private static final Instant BEGIN = Instant.parse("2026-01-01T00:00:00Z");
    private static final Instant END = Instant.parse("2027-01-01T00:00:00Z");
    private static final List<String> ZONES = List.of("Europe/Berlin", "America/New_York");

    @TempDir Path folder;

    private final TickingClock clock = new TickingClock(BEGIN.toEpochMilli());
    private final PerdureOptions options =
            StoreOnDisk.OPTIONS
                    .withClock(clock)
                    .withLease(Duration.ofDays(3_000)) // time leaps here
                    .withCloseGrace(Duration.ofMillis(1));
    private final ConcurrentHashMap<String, AtomicInteger> executed = new ConcurrentHashMap<>();

    private Perdure open() {
        return StoreOnDisk.in(folder)
                .open(options)
                .register(
                        Workflow.named("report")
                                .takes(String.class)
                                .returns(String.class)
                                .runs((run, zone) -> {
                                    String id = run.id().value();
                                    run.step(
                                            "count",
                                            () ->
                                                    executed.computeIfAbsent(id, _ -> new AtomicInteger())
                                                            .incrementAndGet());
                                    return zone;
                                }))
                .work();
    }

    /// The hour that comes twice when the clocks are set back.
    private static int doubled(String zone) {
        return zone.equals("Europe/Berlin") ? 2 : 1;
    }

    private static String name(String zone) {
        return zone.substring(zone.indexOf('/') + 1);
    }

    @Test
    void startsEachFiringsRunOnce() throws Exception {
        long seed = System.nanoTime();
        Random random = new Random(seed);
        List<Perdure> workers = new ArrayList<>(List.of(open()));
        for (String zone : ZONES) {
            for (String cron : List.of("30 2 * * sat,sun,mon", "*/15 " + doubled(zone) + " * * sun")) {
                workers.getFirst()
                        .administration()
                        .schedules()
                        .add(
                                Schedule.named(name(zone) + (cron.startsWith("30") ? "-daily" : "-often"))
                                        .cron(cron, zone)
                                        .starts("report", zone)
                                        .overlap(Schedule.Overlap.QUEUE)
                                        .jitter(Duration.ofMinutes(20))
                                        .catchUp(Duration.ofDays(300)));
            }
        }
        try {
            while (Instant.ofEpochMilli(clock.millis()).isBefore(END.plus(Duration.ofDays(1)))) {
                clock.advance(Duration.ofMinutes(random.nextInt(1, 60 * 24 * 12)));
                Thread.sleep(random.nextInt(50)); // a moment for the workers to be in the middle of something
                awaitNext(workers.getFirst(), Instant.ofEpochMilli(clock.millis()).minus(Duration.ofDays(20)));
                switch (random.nextInt(4)) {
                    case 0 -> workers.remove(random.nextInt(workers.size())).close();
                    case 1 -> workers.add(open());
                    default -> {}
                }
                if (workers.isEmpty() || workers.size() > 2) {
                    workers.forEach(Perdure::close);
                    workers = new ArrayList<>(List.of(open()));
                }
            }
            Perdure last = open();
            workers.add(last);
            String seen = "seed " + seed;
            awaitNext(last, END);
            await(() -> runs(last).stream().allMatch(run -> run.status() == RunStatus.COMPLETED));
            List<String> ids = runs(last).stream().map(run -> run.id().value()).sorted().toList();
            assertThat(ids).as(seen).containsExactlyElementsOf(expected());
            assertThat(executed.keySet()).as(seen).containsAll(ids);
            assertThat(StoreOnDisk.findings(last)).as(seen).isEmpty();
        } finally {
            workers.forEach(Perdure::close);
        }
    }

    /// Lets the schedules catch up to a time: at most a hundred firings wait for a run before them.
    private void awaitNext(Perdure perdure, Instant after) throws InterruptedException {
        await(() -> {
            clock.advance(
                    Duration.ofSeconds(2)); // a firing looks again, by this clock, whether the run before has ended
            return perdure.administration().schedules().list().stream()
                    .allMatch(schedule -> schedule.next().filter(next -> next.isAfter(after)).isPresent());
        });
    }

    private static List<RunRecord> runs(Perdure perdure) {
        return perdure.administration().runs(RunFilter.newest(RunFilter.MAX_LIMIT)).stream()
                .filter(run -> !SystemRuns.isSystem(run))
                .filter(run ->
                        Instant.parse(run.id().value().replaceFirst(".*@", "").replace("Z", ":00Z")).isBefore(END))
                .toList();
    }

    /// By the calendar: half past two around each Sunday, on which the clocks change, there where it is skipped and the
    /// first time where it comes twice; and the quarters of an hour that may be missing or come twice, as often as
    /// there are such.
    private static List<String> expected() {
        TreeSet<String> all = new TreeSet<>();
        for (String zone : ZONES) {
            ZoneRules rules = ZoneId.of(zone).getRules();
            for (LocalDate day = LocalDate.of(2025, 12, 31);
                    day.isBefore(LocalDate.of(2027, 1, 2));
                    day = day.plusDays(1)) {
                LocalDateTime half = day.atTime(2, 30);
                if (Set.of(DayOfWeek.SATURDAY, DayOfWeek.SUNDAY, DayOfWeek.MONDAY).contains(day.getDayOfWeek())) {
                    add(
                            all,
                            zone,
                            "-daily",
                            rules.getValidOffsets(half).isEmpty()
                                    ? rules.getTransition(half).getInstant()
                                    : half.toInstant(rules.getValidOffsets(half).getFirst()));
                }
                for (int minute = 0; minute < 60 && day.getDayOfWeek() == DayOfWeek.SUNDAY; minute += 15) {
                    LocalDateTime often = day.atTime(doubled(zone), minute);
                    rules.getValidOffsets(often).forEach(offset -> add(all, zone, "-often", often.toInstant(offset)));
                }
            }
        }
        return List.copyOf(all);
    }

    private static void add(TreeSet<String> all, String zone, String kind, Instant at) {
        if (at.isAfter(BEGIN) && at.isBefore(END)) {
            all.add(name(zone) + kind + "@" + at.atOffset(java.time.ZoneOffset.UTC));
        }
    }

    private static void await(BooleanSupplier condition) throws InterruptedException {
        long deadline = System.nanoTime() + Duration.ofSeconds(120).toNanos();
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() > deadline) {
                throw new AssertionError("waited too long");
            }
            Thread.sleep(10);
        }
    }
}
