package dev.perdure.store.memory;

import dev.perdure.error.InvalidInputException;
import dev.perdure.journal.RunId;
import dev.perdure.store.OpenRuns;
import dev.perdure.store.RunFilter;
import dev.perdure.store.RunRecord;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/// Lists runs, newest first. Runs are made in order, so the order of making is that of starting, without ties.
final class ListRuns {
    private final MemoryState state;

    ListRuns(MemoryState state) {
        this.state = state;
    }

    List<RunRecord> list(RunFilter filter) {
        List<StoredRun> newestFirst = new ArrayList<>(state.runs.values()).reversed();
        return before(newestFirst, filter.before())
                .map(StoredRun::record)
                .filter(run -> matches(filter.status(), run.status()))
                .filter(run -> matches(filter.workflow(), run.workflow()))
                .filter(run -> matches(filter.version(), run.version()))
                .filter(run -> matches(filter.group(), run.group()))
                .filter(run -> filter.session().isEmpty() || filter.session().equals(run.session()))
                .filter(run -> !filter.asking() || run.reason().startsWith(RunFilter.APPROVAL))
                .limit(filter.limit())
                .toList();
    }

    /// See [dev.perdure.store.RunStore#open].
    List<OpenRuns> open() {
        return state.runs.values().stream()
                .filter(run -> !run.status.ended())
                .map(run -> new OpenRuns(run.made.workflow(), run.made.version(), run.made.group(), run.status, 1))
                .collect(Collectors.groupingBy(one -> one, Collectors.counting()))
                .entrySet()
                .stream()
                .map(e ->
                        new OpenRuns(
                                e.getKey().workflow(),
                                e.getKey().version(),
                                e.getKey().group(),
                                e.getKey().status(),
                                e.getValue()))
                .toList();
    }

    private Stream<StoredRun> before(List<StoredRun> newestFirst, Optional<String> id) {
        if (id.isEmpty()) {
            return newestFirst.stream();
        }
        RunId run = new RunId(id.get());
        if (!state.runs.containsKey(run)) {
            throw new InvalidInputException(
                    "there is no run " + run + " before which runs could be listed. List without it, or check the id.");
        }
        return newestFirst.stream().dropWhile(other -> !other.id.equals(run)).skip(1);
    }

    private static <T> boolean matches(Optional<T> wanted, T actual) {
        return wanted.isEmpty() || wanted.get().equals(actual);
    }
}
