package dev.perdure.cli.console;

import java.util.ArrayList;
import java.util.List;

/// Rows under headings, each column as wide as its widest cell; on a terminal that is too narrow the flexible columns
/// are cut, and at last left out. Not thread-safe.
public final class Table {
    private static final String GAP = "  ";
    private static final int NARROWEST = 8;

    /// A column's heading, whether its cells stand to the right as numbers do, and whether they may be cut.
    public record Column(String heading, boolean right, boolean flexible) {
        public static Column text(String heading) {
            return new Column(heading, false, false);
        }

        public static Column number(String heading) {
            return new Column(heading, true, false);
        }

        public static Column flexible(String heading) {
            return new Column(heading, false, true);
        }
    }

    /// A cell's text and look.
    public record Cell(String text, Style style) {
        public static Cell of(String text) {
            return new Cell(text, Style.PLAIN);
        }
    }

    private final List<Column> columns;
    private final List<List<Cell>> rows = new ArrayList<>();

    public Table(List<Column> columns) {
        this.columns = List.copyOf(columns);
    }

    public void add(List<Cell> cells) {
        if (cells.size() != columns.size()) {
            throw new IllegalArgumentException(cells.size() + " cells in a row of " + columns.size());
        }
        rows.add(List.copyOf(cells));
    }

    /// Prints headings and rows. Columns without any text are left out.
    public void print(Console console) {
        int[] widths = fitted(console.columns());
        List<Cell> headings = columns.stream().map(column -> new Cell(column.heading(), Style.DIM)).toList();
        console.line(line(console, headings, widths));
        rows.forEach(row -> console.line(line(console, row, widths)));
    }

    private int[] fitted(int available) {
        int[] widths = new int[columns.size()];
        for (int i = 0; i < widths.length; i++) {
            int column = i;
            int widest = rows.stream().mapToInt(row -> row.get(column).text().length()).max().orElse(0);
            widths[i] = widest == 0 ? 0 : Math.max(widest, columns.get(i).heading().length());
        }
        while (total(widths) > available) {
            int widest = widestFlexible(widths);
            if (widest < 0) {
                break;
            }
            widths[widest]--;
        }
        for (int i = widths.length - 1; i >= 0 && total(widths) > available; i--) {
            if (columns.get(i).flexible()) {
                widths[i] = 0; // too narrow to say anything: left out; the terminal wraps what is left
            }
        }
        return widths;
    }

    private static int total(int[] widths) {
        int total = -GAP.length();
        for (int width : widths) {
            total += width == 0 ? 0 : width + GAP.length();
        }
        return total;
    }

    private int widestFlexible(int[] widths) {
        int widest = -1;
        for (int i = 0; i < widths.length; i++) {
            if (columns.get(i).flexible() && widths[i] > NARROWEST && (widest < 0 || widths[i] > widths[widest])) {
                widest = i;
            }
        }
        return widest;
    }

    private String line(Console console, List<Cell> cells, int[] widths) {
        StringBuilder line = new StringBuilder();
        int pending = 0; // blanks that are written only if something follows
        for (int i = 0; i < widths.length; i++) {
            if (widths[i] == 0) {
                continue;
            }
            String text = OneLine.cut(cells.get(i).text(), widths[i]);
            int blanks = widths[i] - text.length();
            boolean right = columns.get(i).right();
            line.repeat(' ', text.isEmpty() ? 0 : pending + (right ? blanks : 0));
            line.append(console.paint(cells.get(i).style(), text));
            pending = (text.isEmpty() ? pending + widths[i] : right ? 0 : blanks) + GAP.length();
        }
        return line.toString();
    }
}
