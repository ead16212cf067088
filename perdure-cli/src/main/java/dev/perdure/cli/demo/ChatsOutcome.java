package dev.perdure.cli.demo;

import dev.perdure.cli.console.Console;
import dev.perdure.cli.console.Json;
import dev.perdure.cli.console.Style;
import dev.perdure.store.RunRecord;
import dev.perdure.store.RunStatus;
import dev.perdure.store.StoreSize;

import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/// What the playing of chats came to.
///
/// @param firstRun the id of a run to look at, if there is any
/// @param failures why runs failed
/// @param stepsPerSecond recorded steps by the time between the first and the last of each worker
record ChatsOutcome(
        long completed,
        Optional<String> firstRun,
        List<String> failures,
        KillAndResume.Result result,
        long rawBytes,
        long storedBytes,
        long uncompressedBytes,
        double stepsPerSecond) {
    private static final int MAX_FAILURES = 10;

    ChatsOutcome {
        failures = List.copyOf(failures);
    }

    static ChatsOutcome of(
            List<RunRecord> runs, KillAndResume.Result result, long rawBytes, StoreSize before, StoreSize after) {
        List<String> failures =
                runs.stream()
                        .filter(run -> run.status() != RunStatus.COMPLETED)
                        .map(run ->
                                run.id()
                                        + " is "
                                        + run.status().name().toLowerCase(Locale.ROOT)
                                        + (run.reason().isEmpty() ? "" : ": " + run.reason()))
                        .toList();
        long stored = after.storedBytes() - before.storedBytes();
        Duration busy =
                result.killed()
                        ? result.before().span().plus(result.all().without(result.before()).span())
                        : result.all().span();
        return new ChatsOutcome(
                runs.size() - failures.size(),
                runs.isEmpty() ? Optional.empty() : Optional.of(runs.getLast().id().value()),
                failures,
                result,
                rawBytes,
                stored,
                stored + after.savedBytes() - before.savedBytes(),
                result.all().steps().size() * 1_000.0 / Math.max(1, busy.toMillis()));
    }

    long failed() {
        return failures.size();
    }

    Json json() {
        return new Json()
                .put("runs", completed + failed())
                .put("modelSteps", result.all().named(PlayChat.MODEL))
                .put("toolSteps", result.all().named(PlayChat.TOOL))
                .put("executedTwice", result.tally().twice())
                .put("inFlightReran", result.tally().inFlightReran())
                .put("rawBytes", rawBytes)
                .put("storedBytes", storedBytes)
                .put("uncompressedBytes", uncompressedBytes)
                .measured("stepsPerSecond", stepsPerSecond)
                .put("completed", completed)
                .put("failed", failed());
    }

    void print(Console console, String session, String executions, String hint) {
        console.line("");
        console.line(
                console.paint(Style.BOLD, completed + " of " + (completed + failed()) + " conversations completed")
                        + ": "
                        + KillAndResume.grouped(result.all().named(PlayChat.MODEL))
                        + " replies of the model, "
                        + KillAndResume.grouped(result.all().named(PlayChat.TOOL))
                        + " tool calls");
        failures.stream()
                .limit(MAX_FAILURES)
                .forEach(why -> console.line(console.paint(Style.RED, "failed") + "  " + why));
        console.line("");
        if (result.killed()) {
            new SurvivalTable(result, executions).print(console);
            console.line("");
        }
        console.line("  messages as JSON   %12s bytes".formatted(KillAndResume.grouped(rawBytes)));
        console.line(
                "  the store grew by  %12s bytes  %s"
                        .formatted(KillAndResume.grouped(storedBytes), ratio(storedBytes)));
        console.line(
                "  uncompressed       %12s bytes  %s"
                        .formatted(KillAndResume.grouped(uncompressedBytes), ratio(uncompressedBytes)));
        console.line(
                "  durable steps      %12s a second, each with its input and result"
                        .formatted(KillAndResume.grouped(Math.round(stepsPerSecond))));
        console.line("");
        console.line(console.paint(Style.BOLD, "Look at them:"));
        console.line("  ./perdure runs --session " + session + hint);
        firstRun.ifPresent(run -> console.line("  ./perdure log " + run + hint));
        console.line("  ./perdure verify" + hint);
    }

    private String ratio(long bytes) {
        return rawBytes == 0 ? "" : String.format(Locale.ROOT, "(%.2f x)", (double) bytes / rawBytes);
    }
}
