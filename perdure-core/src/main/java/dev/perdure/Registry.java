package dev.perdure;

import dev.perdure.error.ConflictException;
import dev.perdure.error.InvalidInputException;
import dev.perdure.store.RunStatus;
import dev.perdure.store.WorkflowVersion;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Collectors;

/// The workflows this process can execute, by name and version. Thread-safe.
final class Registry {
    private final Map<String, ConcurrentSkipListMap<Integer, Workflow<?, ?>>> byName = new ConcurrentSkipListMap<>();
    private final List<Webhook> webhooks = new CopyOnWriteArrayList<>();

    private final Map<String, Trigger> triggers = new ConcurrentSkipListMap<>();

    void add(Workflow<?, ?> workflow) {
        Workflow<?, ?> before =
                byName.computeIfAbsent(workflow.name(), _ -> new ConcurrentSkipListMap<>())
                        .putIfAbsent(workflow.version(), workflow);
        if (before != null && before != workflow) {
            throw new ConflictException(
                    "workflow "
                            + workflow
                            + " is registered already. Register it once, or give the"
                            + " other one another name or version.");
        }
    }

    /// Adds a workflow unless one of its name and version is known.
    void addIfNew(Workflow<?, ?> workflow) {
        if (find(workflow.name(), workflow.version()).isEmpty()) {
            add(workflow);
        }
    }

    /// The webhooks that are told what happens to runs here.
    List<Webhook> webhooks() {
        return webhooks;
    }

    void add(Webhook webhook) {
        if (webhooks.stream().anyMatch(known -> known.name().equals(webhook.name()))) {
            throw new ConflictException(
                    "webhook " + webhook.name() + " is registered already. Give the other one another name.");
        }
        webhooks.add(webhook);
    }

    /// Adds a workflow of Perdure's own, unless it is there.
    void addSystem(Workflow<?, ?> workflow) {
        byName.computeIfAbsent(workflow.name(), _ -> new ConcurrentSkipListMap<>())
                .putIfAbsent(workflow.version(), workflow);
    }

    void add(Trigger trigger) {
        Trigger before = triggers.putIfAbsent(trigger.name(), trigger);
        if (before != null && before != trigger) {
            throw new ConflictException(
                    "a trigger named "
                            + trigger.name()
                            + " is registered already. Register it once, or give the other one another name.");
        }
        addIfNew(trigger.target());
        add(trigger.workflow());
    }

    /// The triggers that fire when a run of this workflow ends so.
    List<Trigger> firedBy(String workflow, RunStatus status) {
        return triggers.isEmpty()
                ? List.of()
                : triggers.values().stream().filter(trigger -> trigger.firesOn(workflow, status)).toList();
    }

    Set<WorkflowVersion> all() {
        return byName.values().stream()
                .flatMap(versions -> versions.values().stream())
                .map(workflow -> new WorkflowVersion(workflow.name(), workflow.version()))
                .collect(Collectors.toSet());
    }

    /// The newest version of a workflow, which new runs are started with.
    Workflow<?, ?> newest(String name) {
        ConcurrentSkipListMap<Integer, Workflow<?, ?>> versions = byName.get(name);
        if (versions == null) {
            throw new InvalidInputException(
                    "no workflow is named \""
                            + name
                            + "\" here; registered are "
                            + (names().isEmpty() ? "none" : String.join(", ", names()))
                            + ". Register it with perdure.register(...), or correct the name.");
        }
        return versions.lastEntry().getValue();
    }

    Optional<Workflow<?, ?>> newestIfAny(String name) {
        return Optional.ofNullable(byName.get(name)).map(versions -> versions.lastEntry().getValue());
    }

    private Set<String> names() {
        return byName.keySet().stream()
                .filter(name -> !SystemRuns.isSystem(name))
                .collect(Collectors.toCollection(TreeSet::new));
    }

    Optional<Workflow<?, ?>> find(String name, int version) {
        return Optional.ofNullable(byName.get(name)).map(versions -> versions.get(version));
    }
}
