package dev.perdure;

import static org.assertj.core.api.Assertions.assertThat;

import dev.perdure.error.UnavailableException;
import dev.perdure.journal.Digest;
import dev.perdure.journal.RunId;
import dev.perdure.runtime.GroupCommit;
import dev.perdure.store.RunRecord;
import dev.perdure.store.RunRelease;
import dev.perdure.store.RunStatus;
import dev.perdure.store.RunStore;
import dev.perdure.value.Values;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

final class StraysTest {
    private static final RunId RUN = new RunId("a");

    private final List<RunRelease> released = new ArrayList<>();
    private final List<RunId> wanted = new ArrayList<>();
    private boolean away;
    private long epoch = 3;
    private int asked;

    /// Says that the worker holds one run, and takes note of releases.
    private final RunStore store =
            new AnsweringStore()
                    .on(
                            "heldBy",
                            _ -> {
                                asked++;
                                return List.of(held());
                            })
                    .on("release", arguments -> release((List<?>) arguments[0]))
                    .store();

    private final GroupCommit commits = new GroupCommit(store);
    private final PerdureOptions options = PerdureOptions.DEFAULT.withLease(Duration.ofMillis(100));
    private final Engine engine =
            new Engine(store, commits, new Values(options.maxPayloadBytes()), options, new Registry());
    private final HeldRuns here = new HeldRuns(engine, _ -> {}, _ -> {}, () -> {}, _ -> {});
    private final Strays strays = new Strays(engine, here, run -> wanted.add(run.id()));

    @AfterEach
    void end() {
        commits.close();
    }

    private RunRecord held() {
        return new RunRecord(
                RUN,
                0,
                "flow",
                1,
                Optional.empty(),
                RunStatus.RUNNING,
                "",
                4,
                Digest.ZERO,
                epoch,
                Optional.of("worker"),
                0,
                0,
                0,
                Optional.empty(),
                Optional.empty(),
                "default");
    }

    private @Nullable Object release(List<?> releases) {
        if (away) {
            throw new UnavailableException("the store is away. Wait.");
        }
        releases.forEach(release -> released.add((RunRelease) release));
        return null;
    }

    private void look(int times) throws InterruptedException {
        int until = asked + times;
        while (asked < until) {
            strays.look("worker");
            Thread.sleep(1); // it looks thirty times a second
        }
    }

    @Test
    void givesBackWhatTwoLooksFind() throws InterruptedException {
        strays.expect();
        look(1);
        assertThat(released).as("it may be a start under way").isEmpty();
        look(1);
        assertThat(released).containsExactly(new RunRelease(RUN, 3, RunStatus.PENDING, "", Optional.empty(), 0));
        assertThat(wanted).containsExactly(RUN);
    }

    @Test
    void beginsAnewWithARunThatWasClaimedAgain() throws InterruptedException {
        strays.expect();
        look(1);
        epoch++;
        look(1);
        assertThat(released).isEmpty();
    }

    @Test
    void leavesAloneWhatIsKeptUntilItCanBeGivenBack() throws InterruptedException {
        away = true;
        here.release(held(), RunStatus.PENDING, "");
        away = false;
        strays.expect();
        look(4);
        assertThat(released).isEmpty();
        assertThat(here.size()).as("runs that others cannot have").isEqualTo(1);
    }
}
