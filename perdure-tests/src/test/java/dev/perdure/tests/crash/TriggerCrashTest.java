package dev.perdure.tests.crash;

import static org.assertj.core.api.Assertions.assertThat;

import dev.perdure.EndedRun;
import dev.perdure.Perdure;
import dev.perdure.PerdureOptions;
import dev.perdure.StartOptions;
import dev.perdure.Trigger;
import dev.perdure.Workflow;
import dev.perdure.store.RunFilter;
import dev.perdure.store.RunRecord;
import dev.perdure.tests.TickingClock;
import dev.perdure.tests.crash.CopyingStore.Copy;

import org.junit.jupiter.api.Test;

import java.time.Duration;
import java.util.List;

/// A trigger killed at every commit, of itself and of the runs around it: each firing starts one run.
final class TriggerCrashTest {
    private static final long BEGIN_MILLIS = 1_800_000_000_000L;
    private static final Duration LEASE = Duration.ofMinutes(10);

    private static PerdureOptions options(int life) {
        return PerdureOptions.DEFAULT
                .withClock(new TickingClock(BEGIN_MILLIS + life * 2 * LEASE.toMillis()))
                .withLease(LEASE)
                .withCloseGrace(Duration.ofMillis(100));
    }

    private static void register(Perdure perdure) {
        perdure.register(
                Workflow.named("order")
                        .takes(String.class)
                        .returns(String.class)
                        .runs((run, in) -> {
                            run.step("work", () -> {});
                            return in;
                        }));
        Workflow<EndedRun, String> bill =
                Workflow.named("bill").takes(EndedRun.class).returns(String.class).runs((_, ended) -> ended.run());
        Workflow<String, String> welcome =
                Workflow.named("welcome").takes(String.class).returns(String.class).runs((_, who) -> who);
        perdure.register(
                Trigger.named("bills").onEndOf("order").starts(bill),
                Trigger.named("guests").onSignal("came").starts(welcome));
    }

    /// What a client does, and does again after a crash, since it had no answer.
    private static void play(Perdure perdure) throws InterruptedException {
        register(perdure);
        perdure.work();
        perdure.start("order", "x", StartOptions.withId("order"));
        perdure.administration().signal("trigger:guests", "came", "\"ada\"", "ada");
        for (int i = 0; !perdure.administration().find("order").status().ended() || started(perdure).size() < 2; i++) {
            assertThat(i).as("%s", perdure.administration().runs(RunFilter.newest(10))).isLessThan(2_000);
            Thread.sleep(5);
        }
    }

    private static List<String> started(Perdure perdure) {
        return perdure.administration().runs(RunFilter.newest(100)).stream()
                .filter(run -> run.workflow().equals("bill") || run.workflow().equals("welcome"))
                .filter(run -> run.status().ended())
                .map(RunRecord::id)
                .map(id -> id.value())
                .sorted()
                .toList();
    }

    @Test
    void startsOneRunForEachFiring() throws Exception {
        Places.use(places -> {
            List<Copy> copies = undisturbed(places.fresh());
            assertThat(copies).hasSizeGreaterThan(12);
            for (int i = 0; i < copies.size(); i++) {
                try (Perdure perdure = Perdure.on(copies.get(i).restore().open(), options(1))) {
                    play(perdure);
                    assertThat(started(perdure)).as("after a kill at commit %d", i).containsExactly(STARTED);
                    assertThat(perdure.administration().runs(RunFilter.newest(100))).hasSize(5);
                }
            }
        });
    }

    private static final String[] STARTED = {"bills:order@1", "guests:ada"};

    private static List<Copy> undisturbed(Place place) throws Exception {
        CopyingStore store = CopyingStore.on(place);
        try (Perdure perdure = Perdure.on(store, options(0))) {
            play(perdure);
            assertThat(started(perdure)).containsExactly(STARTED);
            return store.copies();
        }
    }
}
