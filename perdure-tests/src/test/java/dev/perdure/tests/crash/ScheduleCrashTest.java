package dev.perdure.tests.crash;

import static org.assertj.core.api.Assertions.assertThat;

import dev.perdure.Perdure;
import dev.perdure.PerdureOptions;
import dev.perdure.Schedule;
import dev.perdure.ScheduleView;
import dev.perdure.SystemRuns;
import dev.perdure.Workflow;
import dev.perdure.journal.Event;
import dev.perdure.journal.RunId;
import dev.perdure.store.InboxMessage;
import dev.perdure.store.RunFilter;
import dev.perdure.store.RunRecord;
import dev.perdure.store.RunStatus;
import dev.perdure.store.RunStore;
import dev.perdure.tests.TickingClock;

import org.junit.jupiter.api.Test;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;
import java.util.function.BooleanSupplier;

/// A schedule is killed at every commit of its life: firings, a backfill, a pause and their runs. Whatever is left
/// behind goes on to the same runs.
final class ScheduleCrashTest {
    private static final Instant BEGIN = Instant.parse("2026-03-28T00:00:00Z");
    private static final Instant END = Instant.parse("2026-04-01T08:00:00Z");

    /// Those of the 30th fall into a pause.
    private static final List<String> ALL =
            List.of(
                    "daily@2026-03-26T06:00Z",
                    "daily@2026-03-27T06:00Z",
                    "daily@2026-03-28T06:00Z",
                    "daily@2026-03-29T05:00Z",
                    "daily@2026-03-31T05:00Z",
                    "daily@2026-04-01T05:00Z");

    private static PerdureOptions options(TickingClock clock) {
        return PerdureOptions.DEFAULT
                .withClock(clock)
                .withLease(Duration.ofDays(3_000)) // time leaps here
                .withCloseGrace(Duration.ofMillis(10));
    }

    private static Perdure open(RunStore store, TickingClock clock) {
        return Perdure.on(store, options(clock))
                .register(
                        Workflow.named("report")
                                .takes(String.class)
                                .returns(String.class)
                                .runs((run, zone) -> run.step("write", zone, String.class, text -> text)));
    }

    @Test
    void goesOnAfterAKillAtEveryCommit() throws Exception {
        Places.use(ScheduleCrashTest::killAtEveryCommit);
    }

    private static void killAtEveryCommit(Places places) throws Exception {
        TickingClock clock = new TickingClock(BEGIN.toEpochMilli());
        CopyingStore store = CopyingStore.on(places.fresh());
        try (Perdure perdure = open(store, clock).work()) {
            lead(perdure, clock);
            assertEnd(perdure);
        }
        List<CopyingStore.Copy> copies = store.copies();
        assertThat(copies).hasSizeGreaterThan(40);
        for (int i = 0; i < copies.size(); i++) {
            TickingClock later = new TickingClock(END.toEpochMilli());
            RunStore left = copies.get(i).restore().open();
            left.workers().forEach(killed -> left.retire(killed.id()));
            try (Perdure perdure = open(left, later)) {
                int asked = asked(perdure, left);
                goesOn(perdure.work(), later, asked);
            } catch (AssertionError e) {
                throw new AssertionError("killed at commit " + (i + 1) + " of " + copies.size(), e);
            }
        }
    }

    /// The whole life.
    private static void lead(Perdure perdure, TickingClock clock) throws Exception {
        perdure.administration()
                .schedules()
                .add(
                        Schedule.named("daily")
                                .cron("0 7 * * *", "Europe/Berlin")
                                .starts("report", "text")
                                .overlap(Schedule.Overlap.QUEUE)
                                .catchUp(Duration.ofDays(300)));
        perdure.administration()
                .schedules()
                .backfill("daily", BEGIN.minus(Duration.ofDays(2)), BEGIN.minus(Duration.ofHours(1)), "ann");
        await(() -> {
            clock.advance(Duration.ofMillis(20));
            return runs(perdure).size() == 2;
        });
        clock.advance(Duration.ofDays(2));
        await(() -> {
            clock.advance(Duration.ofMillis(20));
            return runs(perdure).size() == 4;
        });
        perdure.administration().schedules().pause("daily", "ann", "");
        clock.advance(Duration.ofDays(1));
        perdure.administration().schedules().resume("daily", "ann", "");
        clock.advance(Duration.between(Instant.ofEpochMilli(clock.millis()), END));
        awaitEnd(perdure, clock);
    }

    private static void awaitEnd(Perdure perdure, TickingClock clock) throws Exception {
        await(() -> {
            clock.advance(Duration.ofMillis(20));
            ScheduleView view = perdure.administration().schedules().find("daily");
            return view.next().filter(next -> next.toEpochMilli() > clock.millis()).isPresent()
                    && view.backfills() == 0
                    && runs(perdure).stream().allMatch(run -> run.status() == RunStatus.COMPLETED);
        });
    }

    private static void goesOn(Perdure perdure, TickingClock clock, int asked) throws Exception {
        TreeSet<String> expected = new TreeSet<>(ALL);
        if (asked < 1) { // killed before it was asked to backfill
            expected.removeIf(id -> id.compareTo("daily@2026-03-28") < 0);
        }
        if (asked < 2) { // or to pause
            expected.add("daily@2026-03-30T05:00Z");
        }
        if (asked == 2) { // or between pause and resume
            expected.removeIf(id -> id.compareTo("daily@2026-03-31") > 0);
            perdure.administration().schedules().resume("daily", "ann", "");
        }
        awaitEnd(perdure, clock);
        List<String> ids = runs(perdure).stream().map(run -> run.id().value()).sorted().toList();
        assertThat(ids.stream().filter(id -> id.compareTo("daily@2026-04-01T08") < 0))
                .containsExactlyElementsOf(expected);
        assertThat(ids).doesNotHaveDuplicates();
        assertEnd(perdure);
    }

    /// How many of the three things the operator had asked for.
    private static int asked(Perdure perdure, RunStore store) {
        String run = perdure.administration().schedules().find("daily").run();
        long[] asked = {
            store.inbox(new RunId(run), 10).stream().filter(m -> m.kind().equals(InboxMessage.SIGNAL)).count()
        };
        perdure.administration()
                .journal(
                        run,
                        0,
                        e ->
                                asked[0] +=
                                        e.event() instanceof Event.MessageTaken taken
                                                        && taken.kind().equals(InboxMessage.SIGNAL)
                                                ? 1
                                                : 0);
        return Math.toIntExact(asked[0]);
    }

    private static void assertEnd(Perdure perdure) {
        List<String> findings = new ArrayList<>();
        perdure.administration().verify(Optional.empty(), Optional.empty(), f -> findings.add(f.toString()));
        assertThat(findings).isEmpty();
    }

    private static List<RunRecord> runs(Perdure perdure) {
        return perdure.administration().runs(RunFilter.newest(RunFilter.MAX_LIMIT)).stream()
                .filter(run -> !SystemRuns.isSystem(run))
                .toList();
    }

    private static void await(BooleanSupplier condition) throws InterruptedException {
        long deadline = System.nanoTime() + Duration.ofSeconds(30).toNanos();
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() > deadline) {
                throw new AssertionError("waited too long");
            }
            Thread.sleep(2);
        }
    }
}
