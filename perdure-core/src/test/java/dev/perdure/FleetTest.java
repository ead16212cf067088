package dev.perdure;

import static org.assertj.core.api.Assertions.assertThat;

import dev.perdure.runtime.HostIdentity;
import dev.perdure.store.OpenRuns;
import dev.perdure.store.ProcessStart;
import dev.perdure.store.RunStatus;
import dev.perdure.store.Serves;
import dev.perdure.store.WorkerRecord;
import dev.perdure.store.WorkflowVersion;

import org.junit.jupiter.api.Test;

import java.util.List;
import java.util.Set;

final class FleetTest {
    private static final long NOW = 1_000;
    private static final ProcessHandle HERE = ProcessHandle.current();
    private static final Set<WorkflowVersion> BRIEF = Set.of(new WorkflowVersion("brief", 2));
    private static final Serves DEFAULT = new Serves(Set.of("default"), BRIEF, false);

    private static WorkerRecord elsewhere(long leaseUntil, Serves serves) {
        return new WorkerRecord("w", "another machine", 1, 1, leaseUntil).serving(serves);
    }

    private static String why(Serves serves, int version, String group) {
        return new Fleet(List.of(elsewhere(NOW + 1, serves)), List.of(), NOW).whyLeft("brief", version, group);
    }

    @Test
    void thoseAreAliveWhoseLeaseHoldsAndWhoseProcessIsNotGone() {
        WorkerRecord here = new WorkerRecord("h", HostIdentity.here(), HERE.pid(), ProcessStart.of(HERE), NOW + 1);
        WorkerRecord gone = new WorkerRecord("g", HostIdentity.here(), HERE.pid(), ProcessStart.of(HERE) + 1, NOW + 1);
        Fleet fleet =
                new Fleet(List.of(elsewhere(NOW + 1, DEFAULT), elsewhere(NOW, DEFAULT), here, gone), List.of(), NOW);

        assertThat(fleet.alive()).containsExactly(elsewhere(NOW + 1, DEFAULT), here);
    }

    @Test
    void saysWhoIsMissingForARun() {
        assertThat(why(DEFAULT, 2, "default")).isEmpty();
        assertThat(why(DEFAULT, 2, "gpu")).isEqualTo("no worker serves group gpu");
        assertThat(why(DEFAULT, 1, "default"))
                .isEqualTo("no worker that serves group default has version 1 of workflow brief (workers have 2)");
        assertThat(why(new Serves(Set.of("default"), Set.of(), false), 1, "default"))
                .isEqualTo("no worker that serves group default has version 1 of workflow brief");
        assertThat(why(new Serves(Set.of("default"), BRIEF, true), 1, "default")).isEqualTo("no worker is alive");
        assertThat(why(new Serves(Set.of("default"), BRIEF, true), 2, "default"))
                .as("it may have been started there")
                .isEmpty();
        assertThat(new Fleet(List.of(elsewhere(NOW, DEFAULT)), List.of(), NOW).whyLeft("brief", 2, "default"))
                .isEqualTo("no worker is alive");
    }

    @Test
    void countsWhatIsPendingOrWaitsAndNobodyTakes() {
        List<OpenRuns> open =
                List.of(
                        new OpenRuns("brief", 2, "gpu", RunStatus.PENDING, 3),
                        new OpenRuns("brief", 2, "gpu", RunStatus.WAITING, 4),
                        new OpenRuns("brief", 2, "gpu", RunStatus.RUNNING, 5),
                        new OpenRuns("brief", 2, "gpu", RunStatus.PAUSED, 6),
                        new OpenRuns("brief", 2, "default", RunStatus.PENDING, 7),
                        new OpenRuns("brief", 1, "default", RunStatus.PENDING, 8));
        Fleet fleet = new Fleet(List.of(elsewhere(NOW + 1, DEFAULT)), open, NOW);

        assertThat(fleet.unserved().stream().map(left -> left.version() + " " + left.group() + " " + left.count()))
                .containsExactly("1 default 8", "2 gpu 7");
    }
}
