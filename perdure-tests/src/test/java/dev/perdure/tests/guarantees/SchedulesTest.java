package dev.perdure.tests.guarantees;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.perdure.Perdure;
import dev.perdure.PerdureOptions;
import dev.perdure.Queue;
import dev.perdure.Schedule;
import dev.perdure.Schedule.Overlap;
import dev.perdure.ScheduleView;
import dev.perdure.Schedules;
import dev.perdure.SystemRuns;
import dev.perdure.Workflow;
import dev.perdure.error.ConflictException;
import dev.perdure.error.InvalidInputException;
import dev.perdure.store.QueuePlace;
import dev.perdure.store.RunFilter;
import dev.perdure.store.RunRecord;
import dev.perdure.store.RunStatus;
import dev.perdure.tests.TickingClock;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.function.BooleanSupplier;

/// Schedules: what they start, and what an operator does with them. The clock is a manual one.
final class SchedulesTest {
    private static final Instant BEGIN = Instant.parse("2026-03-01T00:00:00Z");

    @TempDir Path folder;

    private final TickingClock clock = new TickingClock(BEGIN.toEpochMilli());
    private final PerdureOptions options =
            StoreOnDisk.OPTIONS.withClock(clock).withLease(Duration.ofDays(3_000)); // time leaps here

    /// A day's report; `patient` ones wait for a signal.
    private Perdure open() {
        return StoreOnDisk.in(folder)
                .open(options)
                .register(
                        Workflow.named("report").takes(String.class).returns(String.class).runs((_, name) -> name),
                        Workflow.named("patient")
                                .takes(String.class)
                                .returns(String.class)
                                .runs((run, _) -> run.awaitSignal("end", String.class)));
    }

    private static Schedule daily(String workflow) {
        return Schedule.named("daily").cron("0 7 * * *", "UTC").starts(workflow, "the report");
    }

    private static List<String> runs(Perdure perdure) {
        return perdure.administration().runs(RunFilter.newest(1_000)).stream()
                .filter(run -> !SystemRuns.isSystem(run))
                .map(run -> run.id().value())
                .sorted()
                .toList();
    }

