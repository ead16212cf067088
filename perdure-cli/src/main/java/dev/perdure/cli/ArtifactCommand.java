package dev.perdure.cli;

import dev.perdure.Artifact;
import dev.perdure.Perdure;
import dev.perdure.cli.console.Console;
import dev.perdure.cli.console.ExitCode;
import dev.perdure.cli.console.StoreOption;
import dev.perdure.error.CorruptedException;
import dev.perdure.error.InvalidInputException;
import dev.perdure.error.UnavailableException;

import org.jspecify.annotations.Nullable;

import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.concurrent.Callable;

@Command(
        name = "artifact",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        header = "Write an artifact of a run to a file or standard output.",
        description = "Its bytes are checked against its digest while they are read.%n")
final class ArtifactCommand implements Callable<Integer> {
    @Parameters(index = "0", paramLabel = "RUN", description = "The run's id.")
    private String run = "";

    @Parameters(
            index = "1",
            paramLabel = "NAME",
            description = "The artifact's name, as perdure show lists it. Of several with one name the last.")
    private String name = "";

    @Option(names = "--out", paramLabel = "FILE", description = "The file to write. Without it: standard output.")
    private @Nullable Path file;

    @Mixin private final StoreOption store = new StoreOption();

    @Spec
    @SuppressWarnings("NullAway.Init") // by picocli
    private CommandSpec spec;

    @Override
    public Integer call() {
        Console console = Console.of(spec);
        try (Perdure perdure = store.address().openExisting()) {
            Artifact artifact = named(perdure.administration().view(run).artifacts());
            try (InputStream content =
                    perdure.administration().artifact(artifact.digest()).orElseThrow(() -> missing(artifact))) {
                if (file == null) {
                    print(content);
                } else {
                    save(content, file.toAbsolutePath());
                    console.say(artifact.size() + " bytes written to " + file);
                }
            } catch (IOException e) {
                throw new CorruptedException(
                        "artifact "
                                + name
                                + " of run "
                                + run
                                + " cannot be read: "
                                + e.getMessage()
                                + " Run `perdure verify "
                                + run
                                + "`.",
                        e);
            }
        }
        return ExitCode.DONE;
    }

    private Artifact named(List<Artifact> artifacts) {
        return artifacts.reversed().stream()
                .filter(artifact -> artifact.name().equals(name))
                .findFirst()
                .orElseThrow(() ->
                        new InvalidInputException(
                                "run "
                                        + run
                                        + " has no artifact \""
                                        + name
                                        + "\"; it has "
                                        + (artifacts.isEmpty()
                                                ? "none"
                                                : String.join(
                                                        ", ",
                                                        artifacts.stream().map(Artifact::name).distinct().toList()))
                                        + "."));
    }

    private CorruptedException missing(Artifact artifact) {
        return new CorruptedException(
                "artifact "
                        + name
                        + " of run "
                        + run
                        + " (digest "
                        + artifact.digest().abbreviated()
                        + ") is not in the store. Run `perdure verify "
                        + run
                        + "`.");
    }

    private static void print(InputStream content) throws IOException {
        copy(content, System.out, "standard output"); // not the writer: an artifact may be anything
        System.out.flush();
    }

    /// Beside the file first: what is there stays until all of the new content has been read and checked.
    private static void save(InputStream content, Path file) throws IOException {
        Path part = file.resolveSibling(file.getFileName() + ".part");
        try {
            try (OutputStream out = created(part)) {
                copy(content, out, part.toString());
            }
            Files.move(part, file, StandardCopyOption.REPLACE_EXISTING);
        } finally {
            Files.deleteIfExists(part);
        }
    }

    private static OutputStream created(Path part) {
        try {
            return Files.newOutputStream(part);
        } catch (IOException e) {
            throw new UnavailableException(part + " cannot be written. Create its folder, or choose another --out.", e);
        }
    }

    // What fails on the way in is damage, what fails on the way out is not.
    private static void copy(InputStream content, OutputStream out, String target) throws IOException {
        byte[] piece = new byte[64 * 1024];
        for (int read = content.read(piece); read >= 0; read = content.read(piece)) {
            try {
                out.write(piece, 0, read);
            } catch (IOException e) {
                throw new UnavailableException(
                        target + " cannot be written: " + e.getMessage() + ". Make room, or choose another place.", e);
            }
        }
    }
}
