package dev.perdure.cli.console;

import static org.assertj.core.api.Assertions.assertThat;

import dev.perdure.cli.console.Table.Cell;
import dev.perdure.cli.console.Table.Column;

import org.junit.jupiter.api.Test;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.List;

final class TableTest {
    @Test
    void alignsColumnsAndLeavesOutEmptyOnes() {
        Table table =
                new Table(
                        List.of(
                                Column.text("RUN"),
                                Column.flexible("NOTE"),
                                Column.number("ENTRIES"),
                                Column.flexible("LAST")));
        table.add(List.of(Cell.of("order-42"), Cell.of(""), Cell.of("7"), Cell.of("x")));
        table.add(List.of(Cell.of("b"), Cell.of(""), Cell.of("1234"), Cell.of("")));
        StringWriter out = new StringWriter();
        table.print(new Console(new PrintWriter(out), new PrintWriter(out), false, false));

        assertThat(out.toString().lines())
                .containsExactly("RUN       ENTRIES  LAST", "order-42        7  x", "b            1234");
    }
}
