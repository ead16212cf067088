package dev.perdure.cli;

import dev.perdure.CancelledException;
import dev.perdure.Perdure;
import dev.perdure.RunFailedException;
import dev.perdure.RunNotEndedException;
import dev.perdure.cli.console.Console;
import dev.perdure.cli.console.ExitCode;
import dev.perdure.cli.console.Json;
import dev.perdure.cli.console.JsonText;
import dev.perdure.store.RunFilter;
import dev.perdure.store.RunRecord;
import dev.perdure.store.RunStatus;

import tools.jackson.databind.JsonNode;

import java.util.Optional;
import java.util.concurrent.TimeUnit;

/// Waits for a run and prints what became of it: the result's JSON, or with `--json` an object around it.
final class PrintResult {
    private static final long POLL_MILLIS = 20;
    private static final long REST_NANOS = TimeUnit.MILLISECONDS.toNanos(500);

    private final Console console;
    private final boolean json;
    private final String hint;

    /// @param hint what to add to commands so that they work on the same store
    PrintResult(Console console, boolean json, String hint) {
        this.console = console;
        this.json = json;
        this.hint = hint;
    }

    /// Prints the result of a run, waiting for it; every outcome that is not one is thrown.
    int of(Perdure perdure, String id) {
        Optional<RunRecord> resting = awaitRest(perdure, id);
        if (resting.isPresent()) {
            return unfinished(resting.get());
        }
        JsonNode result;
        try {
            result = perdure.run(id, JsonNode.class).result();
        } catch (RunFailedException failed) {
            Json failure = new Json().put("type", failed.failure().type()).put("message", failed.failure().message());
            envelope(perdure, id, new Json().put("failure", failure));
            throw failed;
        } catch (CancelledException | RunNotEndedException other) {
            envelope(perdure, id, new Json());
            throw other;
        }
        if (json) {
            envelope(perdure, id, new Json().put("result", result));
        } else {
            console.line(JsonText.readable(result, console));
        }
        return ExitCode.DONE;
    }

    /// Returns when the run has ended or needs an operator, or with the run as it waits for somebody: then it stays
    /// that way until a message comes.
    private static Optional<RunRecord> awaitRest(Perdure perdure, String id) {
        long epoch = -1;
        long sinceNanos = 0;
        while (true) {
            RunRecord run = perdure.administration().find(id);
            boolean waits = run.status() == RunStatus.WAITING && (run.wakeAtMillis().isEmpty() || asks(run));
            if (run.status().ended() || run.status() == RunStatus.STUCK || run.status() == RunStatus.PAUSED) {
                return Optional.empty();
            }
            if (!waits || run.epoch() != epoch) {
                epoch = waits ? run.epoch() : -1;
                sinceNanos = System.nanoTime();
            } else if (System.nanoTime() - sinceNanos > REST_NANOS) {
                return Optional.of(run);
            }
            try {
                Thread.sleep(POLL_MILLIS);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return Optional.of(run);
            }
        }
    }

    /// Prints where a run without a result stands.
    int unfinished(RunRecord run) {
        if (json) {
            console.line(JsonText.compact(head(run).node()));
        }
        console.say(
                "perdure: run "
                        + run.id()
                        + " has no result yet: it is "
                        + RunText.status(run.status())
                        + (run.reason().isEmpty() ? "" : ", " + run.reason())
                        + ". `perdure result "
                        + run.id()
                        + " --wait"
                        + hint
                        + "` waits for it."
                        + (asks(run)
                                ? " `perdure approvals "
                                        + run.id()
                                        + hint
                                        + "` shows what it asks for, and how to answer."
                                : ""));
        return ExitCode.WAITING;
    }

    /// Whether it waits for people, though not for ever.
    private static boolean asks(RunRecord run) {
        return run.status() == RunStatus.WAITING && run.reason().startsWith(RunFilter.APPROVAL);
    }

    private void envelope(Perdure perdure, String id, Json outcome) {
        if (json) {
            Json all = head(perdure.administration().find(id));
            outcome.node().properties().forEach(field -> all.put(field.getKey(), field.getValue()));
            console.line(JsonText.compact(all.node()));
        }
    }

    private static Json head(RunRecord run) {
        return new Json()
                .put("run", run.id().value())
                .put("status", RunText.status(run.status()))
                .putIfAny("reason", run.reason());
    }
}
