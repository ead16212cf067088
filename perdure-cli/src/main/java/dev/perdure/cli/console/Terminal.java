package dev.perdure.cli.console;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.TimeUnit;

/// What is known of the terminal this process was started from.
final class Terminal {
    private static final int DEFAULT_COLUMNS = 80;
    private static final int FEWEST_COLUMNS = 40;

    private Terminal() {}

    /// Whether a person sees what is printed.
    @SuppressWarnings("SystemConsoleNull") // since JDK 25 it is null again where there is no terminal
    static boolean interactive() {
        var console = System.console();
        return console != null && console.isTerminal();
    }

    /// How wide the terminal is. Asks `stty`, since Java cannot tell and shells do not export `COLUMNS`.
    static int columns() {
        try {
            Process stty =
                    new ProcessBuilder("stty", "size")
                            .redirectInput(new File("/dev/tty"))
                            .redirectError(ProcessBuilder.Redirect.DISCARD)
                            .start();
            if (!stty.waitFor(1, TimeUnit.SECONDS)) {
                stty.destroyForcibly();
                return DEFAULT_COLUMNS;
            }
            String size = new String(stty.getInputStream().readAllBytes(), StandardCharsets.US_ASCII).strip();
            int columns = Integer.parseInt(size.substring(size.indexOf(' ') + 1));
            return columns == 0 ? DEFAULT_COLUMNS : Math.max(FEWEST_COLUMNS, columns);
        } catch (IOException | NumberFormatException e) {
            return DEFAULT_COLUMNS; // no stty, no terminal: nothing depends on it but the layout
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return DEFAULT_COLUMNS;
        }
    }
}
