package dev.perdure.cli.console;

import tools.jackson.databind.JsonNode;

import java.util.Iterator;
import java.util.Map;

/// Writes JSON as a person reads it: what fits stays on one line, the rest is indented. Valid JSON in either form.
///
/// Unlike Jackson's writer it also escapes what could move a terminal's cursor, since payloads are other people's text.
public final class JsonText {
    private static final String INDENT = "  ";
    private static final int WIDTH = 100;

    private final boolean colours;
    private final int width;
    private final StringBuilder text = new StringBuilder();

    private JsonText(boolean colours, int width) {
        this.colours = colours;
        this.width = width;
    }

    /// Indented, for a person; coloured and fitted to the terminal if there is one.
    public static String readable(JsonNode node, Console console) {
        return of(node, console.colours(), Math.min(WIDTH, console.columns()));
    }

    /// Everything on one line, without colours.
    public static String compact(JsonNode node) {
        return of(node, false, Integer.MAX_VALUE);
    }

    private static String of(JsonNode node, boolean colours, int width) {
        JsonText json = new JsonText(colours, width);
        json.write(node, 0, 0);
        return json.text.toString();
    }

    /// @param used how many characters stand on the line already, or will behind the value
    private void write(JsonNode node, int depth, int used) {
        if (!node.isContainer()) {
            scalar(node);
        } else if (node.isEmpty()) {
            text.append(node.isObject() ? "{}" : "[]");
        } else if (width == Integer.MAX_VALUE || fits(node, used)) {
            oneLine(node);
        } else {
            lines(node, depth);
        }
    }

    private boolean fits(JsonNode node, int used) {
        return left(node, width - used) >= 0;
    }

    /// What is left of `room` once `node` stands in it on one line; negative, and counted no further, if it does not
    /// fit.
    private static int left(JsonNode node, int room) {
        if (!node.isContainer()) {
            return room - (node.isString() ? quoted(node.stringValue()).length() : node.toString().length());
        }
        int left = room - (node.isEmpty() ? 2 : 0); // n values have n - 1 separators, and two brackets
        for (Iterator<Map.Entry<String, JsonNode>> all = entries(node); left >= 0 && all.hasNext(); ) {
            Map.Entry<String, JsonNode> one = all.next();
            left = left(one.getValue(), left - 2 - (node.isObject() ? one.getKey().length() + 4 : 0));
        }
        return left;
    }

    private void oneLine(JsonNode node) {
        text.append(node.isObject() ? '{' : '[');
        String separator = "";
        for (Iterator<Map.Entry<String, JsonNode>> all = entries(node); all.hasNext(); ) {
            Map.Entry<String, JsonNode> one = all.next();
            text.append(separator);
            key(node, one.getKey());
            write(one.getValue(), 0, 0);
            separator = ", ";
        }
        text.append(node.isObject() ? '}' : ']');
    }

    private void lines(JsonNode node, int depth) {
        text.append(node.isObject() ? '{' : '[');
        String separator = "\n";
        for (Iterator<Map.Entry<String, JsonNode>> all = entries(node); all.hasNext(); ) {
            Map.Entry<String, JsonNode> one = all.next();
            text.append(separator).repeat(INDENT, depth + 1);
            key(node, one.getKey());
            int name = node.isObject() ? one.getKey().length() + 4 : 0;
            write(one.getValue(), depth + 1, INDENT.length() * (depth + 1) + name + 1);
            separator = ",\n";
        }
        text.append('\n').repeat(INDENT, depth).append(node.isObject() ? '}' : ']');
    }

    private static Iterator<Map.Entry<String, JsonNode>> entries(JsonNode node) {
        return node.isObject()
                ? node.properties().iterator()
                : node.valueStream().map(item -> Map.entry("", item)).iterator();
    }

    private void key(JsonNode container, String name) {
        if (container.isObject()) {
            paint(Style.CYAN, quoted(name));
            text.append(": ");
        }
    }

    private void scalar(JsonNode node) {
        if (node.isString()) {
            paint(Style.GREEN, quoted(node.stringValue()));
        } else {
            paint(node.isNull() ? Style.DIM : Style.YELLOW, node.toString());
        }
    }

    private void paint(Style style, String token) {
        text.append(colours ? style.paint(token) : token);
    }

    /// RFC 8259, section 7.
    static String quoted(String value) {
        StringBuilder quoted = new StringBuilder(value.length() + 2).append('"');
        for (int i = 0; i < value.length(); i++) {
            char c = value.charAt(i);
            switch (c) {
                case '"', '\\' -> quoted.append('\\').append(c);
                case '\n' -> quoted.append("\\n");
                case '\r' -> quoted.append("\\r");
                case '\t' -> quoted.append("\\t");
                default -> {
                    if (OneLine.moves(c)) {
                        quoted.append("\\u%04x".formatted((int) c));
                    } else {
                        quoted.append(c);
                    }
                }
            }
        }
        return quoted.append('"').toString();
    }
}
