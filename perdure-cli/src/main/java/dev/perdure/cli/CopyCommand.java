package dev.perdure.cli;

import dev.perdure.CopyStore;
import dev.perdure.cli.console.Console;
import dev.perdure.cli.console.ExitCode;
import dev.perdure.cli.console.Json;
import dev.perdure.cli.console.JsonOption;
import dev.perdure.cli.console.JsonText;
import dev.perdure.cli.console.StoreAddress;
import dev.perdure.cli.console.Style;
import dev.perdure.error.InvalidInputException;
import dev.perdure.store.StorePart;

import org.jspecify.annotations.Nullable;

import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;

@Command(
        name = "copy",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        header = "Move a store to another place, of the same or another kind.",
        description = {
            "Everything is copied, byte for byte and in the order of commits: runs with their epochs, journals,"
                    + " messages, payloads, artifacts, queues. The copy is verified and compared with the source; its"
                    + " anchor is the same.",
            "",
            "First the source is closed for writing, for good, and says where it went to whoever wants to work with it."
                + " That takes that no worker has it. Killed in the middle, the same command goes on where it was;"
                + " until the end nobody can work with the copy either. With --keep the source is left as it is, and"
                + " workers may go on: the copy holds what there was at one moment.%n"
        })
final class CopyCommand implements Callable<Integer> {
    private static final double NANOS = 1e9;

    @Option(names = "--from", paramLabel = "URL", required = true, description = "The store to move.")
    @SuppressWarnings("NullAway.Init") // by picocli
    private String from;

    @Option(names = "--to", paramLabel = "URL", description = "Where to: a place without a store.")
    private @Nullable String to;

    @Option(names = "--keep", description = "Make a copy to look at, or as a backup: the source stays in use.")
    private boolean keep;

    @Option(names = "--abandon", description = "Give up a move: open the source for work again.")
    private boolean abandon;

    @Mixin private final JsonOption json = new JsonOption();

    @Spec
    @SuppressWarnings("NullAway.Init") // by picocli
    private CommandSpec spec;

    @Override
    public Integer call() {
        Console console = Console.of(spec);
        StoreAddress source = StoreAddress.of(Optional.of(from), System.getenv());
        if (abandon) {
            if (to != null || keep) {
                throw new InvalidInputException("--abandon goes with --from alone. Leave out --to and --keep.");
            }
            abandon(console, source);
            return ExitCode.DONE;
        }
        if (to == null) {
            throw new InvalidInputException("where to? Add --to URL, such as --to jdbc:sqlite:copy.db.");
        }
        StoreAddress target = StoreAddress.of(Optional.of(to), System.getenv());
        long begun = System.nanoTime();
        CopyStore.Report report;
        try (CopyProgress progress = new CopyProgress(console)) {
            report = source.copyTo(target, keep, progress::see);
        }
        tell(console, report, (System.nanoTime() - begun) / NANOS);
        return ExitCode.DONE;
    }

    private void abandon(Console console, StoreAddress source) {
        String other = source.abandon().peerName().orElse("");
        if (json.wanted()) {
            console.line(JsonText.compact(new Json().put("abandoned", true).put("to", other).node()));
            return;
        }
        console.line(console.paint(Style.GREEN, "open") + "  " + source + " can be worked with again.");
        console.out().flush();
        console.say("What there is at " + other + " must not be worked with: remove it.");
    }

    private void tell(Console console, CopyStore.Report report, double seconds) {
        Map<StorePart, Long> rows = report.rows();
        if (json.wanted()) {
            console.line(JsonText.compact(json(report, seconds).node()));
            return;
        }
        console.line(
                console.paint(Style.GREEN, keep ? "copied" : "moved")
                        + " %,d runs, %,d entries, %,d messages, %,d shared payloads, %,d pieces of artifacts, %,d queues"
                                .formatted(
                                        rows.get(StorePart.RUNS),
                                        rows.get(StorePart.ENTRIES),
                                        rows.get(StorePart.MESSAGES),
                                        rows.get(StorePart.PAYLOADS),
                                        rows.get(StorePart.ARTIFACTS),
                                        rows.get(StorePart.QUEUES)));
        console.line("to       " + report.to());
        console.line(
                String.format(
                        Locale.ROOT,
                        "took     %.1f s for %,.1f MB, verified and compared",
                        seconds,
                        report.bytes() / 1e6));
        console.line("anchor   " + report.anchor());
        console.out().flush();
        console.say(
                keep
                        ? "The source is as it was. Both hold the same runs now: let workers on one of them only."
                        : report.from() + " can only be read from now on. Remove it when you no longer need it.");
    }

    private Json json(CopyStore.Report report, double seconds) {
        Json all =
                new Json()
                        .put("from", report.from())
                        .put("to", report.to())
                        .put("kept", keep)
                        .put("resumed", report.resumed());
        for (StorePart part : StorePart.values()) {
            all.put(part.name().toLowerCase(Locale.ROOT), report.rows().getOrDefault(part, 0L));
        }
        return all.put("bytes", report.bytes())
                .measured("seconds", seconds)
                .put("verified", true)
                .put("anchor", report.anchor().toString());
    }
}
