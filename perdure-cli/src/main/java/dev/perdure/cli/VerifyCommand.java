package dev.perdure.cli;

import dev.perdure.Administration;
import dev.perdure.Perdure;
import dev.perdure.cli.console.Console;
import dev.perdure.cli.console.ExitCode;
import dev.perdure.cli.console.Json;
import dev.perdure.cli.console.JsonOption;
import dev.perdure.cli.console.JsonText;
import dev.perdure.cli.console.OneLine;
import dev.perdure.cli.console.Progress;
import dev.perdure.cli.console.StoreOption;
import dev.perdure.cli.console.Style;
import dev.perdure.store.Anchor;
import dev.perdure.store.Finding;

import org.jspecify.annotations.Nullable;

import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;

@Command(
        name = "verify",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        header = "Check that everything stored is as it was written.",
        description = {
            "Every entry, payload and column of the store, or of one run, is checked against the digests, the heads"
                    + " and the chain over all of them.",
            "Exit 1, and the exact place, if anything was changed, reordered or removed.",
            "",
            "At the end it prints the store's anchor: how many entries there are, and the digest of their chain."
                    + " Somebody who can write the store could rewrite entries and heads together; only an anchor kept"
                    + " outside the store reveals that. Keep it elsewhere, and hand it in later with --anchor.%n"
        })
final class VerifyCommand implements Callable<Integer> {
    /// The most findings kept for one JSON document; further ones are counted.
    private static final int MAX_LISTED = 10_000;

    @Parameters(arity = "0..1", paramLabel = "RUN", description = "Check only this run.")
    private @Nullable String run;

    @Option(
            names = "--anchor",
            paramLabel = "N:DIGEST",
            description = "An anchor that an earlier verify printed: the store must still contain it.")
    private @Nullable String anchor;

    @Mixin private final StoreOption store = new StoreOption();

    @Mixin private final JsonOption json = new JsonOption();

    @Spec
    @SuppressWarnings("NullAway.Init") // by picocli
    private CommandSpec spec;

    private final List<Finding> listed = new ArrayList<>();
    private long found;
    private long pruned;

    @Override
    public Integer call() {
        Console console = Console.of(spec);
        Optional<Anchor> known = Optional.ofNullable(anchor).map(Anchor::parse);
        Anchor now;
        try (Perdure perdure = store.address().openExisting();
                Progress progress = new Progress(console)) {
            Administration administration = perdure.administration();
            progress.say("verifying ...");
            now = administration.verify(Optional.ofNullable(run), known, finding -> note(finding, console, progress));
            pruned = run == null ? administration.prunedRuns() : 0;
        }
        if (json.wanted()) {
            console.line(JsonText.compact(json(now, known.isPresent()).node()));
        } else {
            conclude(console, now, known.isPresent());
        }
        return found == 0 ? ExitCode.DONE : ExitCode.FAILED;
    }

    private void note(Finding finding, Console console, Progress progress) {
        found++;
        if (json.wanted()) {
            if (listed.size() < MAX_LISTED) {
                listed.add(finding);
            }
        } else {
            progress.close();
            console.line(console.paint(Style.RED, "touched") + "  " + OneLine.of(finding.toString()));
        }
    }

    private void conclude(Console console, Anchor now, boolean anchored) {
        String what = run == null ? "the store" : "run " + run;
        if (found == 0) {
            console.line(
                    console.paint(Style.GREEN, "verified")
                            + " "
                            + what
                            + ": everything is as it was written"
                            + (anchored ? ", and the anchor given is still contained." : "."));
        } else {
            console.line(
                    found
                            + (found == 1 ? " place" : " places")
                            + " in "
                            + what
                            + " not as written. Keep a copy of the store as it is, then restore a backup.");
        }
        if (pruned > 0) {
            console.line(
                    "pruned   %,d %s; of their entries the digests are left, and are in the chain."
                            .formatted(pruned, pruned == 1 ? "run" : "runs"));
        }
        console.line("anchor   " + now);
        if (!anchored) {
            console.out().flush();
            console.say(
                    "What this cannot reveal: somebody rewriting entries and heads together. Keep the anchor outside"
                            + " the store, and check later with: perdure verify --anchor "
                            + now
                            + store.hint());
        }
    }

    private Json json(Anchor now, boolean anchored) {
        ArrayNode findings = JsonNodeFactory.instance.arrayNode();
        for (Finding finding : listed) {
            findings.add(
                    new Json()
                            .putIfAny("run", finding.run())
                            .put("where", finding.where())
                            .put("what", finding.what())
                            .node());
        }
        return new Json()
                .put("verified", found == 0)
                .putIfAny("run", Optional.ofNullable(run))
                .put("found", found)
                .put("findings", findings)
                .put("prunedRuns", pruned)
                .put("anchor", now.toString())
                .put("anchorChecked", anchored);
    }
}
