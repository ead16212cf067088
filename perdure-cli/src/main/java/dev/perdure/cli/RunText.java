package dev.perdure.cli;

import dev.perdure.cli.console.Json;
import dev.perdure.cli.console.OneLine;
import dev.perdure.cli.console.Style;
import dev.perdure.store.RunRecord;
import dev.perdure.store.RunStatus;

import picocli.CommandLine.TypeConversionException;

import java.time.Instant;
import java.util.Locale;
import java.util.function.LongFunction;

/// A run of the index, as commands print it.
final class RunText {
    /// What `--status` takes.
    static final String STATUSES = "pending, running, waiting, paused, stuck, completed, failed or cancelled";

    private RunText() {}

    /// Reads what `--status` says.
    static RunStatus parse(String text) {
        for (RunStatus status : RunStatus.values()) {
            if (status(status).equalsIgnoreCase(text)) {
                return status;
            }
        }
        throw new TypeConversionException("\"" + text + "\" is no status; a run is " + STATUSES);
    }

    /// The status in the words of the documents: `completed`.
    static String status(RunStatus status) {
        return status.name().toLowerCase(Locale.ROOT);
    }

    /// Why it is what it is, in one line; of one that waits also until when.
    ///
    /// @param time shows a time, in milliseconds since 1970
    static String note(RunRecord run, LongFunction<String> time) {
        String reason = OneLine.of(run.reason());
        if (run.status() != RunStatus.WAITING || run.wakeAtMillis().isEmpty() || reason.contains("until")) {
            return reason;
        }
        String until = "until " + time.apply(run.wakeAtMillis().get());
        return reason.isEmpty() || reason.equals("time") ? until : reason + ", " + until;
    }

    static Style style(RunStatus status) {
        return switch (status) {
            case COMPLETED -> Style.GREEN;
            case FAILED, STUCK -> Style.RED;
            case WAITING, PAUSED -> Style.YELLOW;
            case RUNNING -> Style.CYAN;
            case CANCELLED -> Style.DIM;
            case PENDING -> Style.PLAIN;
        };
    }

    static Json json(RunRecord run) {
        Json json =
                new Json()
                        .put("run", run.id().value())
                        .put("status", status(run.status()))
                        .putIfAny("reason", run.reason())
                        .put("workflow", run.workflow())
                        .put("version", run.version())
                        .putIfAny("session", run.session())
                        .put("group", run.group())
                        .put("branch", run.branch())
                        .put("entries", run.headSequence() + 1)
                        .put("head", run.headDigest().hex())
                        .put("started", Instant.ofEpochMilli(run.createdMillis()))
                        .put("updated", Instant.ofEpochMilli(run.updatedMillis()))
                        .putIfAny("worker", run.holder());
        run.place()
                .ifPresent(place ->
                        json.put("queue", place.queue())
                                .putIfAny("key", place.key())
                                .put("priority", place.priority()));
        run.wakeAtMillis().ifPresent(millis -> json.put("wakesAt", Instant.ofEpochMilli(millis)));
        return json;
    }
}
