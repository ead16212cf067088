package dev.perdure;

import static org.assertj.core.api.Assertions.assertThat;

import dev.perdure.runtime.GroupCommit;
import dev.perdure.runtime.HostIdentity;
import dev.perdure.store.ProcessStart;
import dev.perdure.store.RunStore;
import dev.perdure.store.WorkerRecord;
import dev.perdure.value.Values;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

import java.util.ArrayList;
import java.util.List;

final class NeighboursTest {
    private static final ProcessHandle HERE = ProcessHandle.current();

    private final List<WorkerRecord> workers = new ArrayList<>();
    private final List<Object> retired = new ArrayList<>();
    private int asked;

    private final RunStore store =
            new AnsweringStore()
                    .on(
                            "workers",
                            _ -> {
                                asked++;
                                return List.copyOf(workers);
                            })
                    .on("retire", arguments -> retired.add(arguments[0]) ? null : null)
                    .store();
    private final GroupCommit commits = new GroupCommit(store);
    private final Neighbours neighbours =
            new Neighbours(new Engine(store, commits, new Values(1_000), PerdureOptions.DEFAULT, new Registry()));

    @AfterEach
    void end() {
        commits.close();
    }

    /// A worker whose process has ended, since the process of that number began at another time.
    private static WorkerRecord gone(String id, String host) {
        return new WorkerRecord(id, host, HERE.pid(), ProcessStart.of(HERE) + 1, Long.MAX_VALUE);
    }

    @Test
    void thoseWhoseProcessIsGoneAreRetiredOnce() {
        workers.add(new WorkerRecord("alive", HostIdentity.here(), HERE.pid(), ProcessStart.of(HERE), 1));
        workers.add(gone("gone", HostIdentity.here()));
        workers.add(gone("elsewhere", "another machine"));
        workers.add(gone("mine", HostIdentity.here()));

        neighbours.retireTheGone("mine");
        neighbours.retireTheGone("mine");

        assertThat(retired).containsExactly("gone");
        assertThat(neighbours.everywhere()).isEqualTo(workers);
        assertThat(asked).as("reads of the store, which had not changed").isEqualTo(1);
    }

    @Test
    void areReadAgainWhenThereMayBeOthers() {
        neighbours.retireTheGone("mine");
        workers.add(gone("gone", HostIdentity.here()));
        neighbours.retireTheGone("mine");
        assertThat(retired).isEmpty();

        neighbours.expect();
        neighbours.retireTheGone("mine");
        assertThat(retired).containsExactly("gone");
        neighbours.retireTheGone("mine");
        assertThat(asked).isEqualTo(2);
    }
}
