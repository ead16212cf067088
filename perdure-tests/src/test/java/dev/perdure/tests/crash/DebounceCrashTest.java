package dev.perdure.tests.crash;

import static org.assertj.core.api.Assertions.assertThat;

import dev.perdure.Perdure;
import dev.perdure.PerdureOptions;
import dev.perdure.RunHandle;
import dev.perdure.StartOptions;
import dev.perdure.Workflow;
import dev.perdure.store.RunFilter;
import dev.perdure.store.RunRecord;
import dev.perdure.store.RunStatus;
import dev.perdure.tests.TickingClock;
import dev.perdure.tests.crash.CopyingStore.Copy;

import org.junit.jupiter.api.Test;

import java.time.Duration;
import java.util.List;

/// A burst of starts, killed at every commit. Who sent the last start asks again in the next life: its input is what
/// the run he gets has, and nothing else is started.
final class DebounceCrashTest {
    private static final long BEGIN_MILLIS = 1_800_000_000_000L;
    private static final Duration LEASE = Duration.ofMinutes(10);
    private static final Duration QUIET = Duration.ofMillis(300);

    private static TickingClock clock(int life) {
        return new TickingClock(BEGIN_MILLIS + life * 2 * LEASE.toMillis());
    }

    private static Perdure open(CopyingStore store, TickingClock clock) {
        PerdureOptions options =
                PerdureOptions.DEFAULT.withClock(clock).withLease(LEASE).withCloseGrace(Duration.ofMillis(100));
        return Perdure.on(store, options)
                .register(
                        Workflow.named("index")
                                .takes(Integer.class)
                                .returns(Integer.class)
                                .runs((run, input) -> run.step("read", input, Integer.class, given -> given)));
    }

    private static RunHandle<Integer> ask(Perdure perdure, int input) {
        return perdure.start("index", input, StartOptions.DEFAULT.debounce("key", QUIET));
    }

    @Test
    void startsOneRunWithTheLastInput() throws Exception {
        Places.use(places -> {
            List<Copy> copies;
            CopyingStore first = CopyingStore.on(places.fresh());
            TickingClock clock = clock(0);
            try (Perdure perdure = open(first, clock)) {
                ask(perdure, 1);
                ask(perdure, 2);
                RunHandle<Integer> asked = ask(perdure, 3);
                clock.advance(QUIET);
                assertThat(asked.result()).isEqualTo(3);
                copies = first.copies();
            }
            assertThat(copies).hasSizeGreaterThan(4);
            for (Copy copy : copies) {
                check(copy.restore(), copies.indexOf(copy));
            }
        });
    }

    private static void check(Place left, int cut) throws Exception {
        TickingClock clock = clock(1);
        try (Perdure perdure = open(CopyingStore.on(left), clock)) {
            RunRecord killed = perdure.administration().runs(RunFilter.newest(10)).getFirst();
            boolean waits = killed.status() == RunStatus.WAITING;
            perdure.work(); // from now on it may be taken: its time is up
            RunHandle<Integer> asked = ask(perdure, 3);
            clock.advance(QUIET);
            assertThat(asked.result()).as("after a kill at commit %d", cut).isEqualTo(3);
            List<RunRecord> runs = perdure.administration().runs(RunFilter.newest(10));
            assertThat(runs).as("after a kill at commit %d, %s", cut, killed).hasSizeLessThanOrEqualTo(2);
            for (RunRecord run : runs) {
                int result = perdure.run(run.id().value(), Integer.class).result();
                assertThat(result)
                        .as("%s after a kill at commit %d", run.id(), cut)
                        .isEqualTo(waits && !run.id().equals(asked.id()) ? cut + 1 : 3);
            }
        }
    }
}
