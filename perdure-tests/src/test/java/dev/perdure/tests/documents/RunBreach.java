package dev.perdure.tests.documents;

import dev.perdure.Perdure;
import dev.perdure.PerdureOptions;
import dev.perdure.RunFailedException;
import dev.perdure.RunHandle;
import dev.perdure.RunNotEndedException;
import dev.perdure.StartOptions;
import dev.perdure.error.DivergedException;
import dev.perdure.error.PerdureException;
import dev.perdure.store.RunRecord;

import java.time.Duration;
import java.util.Locale;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/// Runs a fragment that breaks a rule of workflow code, and tells what its user sees of it in `perdure show`.
///
/// Where the fragment crashes (at the latest after its last statement) the first process is closed, and a second one
/// goes on with the same run: it executes the code from the beginning and replays what is recorded.
final class RunBreach {
    private RunBreach() {}

    /// @return the type and message of the failure, or the status and its reason, or `no error`
    static String messageOf(World fragment) {
        String store = "memory:" + UUID.randomUUID();
        try (Perdure perdure = open(store)) {
            CompletableFuture<String> outcome = outcome(perdure, fragment);
            CompletableFuture.anyOf(outcome, fragment.died()).join();
            if (!fragment.died().isDone()) {
                return outcome.join();
            }
        }
        try (Perdure perdure = open(store)) {
            return outcome(perdure, fragment).join();
        }
    }

    private static Perdure open(String store) {
        return Perdure.open(store, PerdureOptions.DEFAULT.withCloseGrace(Duration.ZERO));
    }

    private static CompletableFuture<String> outcome(Perdure perdure, World fragment) {
        RunHandle<Object> run =
                perdure.register(fragment.workflow()).start("example", fragment.brief, StartOptions.withId("example"));
        return CompletableFuture.supplyAsync(() -> outcome(perdure, run), Thread::startVirtualThread)
                .orTimeout(60, TimeUnit.SECONDS);
    }

    private static String outcome(Perdure perdure, RunHandle<Object> run) {
        try {
            run.result();
            return "no error";
        } catch (RunFailedException failed) {
            return failed.failure().type() + ": " + failed.failure().message();
        } catch (DivergedException diverged) { // parked in a moment, if it is not yet
            return "stuck: " + diverged.getMessage();
        } catch (RunNotEndedException parked) {
            RunRecord record = perdure.administration().find(run.id().value());
            return record.status().name().toLowerCase(Locale.ROOT) + ": " + record.reason();
        } catch (PerdureException seen) {
            return seen.getClass().getSimpleName() + ": " + seen.getMessage();
        }
    }
}
