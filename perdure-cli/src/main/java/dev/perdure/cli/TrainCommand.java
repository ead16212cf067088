package dev.perdure.cli;

import dev.perdure.Perdure;
import dev.perdure.RunHandle;
import dev.perdure.StartOptions;
import dev.perdure.Workflow;
import dev.perdure.cli.console.ExitCode;

import picocli.CommandLine.Command;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.Writer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import java.util.stream.Stream;

/// Does once what short commands do, on a store of its own, so that the launcher's AOT cache holds the classes they
/// need: with it they start in about half the time.
@Command(name = "train", hidden = true, description = "Exercise the short commands, for the launcher's AOT cache.")
final class TrainCommand implements Callable<Integer> {
    private static final String ID = "train-1";

    @Override
    public Integer call() throws IOException {
        Path folder = Files.createTempDirectory("perdure-train-");
        try {
            String url = "jdbc:sqlite:" + folder.resolve("train.db");
            record(url);
            for (String command : new String[] {"runs", "show " + ID, "log " + ID, "result " + ID, "verify"}) {
                run(command + " --store " + url);
                run(command + " --json --store " + url);
            }
            run("start");
            run("cancel " + ID + " --store " + url);
            run("--help");
        } finally {
            sweep(folder);
        }
        return ExitCode.DONE;
    }

    private static void record(String url) {
        try (Perdure perdure = Perdure.open(url)) {
            perdure.register(
                    Workflow.named("train")
                            .takes(String.class)
                            .returns(String.class)
                            .runs((run, input) -> run.step("step", String.class, () -> input)));
            RunHandle<String> run = perdure.start("train", "input", StartOptions.withId(ID));
            run.result();
        }
    }

    private static void run(String command) {
        PrintWriter nowhere = new PrintWriter(Writer.nullWriter());
        Main.run(nowhere, nowhere, command.split(" ", -1));
    }

    private static void sweep(Path folder) throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            for (Path file : files.toList()) {
                Files.delete(file);
            }
        }
        Files.delete(folder);
    }
}
