package dev.perdure.cli;

import dev.perdure.Artifact;
import dev.perdure.OpenApproval;
import dev.perdure.RunView;
import dev.perdure.cli.console.Json;

import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

import java.time.Duration;
import java.time.Instant;
import java.util.List;

/// The JSON of `perdure show`: what one wants to know first comes first.
final class ViewJson {
    private ViewJson() {}

    /// @param open the approvals it waits for
    /// @param now the time, for how long an unfinished run has been under way
    static ObjectNode of(RunView view, List<OpenApproval> open, Instant now) {
        Json json =
                new Json()
                        .put("run", view.run().id().value())
                        .put("status", RunText.status(view.run().status()))
                        .putIfAny("reason", view.run().reason())
                        .put("workflow", view.run().workflow())
                        .put("version", view.run().version())
                        .putIfAny("session", view.run().session())
                        .put("group", view.run().group())
                        .putIfAny("parent", view.family().parent())
                        .putIfAny("currentStep", view.currentStep())
                        .put("stepsCompleted", view.stepsCompleted())
                        .put("attemptsFailed", view.attemptsFailed());
        ArrayNode approvals = JsonNodeFactory.instance.arrayNode();
        open.forEach(one -> approvals.add(ApprovalText.json(one).node()));
        json.putIfAny("approvals", approvals)
                .putIfAny("decisions", decisions(view))
                .putIfAny("children", children(view));
        if (view.family().started() > view.family().children().size()) {
            json.put("childrenStarted", view.family().started());
        }
        ObjectNode turns = JsonNodeFactory.instance.objectNode();
        view.turns().forEach(turns::put);
        json.putIfAny("turns", turns).putIfAny("checkpoints", strings(view));
        ObjectNode variables = JsonNodeFactory.instance.objectNode();
        view.variables().forEach(variables::set);
        json.put("variables", variables).put("artifacts", artifacts(view)).put("timings", timings(view, now));
        view.failure()
                .ifPresent(failure ->
                        json.put("failure", new Json().put("type", failure.type()).put("message", failure.message())));
        view.result().ifPresent(result -> json.put("result", result));
        json.put("lastSteps", lastSteps(view)).put("journal", journal(view));
        return json.node();
    }

    private static ArrayNode children(RunView view) {
        ArrayNode all = JsonNodeFactory.instance.arrayNode();
        for (RunView.ChildView child : view.family().children()) {
            all.add(
                    new Json()
                            .put("run", child.run())
                            .put("status", child.status().map(RunText::status).orElse("not made yet"))
                            .put("workflow", child.workflow())
                            .put("path", child.path())
                            .node());
        }
        return all;
    }

    private static ArrayNode decisions(RunView view) {
        ArrayNode all = JsonNodeFactory.instance.arrayNode();
        for (RunView.DecisionView made : view.decisions()) {
            all.add(
                    new Json()
                            .put("approval", made.path())
                            .put("choice", made.choice())
                            .put("by", made.by())
                            .put("verified", made.verified())
                            .put("from", made.from())
                            .put("at", made.at())
                            .put("edited", made.edited())
                            .putIfAny("comment", made.comment())
                            .putIfAny("void", made.refused())
                            .node());
        }
        return all;
    }

    private static ArrayNode strings(RunView view) {
        ArrayNode labels = JsonNodeFactory.instance.arrayNode();
        view.checkpoints().forEach(labels::add);
        return labels;
    }

    private static ArrayNode artifacts(RunView view) {
        ArrayNode all = JsonNodeFactory.instance.arrayNode();
        for (Artifact artifact : view.artifacts()) {
            all.add(
                    new Json()
                            .put("name", artifact.name())
                            .put("mediaType", artifact.mediaType())
                            .put("bytes", artifact.size())
                            .put("digest", artifact.digest().hex())
                            .node());
        }
        return all;
    }

    private static Json timings(RunView view, Instant now) {
        Json timings = new Json().put("started", view.started());
        view.ended().ifPresent(ended -> timings.put("ended", ended));
        view.run().wakeAtMillis().ifPresent(millis -> timings.put("wakesAt", Instant.ofEpochMilli(millis)));
        Duration elapsed = Duration.between(view.started(), view.ended().orElse(now));
        return timings.put("elapsedMillis", Math.max(0, elapsed.toMillis()))
                .put("inStepsMillis", view.stepTime().toMillis());
    }

    private static ArrayNode lastSteps(RunView view) {
        ArrayNode all = JsonNodeFactory.instance.arrayNode();
        for (RunView.StepView step : view.lastSteps()) {
            all.add(
                    new Json()
                            .put("path", step.path())
                            .put("millis", step.took().toMillis())
                            .put("attempts", step.attempts())
                            .node());
        }
        return all;
    }

    private static Json journal(RunView view) {
        return new Json()
                .put("branch", view.run().branch())
                .put("entries", view.run().headSequence() + 1)
                .put("head", view.run().headDigest().hex())
                .put("updated", Instant.ofEpochMilli(view.run().updatedMillis()))
                .putIfAny("worker", view.run().holder());
    }
}
