package dev.perdure.cli;

import dev.perdure.Fleet;
import dev.perdure.SystemRuns;
import dev.perdure.cli.console.Json;
import dev.perdure.cli.console.Style;
import dev.perdure.cli.console.Table.Cell;
import dev.perdure.journal.RunId;
import dev.perdure.store.WorkerRecord;
import dev.perdure.store.WorkflowVersion;

import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;

import java.time.Instant;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeSet;
import java.util.stream.Collectors;

/// Workers, as commands print them.
final class WorkerText {
    private static final int SHORT_ID = "worker-".length() + 8;

    private WorkerText() {}

    /// What is known of a worker's life.
    enum State {
        ALIVE,
        /// Its lease ran out: it is stopped, cut off, or dead on another machine.
        LOST,
        /// Its process has ended.
        GONE;

        String text() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    static State state(Fleet fleet, WorkerRecord worker) {
        return fleet.isAlive(worker)
                ? State.ALIVE
                : worker.leaseUntilMillis() > fleet.nowMillis() ? State.GONE : State.LOST;
    }

    /// On a terminal as much of the id as tells workers apart.
    static String id(WorkerRecord worker, boolean brief) {
        return brief && worker.id().length() > SHORT_ID ? worker.id().substring(0, SHORT_ID) : worker.id();
    }

    /// The name of its machine, without boot and namespace.
    static String host(WorkerRecord worker) {
        return worker.host().split("/", 2)[0];
    }

    static String groups(WorkerRecord worker) {
        return String.join(", ", new TreeSet<>(worker.serves().groups()))
                + (worker.serves().ownOnly() ? ": its own" : "");
    }

    /// `brief v1 v2, chat v1`; Perdure's own are left out.
    static String workflows(WorkerRecord worker) {
        Map<String, String> versions = new LinkedHashMap<>();
        sorted(worker).forEach(known -> versions.merge(known.name(), " v" + known.version(), String::concat));
        return versions.entrySet().stream().map(e -> e.getKey() + e.getValue()).collect(Collectors.joining(", "));
    }

    private static List<WorkflowVersion> sorted(WorkerRecord worker) {
        return worker.serves().workflows().stream()
                .filter(known -> !known.name().startsWith(SystemRuns.PREFIX))
                .sorted(Comparator.comparing(WorkflowVersion::name).thenComparingInt(WorkflowVersion::version))
                .toList();
    }

    /// `850 ms`, `12 s`, `7 m`, `3 h`, `12 d`.
    static String time(long millis) {
        if (millis < 1_000) {
            return Math.max(0, millis) + " ms";
        }
        long seconds = millis / 1_000;
        return seconds < 120
                ? seconds + " s"
                : seconds < 7_200
                        ? seconds / 60 + " m"
                        : seconds < 172_800 ? seconds / 3_600 + " h" : seconds / 86_400 + " d";
    }

    /// A line below a worker's.
    static List<Cell> held(RunId run) {
        Cell none = Cell.of("");
        return List.of(new Cell("  " + run, Style.PLAIN), none, none, none, none, none, none, none, none);
    }

    static String sentence(Fleet.Unserved left) {
        return left.count()
                + (left.count() == 1 ? " run of " : " runs of ")
                + left.workflow()
                + " version "
                + left.version()
                + (left.count() == 1 ? " waits: " : " wait: ")
                + left.why();
    }

    static Json json(Fleet fleet, Map<String, List<RunId>> held, boolean withRuns) {
        ArrayNode workers = JsonNodeFactory.instance.arrayNode();
        fleet.workers()
                .forEach(worker ->
                        workers.add(json(fleet, worker, held.getOrDefault(worker.id(), List.of()), withRuns).node()));
        ArrayNode unserved = JsonNodeFactory.instance.arrayNode();
        fleet.unserved().forEach(left -> unserved.add(json(left).node()));
        return new Json().put("workers", workers).put("unserved", unserved);
    }

    private static Json json(Fleet.Unserved left) {
        return new Json()
                .put("workflow", left.workflow())
                .put("version", left.version())
                .put("group", left.group())
                .put("runs", left.count())
                .put("why", left.why());
    }

    private static Json json(Fleet fleet, WorkerRecord worker, List<RunId> runs, boolean withRuns) {
        ArrayNode groups = JsonNodeFactory.instance.arrayNode();
        new TreeSet<>(worker.serves().groups()).forEach(groups::add);
        ArrayNode serves = JsonNodeFactory.instance.arrayNode();
        sorted(worker)
                .forEach(known ->
                        serves.add(new Json().put("workflow", known.name()).put("version", known.version()).node()));
        Json json =
                new Json()
                        .put("worker", worker.id())
                        .put("host", host(worker))
                        .put("pid", worker.pid())
                        .put("state", state(fleet, worker).text())
                        .put("leaseMillis", Math.max(0, worker.leaseUntilMillis() - fleet.nowMillis()))
                        .put("since", Instant.ofEpochMilli(worker.sinceMillis()))
                        .put("groups", groups)
                        .put("ownRunsOnly", worker.serves().ownOnly())
                        .put("serves", serves)
                        .put("runs", runs.size());
        if (withRuns) {
            ArrayNode ids = JsonNodeFactory.instance.arrayNode();
            runs.forEach(run -> ids.add(run.value()));
            json.put("holds", ids);
        }
        return json;
    }
}
