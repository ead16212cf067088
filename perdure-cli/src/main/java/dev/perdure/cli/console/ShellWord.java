package dev.perdure.cli.console;

import java.util.regex.Pattern;

/// A word of a command that is shown to be copied into a shell: a URL with `&` in it would be two commands there.
public final class ShellWord {
    private static final Pattern HARMLESS = Pattern.compile("[A-Za-z0-9_@%+=:,./~-]+");

    private ShellWord() {}

    /// `word`, in quotes if a shell would read it otherwise.
    public static String of(String word) {
        return HARMLESS.matcher(word).matches() ? word : "'" + word.replace("'", "'\\''") + "'";
    }
}
