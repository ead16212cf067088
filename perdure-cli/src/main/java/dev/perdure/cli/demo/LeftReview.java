package dev.perdure.cli.demo;

import dev.perdure.Administration;
import dev.perdure.Perdure;
import dev.perdure.PerdureOptions;
import dev.perdure.RunView;
import dev.perdure.error.InvalidInputException;
import dev.perdure.journal.Entry;
import dev.perdure.journal.Event;
import dev.perdure.store.RunFilter;
import dev.perdure.store.RunRecord;

import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/// A review that was begun and has not ended, and what it was asked for, as its journal says.
record LeftReview(String run, String docs, String out, int documents) {
    private static final int LOOKED_AT = 1_000;

    /// Finds the run that is meant.
    ///
    /// @param wanted its id; empty: the newest that has not ended
    /// @throws InvalidInputException if there is none
    static LeftReview find(DemoStore store, String wanted) {
        try (Perdure perdure = store.address().open(PerdureOptions.DEFAULT)) {
            Administration administration = perdure.administration();
            RunRecord run = wanted.isEmpty() ? newest(administration, store) : administration.find(wanted);
            if (!run.workflow().equals(ReviewNotices.WORKFLOW) || run.status().ended()) {
                throw new InvalidInputException(
                        "run "
                                + run.id()
                                + (run.status().ended() ? " has ended" : " is none of the demo's")
                                + ": there is nothing to resume. `perdure runs --workflow "
                                + ReviewNotices.WORKFLOW
                                + store.hint()
                                + "` lists the demo's runs.");
            }
            String id = run.id().value();
            JsonNode brief = JsonMapper.shared().readTree(input(administration, id));
            RunView view = administration.view(id);
            JsonNode notices = view.variables().get("notices");
            return new LeftReview(
                    id,
                    brief.path("docs").asString(),
                    brief.path("out").asString(),
                    notices == null ? 0 : notices.asInt());
        }
    }

    private static RunRecord newest(Administration administration, DemoStore store) {
        List<RunRecord> all = administration.runs(RunFilter.newest(LOOKED_AT).withWorkflow(ReviewNotices.WORKFLOW));
        return all.stream()
                .filter(run -> !run.status().ended())
                .findFirst()
                .orElseThrow(() ->
                        new InvalidInputException(
                                "there is no run of the demo that waits in this store. `perdure demo --wait"
                                        + store.hint()
                                        + "` leaves one."));
    }

    private static String input(Administration administration, String run) {
        Entry[] first = new Entry[1];
        administration.journal(run, 0, entry -> first[0] = first[0] == null ? entry : first[0]);
        return Optional.ofNullable(first[0])
                .filter(entry -> entry.event() instanceof Event.RunStarted)
                .map(entry -> administration.json(entry, entry.event().contents().getFirst()))
                .orElseThrow(
                        () -> new InvalidInputException("run " + run + " has no beginning. Run `perdure verify`."));
    }

    Path report() {
        return Path.of(out, ReviewNotices.REPORT);
    }

    Path executions() {
        return Path.of(out, run + ".executions");
    }
}
