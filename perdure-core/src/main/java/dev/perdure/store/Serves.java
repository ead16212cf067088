package dev.perdure.store;

import dev.perdure.error.CorruptedException;

import java.util.Optional;
import java.util.Set;
import java.util.StringJoiner;
import java.util.TreeSet;

/// Which runs a worker takes: those of these groups and these versions of workflows.
///
/// @param groups the groups of runs that it executes
/// @param ownOnly whether it takes only runs that were started in its process
public record Serves(Set<String> groups, Set<WorkflowVersion> workflows, boolean ownOnly) {
    /// The group of runs for which none was chosen, and of workers that name none.
    public static final String DEFAULT_GROUP = "default";

    /// What is known of a worker that has not said it: nothing.
    public static final Serves NOTHING = new Serves(Set.of(), Set.of(), true);

    private static final String OWN = "own";
    private static final String ALL = "all";

    private static final String FIELDS = "\u001f";
    private static final String LINES = "\u001e";

    /// Copies the sets.
    public Serves {
        groups = Set.copyOf(groups);
        workflows = Set.copyOf(workflows);
    }

    /// Whether it executes runs of this group, workflow and version, if it takes them.
    public boolean executes(String group, String workflow, int version) {
        return groups.contains(group) && workflows.contains(new WorkflowVersion(workflow, version));
    }

    /// As one line of text, for stores; sorted, so that equal ones have equal texts. Names hold no control characters.
    public String text() {
        StringJoiner versions = new StringJoiner(LINES);
        workflows.stream()
                .map(workflow -> workflow.name() + FIELDS + workflow.version())
                .sorted()
                .forEach(versions::add);
        return (ownOnly ? OWN : ALL) + LINES + String.join(FIELDS, new TreeSet<>(groups)) + LINES + versions;
    }

    /// Reads what [#text] wrote.
    ///
    /// @throws CorruptedException if it is something else
    public static Serves parse(String text) {
        String[] lines = text.split(LINES, -1);
        if (lines.length < 2) {
            return NOTHING; // of a worker that was never announced
        }
        Set<WorkflowVersion> workflows = new java.util.HashSet<>();
        for (int i = 2; i < lines.length; i++) {
            version(lines[i]).ifPresent(workflows::add);
        }
        Set<String> groups = lines[1].isEmpty() ? Set.of() : Set.of(lines[1].split(FIELDS, -1));
        return new Serves(groups, workflows, !lines[0].equals(ALL));
    }

    private static Optional<WorkflowVersion> version(String line) {
        int end = line.indexOf(FIELDS);
        try {
            return line.isEmpty()
                    ? Optional.empty()
                    : Optional.of(
                            new WorkflowVersion(line.substring(0, end), Integer.parseInt(line.substring(end + 1))));
        } catch (NumberFormatException | StringIndexOutOfBoundsException e) {
            throw new CorruptedException(
                    "the store's note of what a worker serves cannot be read. Run `perdure verify`.", e);
        }
    }
}