    private static void await(BooleanSupplier condition) throws InterruptedException {
        long deadline = System.nanoTime() + Duration.ofSeconds(20).toNanos();
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() > deadline) {
                throw new AssertionError("waited too long");
            }
            Thread.sleep(5);
        }
    }

    private static void awaitRuns(Perdure perdure, String... ids) throws InterruptedException {
        await(() -> runs(perdure).size() >= ids.length);
        assertThat(runs(perdure)).containsExactly(ids);
    }

    private static ScheduleView daily(Perdure perdure) {
        return perdure.administration().schedules().find("daily");
    }

    private static void awaitDecided(Perdure perdure, Instant next) throws InterruptedException {
        await(() -> daily(perdure).next().filter(n -> n.equals(next)).isPresent());
    }

    @Test
    void startsARunAtEachFiring() throws Exception {
        try (Perdure perdure = open().work()) {
            Schedules schedules = perdure.administration().schedules();
            assertThat(schedules.add(daily("report").session("mornings"))).isTrue();
            assertThat(schedules.add(daily("report").session("mornings"))).as("the same again").isFalse();
            awaitDecided(perdure, Instant.parse("2026-03-01T07:00:00Z"));
            clock.advance(Duration.ofHours(8));
            awaitRuns(perdure, "daily@2026-03-01T07:00Z");
            StoreOnDisk.awaitStatus(perdure, "daily@2026-03-01T07:00Z", RunStatus.COMPLETED);
            clock.advance(Duration.ofDays(1));
            awaitRuns(perdure, "daily@2026-03-01T07:00Z", "daily@2026-03-02T07:00Z");
            String report = perdure.run("daily@2026-03-02T07:00Z", String.class).result(Duration.ofSeconds(20));
            assertThat(report).isEqualTo("the report");
            assertThat(perdure.administration().find("daily@2026-03-02T07:00Z").session()).contains("mornings");
            await(() -> daily(perdure).started() == 2);
            ScheduleView view = daily(perdure);
            assertThat(view.lastRun()).contains("daily@2026-03-02T07:00Z");
            assertThat(view.lastFiring()).contains(Instant.parse("2026-03-02T07:00:00Z"));
            assertThat(view.next()).contains(Instant.parse("2026-03-03T07:00:00Z"));
            assertThat(view.problem()).isEmpty();
            StoreOnDisk.awaitStatus(perdure, view.run(), RunStatus.WAITING);
            assertThat(perdure.administration().find(view.run()).holder()).as("it costs nothing").isEmpty();
            assertThat(SystemRuns.isSystem(perdure.administration().find(view.run()))).isTrue();
            assertThat(StoreOnDisk.findings(perdure)).isEmpty();
        }
    }

    @Test
    void makesUpForWhatWasMissedWithinTheWindow() throws Exception {
        try (Perdure perdure = open()) {
            perdure.administration()
                    .schedules()
                    .add(daily("report").overlap(Overlap.QUEUE).catchUp(Duration.ofDays(2)));
        }
        clock.advance(Duration.ofDays(5).plusHours(12));
        try (Perdure perdure = open().work()) {
            awaitDecided(perdure, Instant.parse("2026-03-07T07:00:00Z"));
            assertThat(runs(perdure)).containsExactly("daily@2026-03-05T07:00Z", "daily@2026-03-06T07:00Z");
            assertThat(daily(perdure).missed()).isEqualTo(4);
            assertThat(daily(perdure).started() + daily(perdure).skipped()).isEqualTo(2);
        }
    }

    @Test
    void leavesFiringsOutWhileARunGoesOn() throws Exception {
        try (Perdure perdure = open().work()) {
            perdure.administration().schedules().add(daily("patient"));
            clock.advance(Duration.ofHours(8));
            awaitRuns(perdure, "daily@2026-03-01T07:00Z");
            clock.advance(Duration.ofDays(1));
            awaitDecided(perdure, Instant.parse("2026-03-03T07:00:00Z"));
            assertThat(runs(perdure)).hasSize(1);
            assertThat(daily(perdure).skipped()).isEqualTo(1);
            perdure.administration().signal("daily@2026-03-01T07:00Z", "end", "\"now\"", "1");
            StoreOnDisk.awaitStatus(perdure, "daily@2026-03-01T07:00Z", RunStatus.COMPLETED);
            clock.advance(Duration.ofDays(1));
            awaitRuns(perdure, "daily@2026-03-01T07:00Z", "daily@2026-03-03T07:00Z");
        }
    }

    @Test
    void queuesFiringsUntilTheRunBeforeHasEnded() throws Exception {
        try (Perdure perdure = open().work()) {
            perdure.administration()
                    .schedules()
                    .add(daily("patient").overlap(Overlap.QUEUE).catchUp(Duration.ofDays(9)));
            clock.advance(Duration.ofHours(8));
            awaitRuns(perdure, "daily@2026-03-01T07:00Z");
            clock.advance(Duration.ofDays(1));
            clock.advance(Duration.ofDays(1));
            Thread.sleep(300);
            assertThat(runs(perdure)).hasSize(1);
            for (String ended : List.of("01", "02", "03")) {
                String run = "daily@2026-03-" + ended + "T07:00Z";
                await(() -> runs(perdure).contains(run)); // at once: the clock stands still
                perdure.administration().signal(run, "end", "\"now\"", "1");
                StoreOnDisk.awaitStatus(perdure, run, RunStatus.COMPLETED);
            }
            assertThat(runs(perdure)).hasSize(3);
            assertThat(daily(perdure).skipped()).isZero();
        }
    }

    @Test
    void cancelsTheRunBefore() throws Exception {
        try (Perdure perdure = open().work()) {
            perdure.administration().schedules().add(daily("patient").overlap(Overlap.CANCEL_OTHER));
            clock.advance(Duration.ofHours(8));
            awaitRuns(perdure, "daily@2026-03-01T07:00Z");
            clock.advance(Duration.ofDays(1));
            StoreOnDisk.awaitStatus(perdure, "daily@2026-03-01T07:00Z", RunStatus.CANCELLED);
            assertThat(perdure.administration().find("daily@2026-03-01T07:00Z").reason())
                    .isEqualTo("schedule daily starts the next run");
            await(() -> runs(perdure).size() == 2); // at once: the clock stands still
            assertThat(perdure.administration().find("daily@2026-03-02T07:00Z").status().ended()).isFalse();
        }
    }

    @Test
    void aPausedScheduleStartsNothingAndMakesUpForNothing() throws Exception {
        try (Perdure perdure = open().work()) {
            Schedules schedules = perdure.administration().schedules();
            schedules.add(daily("report"));
            schedules.pause("daily", "ann", "holidays");
            assertThat(daily(perdure).pausedBy()).contains("ann");
            assertThat(daily(perdure).pausedFor()).contains("holidays");
            assertThat(daily(perdure).next()).isEmpty();
            assertThatThrownBy(() -> schedules.pause("daily", "bob", ""))
                    .isInstanceOf(ConflictException.class)
                    .hasMessageContaining("schedule daily is paused already");
            clock.advance(Duration.ofHours(30));
            Thread.sleep(300);
            schedules.resume("daily", "ann", "back");
            assertThatThrownBy(() -> schedules.resume("daily", "bob", ""))
                    .hasMessageContaining("schedule daily cannot be resumed: it is not paused");
            awaitDecided(perdure, Instant.parse("2026-03-02T07:00:00Z"));
            clock.advance(Duration.ofHours(2));
            awaitRuns(perdure, "daily@2026-03-02T07:00Z");
        }
    }

    @Test
    void whatIsAskedWithoutAWorkerTakesEffectBeforeTheNextFiring() throws Exception {
        try (Perdure perdure = open()) {
            perdure.administration().schedules().add(daily("report"));
            perdure.administration().schedules().pause("daily", "ann", "");
            clock.advance(Duration.ofHours(10)); // 7 o'clock has passed: paused
            perdure.administration().schedules().resume("daily", "ann", "");
            clock.advance(Duration.ofHours(22)); // and again: not paused
        }
        try (Perdure perdure = open().work()) {
            awaitRuns(perdure, "daily@2026-03-02T07:00Z");
            awaitDecided(perdure, Instant.parse("2026-03-03T07:00:00Z"));
            assertThat(runs(perdure)).hasSize(1);
        }
    }

    @Test
    void aNameMayBeUsedAgainAndNoFiringIsRunTwice() throws Exception {
        try (Perdure perdure = open().work()) {
            Schedules schedules = perdure.administration().schedules();
            schedules.add(daily("report"));
            assertThatThrownBy(() -> schedules.add(daily("report").jitter(Duration.ofMinutes(1))))
                    .isInstanceOf(ConflictException.class)
                    .hasMessageContaining("there is a schedule daily with another definition. Remove it first");
            clock.advance(Duration.ofHours(8));
            awaitRuns(perdure, "daily@2026-03-01T07:00Z");
            StoreOnDisk.awaitStatus(perdure, "daily@2026-03-01T07:00Z", RunStatus.COMPLETED);
            schedules.remove("daily", "ann", "");
            assertThat(schedules.list()).isEmpty();
            assertThatThrownBy(() -> daily(perdure)).isInstanceOf(InvalidInputException.class);
            assertThat(schedules.add(daily("report").jitter(Duration.ofMinutes(1)))).isTrue();
            schedules.backfill("daily", BEGIN, Instant.parse("2026-03-01T07:30:00Z"), "ann");
            clock.advance(Duration.ofDays(1));
            awaitRuns(perdure, "daily@2026-03-01T07:00Z", "daily@2026-03-02T07:00Z");
            StoreOnDisk.awaitStatus(perdure, "perdure.schedule/daily", RunStatus.COMPLETED);
            assertThat(daily(perdure).run()).isEqualTo("perdure.schedule/daily#2");
        }
    }

    @Test
    void aBackfillMakesUpForARangeOneRunAfterTheOther() throws Exception {
        try (Perdure perdure = open().work()) {
            Schedules schedules = perdure.administration().schedules();
            schedules.add(daily("report"));
            Instant from = Instant.parse("2026-02-10T07:00:00Z");
            assertThat(schedules.backfill("daily", from, Instant.parse("2026-02-13T07:00:00Z"), "ann")).isEqualTo(4);
            await(() -> {
                clock.advance(Duration.ofMillis(100));
                return runs(perdure).size() == 4;
            });
            assertThat(runs(perdure)).startsWith("daily@2026-02-10T07:00Z").endsWith("daily@2026-02-13T07:00Z");
            await(() -> daily(perdure).backfills() == 0);
            assertThatThrownBy(() -> schedules.backfill("daily", from, from.plusSeconds(-1), "ann"))
                    .hasMessageContaining("schedule daily does not fire between");
            assertThatThrownBy(() -> schedules.backfill("daily", from, from.plusSeconds(86_400 * 365L), "ann"))
                    .hasMessageContaining("a backfill makes up for what is past");
            assertThatThrownBy(() -> schedules.backfill("daily", Instant.EPOCH, from, "ann"))
                    .hasMessageContaining("at most 10000 firings");
        }
    }

    @Test
    void oneThatCannotStartItsRunSaysWhyAndGoesOn() throws Exception {
        try (Perdure perdure = StoreOnDisk.in(folder).open(options)) {
            perdure.administration()
                    .schedules()
                    .add(Schedule.named("daily").cron("0 7 * * *", "UTC").startsJson("report", "{\"no\": \"text\"}"));
        }
        try (Perdure perdure = open().work()) {
            awaitDecided(perdure, Instant.parse("2026-03-01T07:00:00Z"));
            clock.advance(Duration.ofHours(8));
            awaitDecided(perdure, Instant.parse("2026-03-02T07:00:00Z"));
            await(() -> !daily(perdure).problem().isEmpty());
            assertThat(daily(perdure).problem()).contains("the input of workflow report");
            assertThat(runs(perdure)).isEmpty();
        }
    }

    @Test
    void whatCannotBeIsRefusedAtOnce() {
        try (Perdure perdure = open()) {
            assertThatThrownBy(() -> Schedule.named("x").cron("0 0 30 2 *", "UTC").starts("report", ""))
                    .isInstanceOf(InvalidInputException.class)
                    .hasMessageContaining("never fires");
            assertThatThrownBy(() -> Schedule.named("x").cron("0 0 * * *", "Mars/Olympus"))
                    .isInstanceOf(InvalidInputException.class)
                    .hasMessageContaining("there is no time zone \"Mars/Olympus\"");
            assertThatThrownBy(() -> Schedule.named("a b").cron("0 0 * * *", "UTC").starts("report", ""))
                    .hasMessageContaining("has no spaces");
            assertThatThrownBy(() -> daily("report").jitter(Duration.ofDays(2)))
                    .hasMessageContaining("jitter is 0 to 1 days");
            assertThatThrownBy(() -> daily("report").catchUp(Duration.ofDays(366)))
                    .hasMessageContaining("catch-up window is 0 to 365 days");
            assertThatThrownBy(() ->
                            perdure.administration()
                                    .schedules()
                                    .add(Schedule.named("x").cron("0 0 * * *", "UTC").starts("report", List.of())))
                    .isInstanceOf(InvalidInputException.class);
            assertThatThrownBy(() ->
                            perdure.register(
                                    Workflow.named("perdure.mine")
                                            .takes(String.class)
                                            .returns(String.class)
                                            .runs((_, name) -> name)))
                    .hasMessageContaining("names that begin with perdure. are Perdure's own");
            List<RunRecord> all = perdure.administration().runs(RunFilter.newest(10));
            assertThat(all).isEmpty();
        }
    }

    @Test
    void startsRunsInAQueue() throws Exception {
        try (Perdure perdure = open().work()) {
            Schedules schedules = perdure.administration().schedules();
            Schedule nightly = daily("report").queue("nightly").key("acme").priority(5);
            assertThatThrownBy(() -> schedules.add(nightly))
                    .isInstanceOf(InvalidInputException.class)
                    .hasMessageContaining("there is no queue \"nightly\" in this store");
            perdure.register(Queue.named("nightly").concurrency(1));
            schedules.add(nightly);
            clock.advance(Duration.ofHours(8));
            awaitRuns(perdure, "daily@2026-03-01T07:00Z");
            StoreOnDisk.awaitStatus(perdure, "daily@2026-03-01T07:00Z", RunStatus.COMPLETED);
            assertThat(perdure.administration().find("daily@2026-03-01T07:00Z").place())
                    .contains(new QueuePlace("nightly", "acme", 5));
        }
    }
}
