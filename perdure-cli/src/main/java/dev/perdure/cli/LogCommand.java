package dev.perdure.cli;

import dev.perdure.Administration;
import dev.perdure.Perdure;
import dev.perdure.cli.console.Console;
import dev.perdure.cli.console.ExitCode;
import dev.perdure.cli.console.JsonOption;
import dev.perdure.cli.console.StoreOption;
import dev.perdure.error.InvalidInputException;
import dev.perdure.store.RunRecord;

import org.jspecify.annotations.Nullable;

import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

import java.util.concurrent.Callable;
import java.util.concurrent.CancellationException;

@Command(
        name = "log",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        header = "Print a run's journal, entry by entry.",
        description = {
            "The oldest entry first, one a line: its digest (abbreviated), sequence, time, what happened, at which"
                    + " path, and attempt, duration or failure.",
            "Every entry is checked against its digest while it is read. With --json: one object a line.%n"
        })
final class LogCommand implements Callable<Integer> {
    private static final long POLL_MILLIS = 100;
    private static final int CHECK_READER_EVERY = 256;

    @Parameters(paramLabel = "RUN", description = "The run's id.")
    private String run = "";

    @Option(
            names = {"-f", "--follow"},
            description = "Go on printing entries as they are written, until the run ends.")
    private boolean follow;

    @Option(
            names = {"-n", "--last"},
            paramLabel = "N",
            description = "Only the last N entries.")
    private @Nullable Long last;

    @Option(
            names = "--payloads",
            description =
                    "Print inputs, results and states too, as JSON. They may hold what is not for everybody's eyes.")
    private boolean payloads;

    @Mixin private final StoreOption store = new StoreOption();

    @Mixin private final JsonOption json = new JsonOption();

    @Spec
    @SuppressWarnings("NullAway.Init") // by picocli
    private CommandSpec spec;

    private long next;

    @Override
    public Integer call() throws InterruptedException {
        Console console = Console.of(spec);
        try (Perdure perdure = store.address().openExisting()) {
            Administration administration = perdure.administration();
            EntryPrinter printer =
                    new EntryPrinter(administration, console, new EntryPrinter.Form(json.wanted(), payloads));
            RunRecord found = administration.find(run);
            next = first(found);
            print(administration, printer, console);
            while (follow && !found.status().ended()) {
                Thread.sleep(POLL_MILLIS);
                found = administration.find(run);
                print(administration, printer, console);
            }
        } catch (CancellationException e) {
            return ExitCode.DONE; // `head` has read enough
        }
        return ExitCode.DONE;
    }

    private long first(RunRecord found) {
        if (last == null) {
            return 0;
        }
        if (last < 1) {
            throw new InvalidInputException("--last takes a number of entries, 1 or more; got " + last + ".");
        }
        return Math.max(0, found.headSequence() + 1 - last);
    }

    private void print(Administration administration, EntryPrinter printer, Console console) {
        long from = next;
        administration.journal(
                run,
                from,
                entry -> {
                    printer.accept(entry);
                    next = entry.sequence() + 1;
                    if (next % CHECK_READER_EVERY == 0 && console.unread()) {
                        throw new CancellationException("nobody reads on");
                    }
                });
        if (next > from && console.unread()) {
            throw new CancellationException("nobody reads on");
        }
    }
}
