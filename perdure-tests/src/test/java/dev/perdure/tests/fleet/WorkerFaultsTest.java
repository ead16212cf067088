package dev.perdure.tests.fleet;

import static org.assertj.core.api.Assertions.assertThat;

import dev.perdure.testing.PostgresServer;
import dev.perdure.tests.fleet.Fleet.Member;
import dev.perdure.tests.fleet.FleetWork.Task;
import dev.perdure.tests.fleet.HistoryFile.Line;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

import java.nio.file.Path;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/// Processes that die, and processes that sleep and wake up as zombies.
final class WorkerFaultsTest {
    private static final Duration LEASE = Duration.ofSeconds(2);
    private static final int RUNS = 6;
    private static final int STEP_MILLIS = 3_000;
    private static final int LOOKS = 3_000;

    @TempDir Path folder;

    private interface Condition {
        boolean holds() throws Exception;
    }

    private static void await(String what, Fleet fleet, Condition condition) throws Exception {
        for (int look = 0; !condition.holds(); look++) {
            fleet.resolve();
            assertThat(look).as("looks for: %s; %s", what, fleet.whatTheySaid()).isLessThan(LOOKS);
            Thread.sleep(10);
        }
    }

    /// The runs whose slow step this one began.
    private static Set<String> begun(Member member) throws Exception {
        Set<String> runs = new HashSet<>();
        for (Line line : member.lines()) {
            if (line instanceof Line.Executed body && body.path().equals("slow")) {
                runs.add(body.run());
            }
        }
        return slow(runs);
    }

    private static Set<String> begun(Member one, Member other) throws Exception {
        Set<String> runs = new HashSet<>(begun(one));
        runs.addAll(begun(other));
        return runs;
    }

    /// Whether it holds all slow runs that are left, and is in their steps.
    private static boolean isInTheRest(Fleet fleet, Member member) throws Exception {
        Set<String> rest = slow(fleet.open().stream().map(run -> run.id().value()).collect(Collectors.toSet()));
        return !rest.isEmpty() && TakeOver.heldBy(member, rest).equals(rest) && begun(member).containsAll(rest);
    }

    /// All but the one that pays, which somebody else may go on with at any time once it was told what became of that.
    private static Set<String> slow(Set<String> runs) {
        return runs.stream().filter(run -> run.startsWith("slow")).collect(Collectors.toSet());
    }

    /// First one worker is killed in the middle of steps, then the one that took over sleeps beyond its lease in the
    /// middle of the same steps, while a third one does them.
    @Test
    @Timeout(120)
    void whatADeadOrSleepingWorkerWasDoingIsDoneOnceMoreAndNothingElse() throws Exception {
        try (Fleet fleet = new Fleet(PostgresServer.shared(), folder, LEASE)) {
            Member killed = fleet.add();
            killed.process().awaitFirstLine();
            Member zombie = fleet.add(); // it comes while the other one works
            for (int i = 0; i < RUNS; i++) {
                fleet.start(FleetWork.SLOW, "slow-" + i, new Task(0, STEP_MILLIS));
            }
            fleet.start(FleetWork.SLOW, "paying", new Task(1, STEP_MILLIS));
            await("steps", fleet, () -> begun(killed, zombie).size() == RUNS);
            await("the payment", fleet, () -> fleet.executions("paying", "pay") == 1);
            fleet.kill(killed);
            await("the take-over, and steps again", fleet, () -> isInTheRest(fleet, zombie));

            zombie.process().signal("STOP");
            Member third = fleet.add();
            await("the second take-over", fleet, () -> !begun(third).isEmpty());
            zombie.process().signal("CONT");
            await(
                    "a word of the zombie",
                    fleet,
                    () -> zombie.process().lines().stream().anyMatch(line -> line.contains("ran out")));
            fleet.awaitAll(Duration.ofSeconds(60));

            assertThat(zombie.process().lines())
                    .as("what the zombie said")
                    .anyMatch(line -> line.contains("the lease of worker") && line.contains("stops here"));
            for (int i = 0; i < RUNS; i++) {
                String run = "slow-" + i;
                assertThat(fleet.executions(run, "before")).isBetween(1L, fleet.claims(run));
                assertThat(fleet.executions(run, "slow")).as("one for each claim").isBetween(1L, fleet.claims(run));
            }
            assertThat(fleet.executions("paying", "pay")).as("AT_MOST_ONCE").isEqualTo(1);
            fleet.assertSound();
            zombie.process().endInput();
            assertThat(zombie.process().await(20)).as("it goes on, and ends when told to").isZero();
            List<String> said = zombie.process().lines();
            assertThat(said.getLast()).isEqualTo("closed");
        }
    }
}
