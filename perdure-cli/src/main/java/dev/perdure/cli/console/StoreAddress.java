package dev.perdure.cli.console;

import dev.perdure.CopyStore;
import dev.perdure.Perdure;
import dev.perdure.PerdureOptions;
import dev.perdure.error.InvalidInputException;
import dev.perdure.store.StoreStanding;

import java.io.IOException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.regex.Pattern;

/// Which store a command works on: `--store`, else `$PERDURE_STORE`, else `perdure.db` in the current folder.
///
/// A password comes best from `$PERDURE_STORE_PASSWORD`, or from the file that `$PERDURE_STORE_PASSWORD_FILE` names: a
/// command line can be read by everybody on the machine. It is added to the URL of a store that has a server, and shown
/// nowhere: [#toString] gives the URL without it.
public final class StoreAddress {
    private static final String DEFAULT = "jdbc:sqlite:perdure.db";
    private static final String SQLITE = "jdbc:sqlite:";
    private static final String MEMORY = "memory:";
    private static final Pattern PARAMETER =
            Pattern.compile("([?&;](?:password|passwd|pwd|secret|token|sslpassword)=)[^&;]*", Pattern.CASE_INSENSITIVE);
    private static final Pattern USER_INFO = Pattern.compile("(//[^/:@?]*:)[^/@]*@");

    private final String url;
    private final String shown;

    /// @param given the URL as it was given: commands that are proposed show it, and get the password as this one did
    private StoreAddress(String url, String given) {
        this.url = url;
        this.shown = USER_INFO.matcher(PARAMETER.matcher(given).replaceAll("$1***")).replaceAll("$1***@");
    }

    /// The store that the option or the environment names.
    ///
    /// @param option what `--store` says, if it is given
    /// @param environment the process's environment
    public static StoreAddress of(Optional<String> option, Map<String, String> environment) {
        String url =
                option.or(() -> Optional.ofNullable(environment.get("PERDURE_STORE")).filter(u -> !u.isBlank()))
                        .orElse(DEFAULT);
        boolean server = !url.startsWith(SQLITE) && !url.startsWith(MEMORY);
        return new StoreAddress(server ? withPassword(url, environment) : url, url);
    }

    private static String withPassword(String url, Map<String, String> environment) {
        return password(environment)
                .map(secret ->
                        url
                                + (url.contains("?") ? "&" : "?")
                                + "password="
                                + URLEncoder.encode(secret, StandardCharsets.UTF_8))
                .orElse(url);
    }

    private static Optional<String> password(Map<String, String> environment) {
        String file = environment.get("PERDURE_STORE_PASSWORD_FILE");
        if (file == null || file.isBlank()) {
            return Optional.ofNullable(environment.get("PERDURE_STORE_PASSWORD"));
        }
        try {
            return Optional.of(Files.readString(Path.of(file)).strip());
        } catch (IOException | InvalidPathException e) {
            throw new InvalidInputException(
                    "the password file "
                            + OneLine.of(file)
                            + " cannot be read. Correct $PERDURE_STORE_PASSWORD_FILE, or the rights of the file.",
                    e);
        }
    }

    /// Opens the store, creating it if it is not there.
    public Perdure open(PerdureOptions options) {
        return Perdure.open(url, options);
    }

    /// Opens a store that is there: a command that only looks must not create one.
    ///
    /// @throws InvalidInputException if it is not there
    public Perdure openExisting() {
        refuseNothing();
        return open(PerdureOptions.DEFAULT);
    }

    private void refuseNothing() {
        if (!Perdure.exists(url)) {
            boolean isFile = file().isPresent();
            throw new InvalidInputException(
                    "there is no store at "
                            + (isFile ? file().get().toAbsolutePath() : shown)
                            + ". `perdure start` and `perdure worker` create one; name another with --store "
                            + (isFile ? "jdbc:sqlite:FILE" : "URL")
                            + " or $PERDURE_STORE.");
        }
    }

    /// Moves the store, or copies it: see [CopyStore].
    public CopyStore.Report copyTo(StoreAddress target, boolean keep, Consumer<CopyStore.Progress> progress) {
        refuseNothing();
        return keep ? CopyStore.keep(url, target.url, progress) : CopyStore.move(url, target.url, progress);
    }

    /// Gives up a move of the store.
    public StoreStanding abandon() {
        refuseNothing();
        return CopyStore.abandon(url);
    }

    /// See [CopyStore#afterRestore].
    public long afterRestore() {
        refuseNothing();
        return CopyStore.afterRestore(url);
    }

    /// The file of the store, if it is a SQLite file.
    public Optional<Path> file() {
        if (!url.startsWith(SQLITE) || url.contains("?")) {
            return Optional.empty();
        }
        try {
            return Optional.of(Path.of(url.substring(SQLITE.length())));
        } catch (InvalidPathException e) {
            return Optional.empty(); // the store says what is wrong with it
        }
    }

    /// A PostgreSQL store, as its driver reaches it.
    ///
    /// @param url the driver's, with the password
    public record Postgres(String url, String schema) {}

    /// Where the store is on PostgreSQL, if it is.
    public Optional<Postgres> postgres() {
        if (!url.startsWith("jdbc:postgresql:")) {
            return Optional.empty();
        }
        int question = url.indexOf('?');
        String place = question < 0 ? url : url.substring(0, question);
        String schema = "perdure";
        StringBuilder rest = new StringBuilder();
        for (String parameter : question < 0 ? new String[0] : url.substring(question + 1).split("&", -1)) {
            if (parameter.startsWith("perdureSchema=")) {
                schema = parameter.substring(parameter.indexOf('=') + 1);
            } else if (!parameter.startsWith("perdure")) {
                rest.append(rest.isEmpty() ? '?' : '&').append(parameter);
            }
        }
        return Optional.of(new Postgres(place + rest, schema));
    }

    /// The URL with its password: for the environment of a process that this one starts, never for a command line.
    public String secretUrl() {
        return url;
    }

    /// The URL without secrets.
    @Override
    public String toString() {
        return shown;
    }
}
