package dev.perdure.cli;

import picocli.CommandLine.Option;

import java.nio.file.Path;
import java.util.List;

/// The option `--jar` of a command that executes workflows.
final class JarOption {
    @Option(
            names = "--jar",
            required = true,
            paramLabel = "JAR",
            description =
                    "A jar (or folder of classes) that names its workflows in"
                            + " META-INF/services/dev.perdure.WorkflowProvider. May be given several times.")
    private List<Path> jars = List.of();

    LoadedJars load() {
        return LoadedJars.open(jars);
    }

    /// As it was written on the command line.
    String text() {
        StringBuilder text = new StringBuilder();
        jars.forEach(jar -> text.append(" --jar ").append(jar));
        return text.substring(1);
    }
}
