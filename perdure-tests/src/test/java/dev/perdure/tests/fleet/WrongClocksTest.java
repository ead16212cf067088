package dev.perdure.tests.fleet;

import static org.assertj.core.api.Assertions.assertThat;

import dev.perdure.Perdure;
import dev.perdure.PerdureOptions;
import dev.perdure.RunHandle;
import dev.perdure.StartOptions;
import dev.perdure.Workflow;
import dev.perdure.journal.Entry;
import dev.perdure.testing.PostgresServer;

import org.junit.jupiter.api.Test;

import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/// Workers on PostgreSQL whose machines' clocks are an hour off: timers fire when the database says so, whoever set
/// them and whoever looks.
final class WrongClocksTest {
    private static final Duration SLEEP = Duration.ofMillis(1_500);

    private final String url = PostgresServer.shared().newStoreUrl();

    private Perdure open(Duration off) {
        return Perdure.open(url, PerdureOptions.DEFAULT.withClock(Clock.offset(Clock.systemUTC(), off)))
                .register(
                        Workflow.named("nap")
                                .takes(String.class)
                                .returns(String.class)
                                .runs((run, input) -> {
                                    run.step("before", () -> {});
                                    run.sleep(SLEEP);
                                    run.step("after", () -> {});
                                    return input;
                                }));
    }

    private static List<Long> times(Perdure perdure, String run) {
        List<Entry> entries = new ArrayList<>();
        perdure.administration().journal(run, 0, entries::add);
        return entries.stream().map(Entry::timeMillis).toList();
    }

    @Test
    void noWorkerFiresTimersEarlyOrLateWhateverItsClockSays() {
        try (Perdure right = open(Duration.ZERO);
                Perdure ahead = open(Duration.ofHours(1));
                Perdure behind = open(Duration.ofHours(-1))) {
            List<Perdure> all = List.of(right, ahead, behind);
            all.forEach(Perdure::work);
            long began = System.nanoTime();
            List<RunHandle<String>> runs = new ArrayList<>();
            for (int i = 0; i < 9; i++) { // each sets three timers; whoever is first fires them
                runs.add(all.get(i % 3).start("nap", "ok", StartOptions.withId("nap-" + i)));
            }
            for (RunHandle<String> run : runs) {
                assertThat(run.result()).isEqualTo("ok");
                assertThat(Duration.ofNanos(System.nanoTime() - began)).isGreaterThanOrEqualTo(SLEEP);
            }
            assertThat(Duration.ofNanos(System.nanoTime() - began)).isLessThan(Duration.ofMinutes(1));
            long now = System.currentTimeMillis();
            for (int i = 0; i < 9; i++) {
                assertThat(times(right, "nap-" + i))
                        .isSorted()
                        .allSatisfy(at -> assertThat(at).isBetween(now - 120_000, now + 5_000));
            }
        }
    }
}
