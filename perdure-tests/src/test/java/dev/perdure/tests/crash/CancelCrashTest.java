package dev.perdure.tests.crash;

import static org.assertj.core.api.Assertions.assertThat;

import dev.perdure.CancelledException;
import dev.perdure.Perdure;
import dev.perdure.PerdureOptions;
import dev.perdure.RunFailedException;
import dev.perdure.RunHandle;
import dev.perdure.RunNotEndedException;
import dev.perdure.StartOptions;
import dev.perdure.Workflow;
import dev.perdure.store.Finding;
import dev.perdure.store.RunStore;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicInteger;

/// Runs that are cancelled while one of their steps executes, killed at every commit from then on: unchanged code must
/// fit what they recorded, whatever it did about the cancellation.
final class CancelCrashTest {
    private static final int CANCELLED_AT = 3;

    private final AtomicInteger executed = new AtomicInteger();

    @ParameterizedTest
    @EnumSource
    void aRunThatWasCancelledAndKilledGoesOnAsItsCodeSays(CancelledProgram program) throws Exception {
        Places.use(places -> kill(program, places));
    }

    private void kill(CancelledProgram program, Places places) throws Exception {
        for (int at = 1; at <= CANCELLED_AT; at++) {
            CopyingStore store = CopyingStore.on(places.fresh());
            executed.set(0);
            String first = live(store, program, at);
            int number = 0;
            for (CopyingStore.Copy copy : store.copies()) {
                assertThat(live(open(copy.restore()), program, -1))
                        .as("%s, cancelled in step %d, killed after commit %d; alive: %s", program, at, ++number, first)
                        .doesNotContain("diverged")
                        .doesNotContain("IllegalState");
            }
        }
    }

    private static RunStore open(Place place) throws IOException {
        RunStore store = place.open();
        store.workers().forEach(worker -> store.retire(worker.id())); // this process was it, and seems alive
        return store;
    }

    private String live(RunStore store, CancelledProgram program, int cancelledAt) {
        PerdureOptions options = PerdureOptions.DEFAULT.withCloseGrace(Duration.ZERO);
        try (Perdure perdure = Perdure.on(store, options)) {
            perdure.register(
                    Workflow.named("program")
                            .takes(String.class)
                            .returns(String.class)
                            .runs((run, _) -> program.work(run, () -> body(perdure, cancelledAt))));
            RunHandle<String> run = perdure.start("program", "x", StartOptions.withId("run"));
            String outcome = outcome(run);
            List<Finding> findings = new ArrayList<>();
            perdure.administration().verify(Optional.empty(), Optional.empty(), findings::add);
            assertThat(findings).isEmpty();
            return outcome;
        }
    }

    private Callable<Integer> body(Perdure perdure, int cancelledAt) {
        return () -> {
            if (executed.incrementAndGet() == cancelledAt) {
                perdure.administration().cancel("run", "changed my mind");
            }
            Thread.sleep(4);
            return 1;
        };
    }

    private static String outcome(RunHandle<String> run) {
        try {
            return run.result(Duration.ofSeconds(60));
        } catch (CancelledException e) {
            return "cancelled";
        } catch (RunFailedException e) {
            return "failed: " + e.getMessage();
        } catch (RunNotEndedException e) { // a step in doubt waits for a person
            assertThat(e.getMessage()).contains("in doubt");
            return "in doubt";
        }
    }
}
