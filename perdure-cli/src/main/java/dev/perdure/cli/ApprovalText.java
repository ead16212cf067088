package dev.perdure.cli;

import dev.perdure.Decision;
import dev.perdure.OpenApproval;
import dev.perdure.cli.console.Console;
import dev.perdure.cli.console.Json;
import dev.perdure.cli.console.JsonText;
import dev.perdure.cli.console.OneLine;
import dev.perdure.cli.console.Style;
import dev.perdure.cli.console.Times;

import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;

import java.util.List;

/// An approval as people and programs read it.
///
/// @param hint what to add to commands so that they work on the same store
record ApprovalText(Console console, String hint) {
    private static final int SHORT = 300;
    private static final int DIGEST = 12;

    static Json json(OpenApproval open) {
        ArrayNode votes = JsonNodeFactory.instance.arrayNode();
        for (Decision.Vote vote : open.votes()) {
            votes.add(
                    new Json()
                            .put("by", vote.by())
                            .put("claimed", !vote.verified())
                            .put("from", vote.from())
                            .put("at", vote.at())
                            .put("choice", vote.choice())
                            .putIfAny("comment", vote.comment())
                            .node());
        }
        Json json =
                new Json()
                        .put("run", open.run())
                        .put("approval", open.path())
                        .put("name", open.name())
                        .put("workflow", open.workflow())
                        .put("proposal", proposal(open))
                        .put("digest", open.digest())
                        .put("mode", open.suggest() ? "suggest" : "gate")
                        .putIfAny("editable", strings(open.editable()))
                        .put("choices", strings(open.choices()))
                        .put("assignees", strings(open.assignees()))
                        .put("quorum", open.quorum())
                        .put("verifiedOnly", open.verifiedOnly())
                        .putIfAny("reasons", strings(open.reasons()))
                        .put("since", open.since());
        open.until().ifPresent(until -> json.put("until", until).put("atTimeout", open.atTimeout()));
        return json.put("reminders", open.reminders())
                .put("decisions", votes)
                .putIfAny("void", strings(open.refused()));
    }

    private static JsonNode proposal(OpenApproval open) {
        return JsonMapper.shared().readTree(open.proposal());
    }

    private static ArrayNode strings(List<String> texts) {
        ArrayNode all = JsonNodeFactory.instance.arrayNode();
        texts.forEach(all::add);
        return all;
    }

    /// @param whole whether the proposal is not shortened
    void print(OpenApproval open, boolean whole) {
        console.line(
                console.paint(Style.BOLD, OneLine.of(open.run()))
                        + "  "
                        + console.paint(Style.YELLOW, OneLine.of(open.path()))
                        + "  "
                        + console.paint(Style.DIM, OneLine.of(open.workflow())));
        field("proposed", proposed(open, whole));
        open.reasons().forEach(reason -> field("because", OneLine.of(reason)));
        field("digest", open.digest().substring(0, DIGEST));
        field("deciders", deciders(open));
        if (open.choices().size() > 2) {
            field("choices", OneLine.of(String.join(", ", open.choices())));
        }
        if (open.suggest()) {
            field("may edit", open.editable().isEmpty() ? "all of it" : OneLine.of(String.join(", ", open.editable())));
        }
        field("since", since(open));
        open.votes().forEach(vote -> field("decided", OneLine.of(said(vote))));
        open.refused().forEach(refused -> field("void", OneLine.of(refused)));
        field("answer", "./perdure approve " + open.run() + " " + quoted(open.path()) + hint);
        field("", "./perdure reject  " + open.run() + " " + quoted(open.path()) + hint);
    }

    private void field(String name, String text) {
        console.line("  " + console.paint(Style.DIM, "%-9s".formatted(name)) + " " + text);
    }

    private String proposed(OpenApproval open, boolean whole) {
        if (whole) {
            return JsonText.readable(proposal(open), console).replace("\n", "\n            ");
        }
        String text = JsonText.compact(proposal(open));
        String cut = OneLine.cut(text, SHORT);
        return cut.equals(text) ? text : cut + " (./perdure approvals " + open.run() + hint + " shows all of it)";
    }

    private static String deciders(OpenApproval open) {
        String who = open.assignees().isEmpty() ? "everybody" : OneLine.of(String.join(", ", open.assignees()));
        return who
                + (open.verifiedOnly() ? ", verified" : "")
                + (open.quorum() > 1 ? "; " + open.quorum() + " of them must agree" : "");
    }

    private static String since(OpenApproval open) {
        return Times.second(open.since().toEpochMilli())
                + open.until()
                        .map(until ->
                                ", until "
                                        + Times.second(until.toEpochMilli())
                                        + ", then \""
                                        + OneLine.of(open.atTimeout())
                                        + "\"")
                        .orElse("")
                + (open.reminders() == 0
                        ? ""
                        : "; reminded of " + (open.reminders() == 1 ? "once" : open.reminders() + " times"));
    }

    private static String said(Decision.Vote vote) {
        return vote.choice()
                + " by "
                + vote.by()
                + (vote.verified() ? "" : " (claimed)")
                + (vote.comment().isEmpty() ? "" : ": " + vote.comment());
    }

    /// A path as a shell takes it: `part[0]/publish#2` is a pattern and a comment to some.
    private static String quoted(String path) {
        return path.chars().allMatch(c -> Character.isLetterOrDigit(c) || "-_./".indexOf(c) >= 0)
                ? path
                : "'" + path.replace("'", "'\\''") + "'";
    }
}
