package dev.perdure.cli.bench;

import dev.perdure.cli.console.Console;
import dev.perdure.cli.console.Json;
import dev.perdure.cli.console.Style;
import dev.perdure.cli.console.Table;
import dev.perdure.cli.console.Table.Cell;
import dev.perdure.cli.console.Table.Column;

import tools.jackson.databind.node.NullNode;
import tools.jackson.databind.node.ObjectNode;

import java.util.List;
import java.util.Locale;
import java.util.Optional;

/// What `perdure bench` measured.
///
/// @param runs how many runs at the same time
/// @param steps how many steps they recorded together while it was measured
/// @param raw the limit of the same disk, where one is known
record Measurement(
        int runs,
        long steps,
        double stepsPerSecond,
        double p50Micros,
        double p99Micros,
        double bytesPerStep,
        Optional<RawLimit.Result> raw) {

    ObjectNode json() {
        Json json =
                new Json()
                        .put("runs", runs)
                        .put("steps", steps)
                        .measured("stepsPerSecond", stepsPerSecond)
                        .measured("p50Micros", p50Micros)
                        .measured("p99Micros", p99Micros);
        if (raw.isPresent()) {
            json.measured("rawCommitP50Micros", raw.get().commitMicros())
                    .measured("rawGroupRowsPerSecond", raw.get().groupRowsPerSecond());
        } else {
            json.put("rawCommitP50Micros", NullNode.instance).put("rawGroupRowsPerSecond", NullNode.instance);
        }
        return json.measured("bytesPerStep", bytesPerStep).node();
    }

    /// Prints it as a table, with the ratio that says something: of latencies for one run, of rates for many.
    void print(Console console, String database) {
        console.line(
                console.paint(
                        Style.BOLD,
                        "%,d durable steps of about 200 bytes, %,d %s at a time"
                                .formatted(steps, runs, runs == 1 ? "run" : "runs")));
        Table table =
                new Table(
                        List.of(
                                Column.text(""),
                                Column.number("PERDURE"),
                                Column.number(raw.isPresent() ? "RAW " + database.toUpperCase(Locale.ROOT) : "RAW"),
                                Column.number("RATIO"),
                                Column.text("RAW IS")));
        table.add(
                row(
                        "step, p50",
                        micros(p50Micros),
                        raw.map(r -> micros(r.commitMicros())),
                        runs > 1 ? Optional.empty() : raw.map(r -> "%.2f".formatted(p50Micros / r.commitMicros())),
                        "one commit of one row, p50"));
        table.add(row("step, p99", micros(p99Micros), Optional.empty(), Optional.empty(), ""));
        table.add(
                row(
                        "steps/s",
                        "%,.0f".formatted(stepsPerSecond),
                        raw.map(r -> "%,.0f".formatted(r.groupRowsPerSecond())),
                        runs == 1
                                ? Optional.empty()
                                : raw.map(r -> "%.2f".formatted(stepsPerSecond / r.groupRowsPerSecond())),
                        "rows/s in commits of " + RawLimit.GROUP));
        table.add(row("bytes/step", "%,.0f".formatted(bytesPerStep), Optional.empty(), Optional.empty(), ""));
        table.print(console);
        console.line("All of it was read back and verified.");
    }

    private List<Cell> row(String what, String value, Optional<String> limit, Optional<String> ratio, String note) {
        return List.of(
                Cell.of(what),
                new Cell(value, Style.BOLD),
                Cell.of(limit.orElse("")),
                new Cell(ratio.orElse(""), Style.CYAN),
                new Cell(limit.isPresent() ? note : "", Style.DIM));
    }

    private static String micros(double micros) {
        return micros < 1_000 ? "%.0f µs".formatted(micros) : "%,.2f ms".formatted(micros / 1_000);
    }
}
