package dev.perdure.cli.demo;

import dev.perdure.PerdureOptions;
import dev.perdure.cli.console.ShellWord;
import dev.perdure.cli.console.StoreAddress;
import dev.perdure.error.InvalidInputException;

import org.jspecify.annotations.Nullable;

import picocli.CommandLine.Option;

import java.util.Map;
import java.util.Optional;

/// The option `--store` of the demo, whose processes all use the same store.
final class DemoStore {
    @Option(
            names = "--store",
            paramLabel = "URL",
            description = "The store, which keeps the runs; else $$PERDURE_STORE, else jdbc:sqlite:perdure.db.")
    private @Nullable String url;

    /// The store meant.
    ///
    /// @throws InvalidInputException if it would die with the process that the demo kills
    StoreAddress address() {
        StoreAddress address = StoreAddress.of(Optional.ofNullable(url), System.getenv());
        if (address.toString().startsWith("memory:")) {
            throw new InvalidInputException(
                    "a store in memory ends with the process that the demo kills. Use one on disk: --store"
                            + " jdbc:sqlite:FILE");
        }
        return address;
    }

    /// Opens it once, so that what cannot work is refused before anything is done.
    void check() {
        address().open(PerdureOptions.DEFAULT).close();
    }

    /// Tells a worker which store to use. By the environment, since everybody can read command lines.
    void handTo(Map<String, String> environment) {
        if (url != null) {
            environment.put("PERDURE_STORE", url);
        }
    }

    /// What to add to a command in a hint so that it works on the same store; no secrets.
    String hint() {
        return url == null ? "" : " --store " + ShellWord.of(address().toString());
    }
}
