package dev.perdure.cli;

import dev.perdure.Identity;
import dev.perdure.OpenApproval;
import dev.perdure.Perdure;
import dev.perdure.Verdict;
import dev.perdure.cli.console.Console;
import dev.perdure.cli.console.ExitCode;
import dev.perdure.cli.console.Json;
import dev.perdure.cli.console.JsonOption;
import dev.perdure.cli.console.JsonText;
import dev.perdure.cli.console.StoreOption;

import org.jspecify.annotations.Nullable;

import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

import java.util.Set;

/// What `approve` and `reject` have in common: which approval, who decides, and why.
final class DecisionOptions {
    @Parameters(index = "0", paramLabel = "RUN", description = "The run's id.")
    private String run = "";

    @Parameters(index = "1", paramLabel = "NAME|PATH", description = "The approval, as `perdure approvals` shows it.")
    private String approval = "";

    @Option(
            names = "--by",
            paramLabel = "WHO",
            description = "Who decides (default: your user name). It is recorded as claimed, beside your user name.")
    private @Nullable String by;

    @Option(names = "--role", paramLabel = "R", description = "A role of whoever decides, as claimed; may be repeated.")
    private Set<String> roles = Set.of();

    @Option(names = "--comment", paramLabel = "TEXT", description = "Why; it is recorded in the run's journal.")
    private String comment = "";

    @Option(
            names = "--seen",
            paramLabel = "DIGEST",
            description = "Decide only if this is still what is proposed: the digest, or how it begins.")
    private @Nullable String seen;

    @Mixin private final StoreOption store = new StoreOption();

    @Mixin private final JsonOption json = new JsonOption();

    /// Decides, and says what comes of it.
    int decide(Console console, Verdict verdict) {
        Verdict whole = verdict.comment(comment);
        OpenApproval decided;
        try (Perdure perdure = store.address().openExisting()) {
            decided = perdure.administration().decide(run, approval, seen == null ? whole : whole.seen(seen), who());
        }
        long agreed = // on an edited proposal nobody else has decided yet
                verdict.edit() != null
                        ? 0
                        : decided.votes().stream().filter(vote -> vote.choice().equals(verdict.choice())).count();
        long missing = Math.max(0, decided.quorum() - 1 - agreed);
        if (json.wanted()) {
            console.line(
                    JsonText.compact(
                            new Json()
                                    .put("run", run)
                                    .put("approval", decided.path())
                                    .put("choice", verdict.choice())
                                    .put("by", who().id())
                                    .put("claimed", !who().verified())
                                    .put("digest", decided.digest())
                                    .put("edited", verdict.edit() != null)
                                    .put("missing", missing)
                                    .node()));
        } else {
            console.line(
                    "approval "
                            + decided.path()
                            + " of run "
                            + run
                            + ": "
                            + verdict.choice()
                            + " by "
                            + who().id()
                            + (who().verified() ? "" : " (claimed)")
                            + (verdict.edit() == null ? "" : ", edited")
                            + (missing > 0 ? "; " + missing + " more must agree" : "")
                            + ". The run takes note as soon as a worker executes it.");
        }
        return ExitCode.DONE;
    }

    private Identity who() {
        if (by == null) {
            Identity user = Identity.operatingSystemUser();
            return roles.isEmpty() ? user : Identity.claimed(user.id()).withRoles(roles);
        }
        return Identity.claimed(by).withRoles(roles);
    }
}
