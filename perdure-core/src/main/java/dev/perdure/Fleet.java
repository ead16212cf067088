package dev.perdure;

import dev.perdure.runtime.HostIdentity;
import dev.perdure.store.OpenRuns;
import dev.perdure.store.RunStatus;
import dev.perdure.store.Serves;
import dev.perdure.store.WorkerRecord;
import dev.perdure.store.WorkflowVersion;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/// The workers of a store as they are known now, and the runs that none of them takes. A snapshot, made by
/// [Administration#fleet].
///
/// ```java
/// for (Fleet.Unserved left : perdure.administration().fleet().unserved()) {
///     System.err.println(left.count() + " runs wait: " + left.why());
/// }
/// ```
///
/// @param workers all that the store knows, those whose leases ran out included
/// @param open the runs that have not ended, counted
/// @param nowMillis when it was made, by the store's clock, in milliseconds since 1970
public record Fleet(List<WorkerRecord> workers, List<OpenRuns> open, long nowMillis) {
    /// Copies the lists.
    public Fleet {
        workers = List.copyOf(workers);
        open = List.copyOf(open);
    }

    /// Runs that no living worker takes.
    ///
    /// @param count how many of them are pending or wait
    /// @param why who is missing, in one line: `no worker serves group gpu`
    public record Unserved(String workflow, int version, String group, long count, String why) {}

    /// Whether its lease holds and its process is not known to be gone.
    public boolean isAlive(WorkerRecord worker) {
        return worker.leaseUntilMillis() > nowMillis
                && !HostIdentity.isGone(worker.host(), worker.pid(), worker.processStart());
    }

    /// Those that are alive.
    public List<WorkerRecord> alive() {
        return workers.stream().filter(this::isAlive).toList();
    }

    /// Pending and waiting runs that no living worker takes, by version of their workflow and group.
    public List<Unserved> unserved() {
        List<WorkerRecord> alive = alive();
        Map<OpenRuns, Long> left =
                new TreeMap<>(
                        Comparator.comparing(OpenRuns::workflow)
                                .thenComparingInt(OpenRuns::version)
                                .thenComparing(OpenRuns::group));
        for (OpenRuns runs : open) {
            if (alive.stream().noneMatch(worker -> takes(worker, runs.workflow(), runs.version(), runs.group()))
                    && (runs.status() == RunStatus.PENDING || runs.status() == RunStatus.WAITING)) {
                left.merge(runs, runs.count(), Long::sum);
            }
        }
        List<Unserved> unserved = new ArrayList<>();
        left.forEach((runs, count) ->
                unserved.add(
                        new Unserved(
                                runs.workflow(),
                                runs.version(),
                                runs.group(),
                                count,
                                whyLeft(runs.workflow(), runs.version(), runs.group()))));
        return unserved;
    }

    /// Who is missing for a run of this version and group; empty if somebody takes it, or if a process has its workflow
    /// that executes only what was started in it, and so may have started it.
    public String whyLeft(String workflow, int version, String group) {
        return alive().stream().anyMatch(worker -> takes(worker, workflow, version, group))
                ? ""
                : whyNoWorkerTakes(workflow, Optional.of(version), group);
    }

    /// Which worker is missing for runs of this group that are left to workers; empty if one takes them.
    ///
    /// @param version of the workflow; without one any will do
    public String whyNoWorkerTakes(String workflow, Optional<Integer> version, String group) {
        List<Serves> serving = alive().stream().map(WorkerRecord::serves).filter(serves -> !serves.ownOnly()).toList();
        if (serving.isEmpty()) {
            return "no worker is alive";
        }
        List<Serves> inGroup = serving.stream().filter(serves -> serves.groups().contains(group)).toList();
        if (inGroup.isEmpty()) {
            return "no worker serves group " + group;
        }
        if (versions(inGroup, workflow).anyMatch(known -> version.isEmpty() || version.get().equals(known))) {
            return "";
        }
        String others =
                versions(serving, workflow).sorted().distinct().map(String::valueOf).collect(Collectors.joining(", "));
        return "no worker that serves group "
                + group
                + " has "
                + version.map(number -> "version " + number + " of ").orElse("")
                + "workflow "
                + workflow
                + (others.isEmpty() ? "" : " (workers have " + others + ")");
    }

    private static Stream<Integer> versions(List<Serves> serving, String workflow) {
        return serving.stream()
                .flatMap(serves -> serves.workflows().stream())
                .filter(known -> known.name().equals(workflow))
                .map(WorkflowVersion::version);
    }

    /// A process that executes only what was started in it may take it, if it has the workflow: that is not known.
    private static boolean takes(WorkerRecord worker, String workflow, int version, String group) {
        return worker.serves().executes(group, workflow, version);
    }
}
