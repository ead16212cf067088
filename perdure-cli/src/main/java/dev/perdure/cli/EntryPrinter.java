package dev.perdure.cli;

import dev.perdure.Administration;
import dev.perdure.cli.EntryFacts.Named;
import dev.perdure.cli.console.Console;
import dev.perdure.cli.console.Json;
import dev.perdure.cli.console.JsonText;
import dev.perdure.cli.console.OneLine;
import dev.perdure.cli.console.Style;
import dev.perdure.cli.console.Times;
import dev.perdure.journal.Entry;
import dev.perdure.journal.Event;

import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/// Prints a run's entries, one a line: for people, or as JSON. Not thread-safe.
final class EntryPrinter implements Consumer<Entry> {
    /// What to print of each entry.
    record Form(boolean json, boolean payloads) {}

    private static final JsonMapper MAPPER = JsonMapper.shared();
    private static final int LONGEST_FAILURE = 200;

    private final Administration administration;
    private final Console console;
    private final Form form;
    private String day = "";

    EntryPrinter(Administration administration, Console console, Form form) {
        this.administration = administration;
        this.console = console;
        this.form = form;
    }

    @Override
    public void accept(Entry entry) {
        EntryFacts facts = EntryFacts.of(entry);
        if (form.json()) {
            console.line(JsonText.compact(json(entry, facts).node()));
            return;
        }
        if (console.interactive() && !Times.day(entry.timeMillis()).equals(day)) {
            day = Times.day(entry.timeMillis());
            console.line(console.paint(Style.DIM, day));
        }
        console.line(line(entry, facts));
        if (form.payloads()) {
            for (Named payload : facts.payloads()) {
                console.line(
                        "    "
                                + payload.name()
                                + " "
                                + console.paint(Style.DIM, payload.content().type())
                                + " "
                                + JsonText.compact(read(entry, payload)));
            }
        }
    }

    /// On a terminal the day stands on a line of its own, so that an entry fits on 80 columns.
    private String line(Entry entry, EntryFacts facts) {
        String time =
                console.interactive()
                        ? Times.clock(entry.timeMillis())
                        : Times.day(entry.timeMillis()) + " " + Times.clock(entry.timeMillis());
        List<String> notes = new ArrayList<>();
        if (!facts.detail().isEmpty()) {
            notes.add(facts.detail());
        }
        if (facts.attempt() > 1) {
            notes.add("attempt " + facts.attempt());
        }
        facts.took().ifPresent(took -> notes.add(Times.took(took)));
        if (isClaimed(entry)) {
            notes.add("claimed");
        }
        failure(entry, facts).ifPresent(notes::add);
        String what = entry.event().describe();
        String line =
                console.paint(Style.YELLOW, entry.digest().abbreviated())
                        + " %5d ".formatted(entry.sequence())
                        + console.paint(Style.DIM, time)
                        + " "
                        + console.paint(facts.style(), what)
                        + " ".repeat(Math.max(0, 18 - what.length()))
                        + " "
                        + entry.path()
                        + (notes.isEmpty()
                                ? ""
                                : "  " + console.paint(Style.DIM, OneLine.of(String.join(", ", notes))));
        return line;
    }

    /// Whether somebody decided of whom nobody has made sure who it is.
    private boolean isClaimed(Entry entry) {
        return entry.event() instanceof Event.DecisionTaken taken
                && !MAPPER.readTree(administration.json(entry, taken.said())).path("verified").asBoolean(true);
    }

    private java.util.Optional<String> failure(Entry entry, EntryFacts facts) {
        return facts.payloads().stream()
                .filter(payload -> payload.name().equals(EntryFacts.FAILURE))
                .map(payload -> read(entry, payload))
                .map(failure ->
                        OneLine.cut(
                                failure.path("type").asString("") + ": " + failure.path("message").asString(""),
                                LONGEST_FAILURE))
                .findFirst();
    }

    private Json json(Entry entry, EntryFacts facts) {
        Json json =
                new Json()
                        .put("sequence", entry.sequence())
                        .put("digest", entry.digest().hex())
                        .put("parent", entry.parent().hex())
                        .put("branch", entry.branch())
                        .put("epoch", entry.epoch())
                        .put("time", Instant.ofEpochMilli(entry.timeMillis()))
                        .put("path", entry.path().text())
                        .put("event", entry.event().describe());
        if (facts.attempt() > 0) {
            json.put("attempt", facts.attempt());
        }
        facts.took().ifPresent(took -> json.put("millis", took.toMillis()));
        json.putIfAny("detail", facts.detail()).putIfAny("failure", failure(entry, facts));
        if (form.payloads()) {
            Json payloads = new Json();
            facts.payloads().forEach(payload -> payloads.put(payload.name(), read(entry, payload)));
            json.put("payloads", payloads);
        }
        return json;
    }

    private JsonNode read(Entry entry, Named payload) {
        return MAPPER.readTree(administration.json(entry, payload.content()));
    }
}
