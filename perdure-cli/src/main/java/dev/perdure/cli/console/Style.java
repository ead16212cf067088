package dev.perdure.cli.console;

/// How a piece of text looks on a terminal (ECMA-48, "select graphic rendition").
public enum Style {
    PLAIN(""),
    BOLD("1"),
    DIM("2"),
    RED("31"),
    GREEN("32"),
    YELLOW("33"),
    CYAN("36");

    private final String code;

    Style(String code) {
        this.code = code;
    }

    /// `text` with this look switched on before it and off behind it.
    public String paint(String text) {
        return this == PLAIN || text.isEmpty() ? text : "\u001b[" + code + "m" + text + "\u001b[m";
    }
}
