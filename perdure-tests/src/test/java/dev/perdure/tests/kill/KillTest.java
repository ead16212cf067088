package dev.perdure.tests.kill;

import static org.assertj.core.api.Assertions.assertThat;

import dev.perdure.Perdure;
import dev.perdure.RunHandle;
import dev.perdure.StartOptions;
import dev.perdure.journal.Event;
import dev.perdure.store.Finding;
import dev.perdure.store.RunFilter;
import dev.perdure.store.RunRecord;
import dev.perdure.store.RunStatus;
import dev.perdure.tests.ChildJvm;
import dev.perdure.tests.StoreKind;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Real processes, killed with SIGKILL at random moments, on one store.
///
/// 15 times in `verify`; `-Dperdure.kills=1000` kills more often, and `-Dperdure.kills.seed=N` repeats the moments of a
/// run (not what the processes had done by then). The side effects of steps are counted in a file outside the store;
/// after each kill they are compared with what the journals hold. Meanwhile [Outside] answers those that wait, and a
/// schedule fires every four seconds; [WaitsCheck] looks at them in the end.
final class KillTest {
    private static final int KILLS = Integer.getInteger("perdure.kills", 15);
    private static final long SEED = Long.getLong("perdure.kills.seed", System.nanoTime());
    private static final int RUNS_PER_LIFE = 3;
    private static final int LONGEST_START_MILLIS = 500;
    private static final long LONGEST_LIFE_MILLIS = 2_500;
    private static final int MOST_STEPS_OF_A_LIFE = 100;

    private static final Pattern EXPECTED =
            Pattern.compile("working|[0-9:.]+ warning: run waits-\\d+ failed with \\w+: planned");

    @TempDir Path folder;

    private final long begin = System.currentTimeMillis();
    private final Set<String> finished = new HashSet<>();
    private final Set<String> ended = new HashSet<>();
    private final Map<String, Integer> recordedAttempts = new HashMap<>();
    private final Map<String, Integer> lostAttempts = new HashMap<>();
    private int effectsSeen;
    private int lives;

    @Test
    @Timeout(3_600)
    void everyRunCompletesAndNothingRecordedRunsAgainHoweverOftenItsProcessIsKilled() throws Exception {
        System.out.println("KillTest: " + KILLS + " kills, -Dperdure.kills.seed=" + SEED);
        WaitsCheck waits = new WaitsCheck(folder.resolve("occupied"));
        try (Outside outside = new Outside(open().register(waits.work().burst()))) {
            waits.schedule(open());
            killAgainAndAgain(waits);
            outside.endBursts();
            try (ChildJvm last = start()) {
                waits.awaitEnd(open(), lives * RUNS_PER_LIFE, last);
            }
            compareEffectsWithJournals("the last life", 1); // it may be killed while the schedule fires
            waits.compareOccupied("the last life");
            assertEveryRunIsRight();
            try (Perdure perdure = open()) {
                waits.assertAll(perdure, lives * RUNS_PER_LIFE, outside);
            }
        }
    }

    private void killAgainAndAgain(WaitsCheck waits) throws Exception {
        Random random = new Random(SEED);
        for (int kills = 0; kills < KILLS; kills++) {
            lives++;
            try (ChildJvm child = start()) {
                awaitTheMoment(child, random);
                child.kill();
                assertThat(child.lines()).as("what life %d wrote", lives).allMatch(KillTest::isExpected);
            }
            compareEffectsWithJournals("life " + lives, 1);
            waits.compareOccupied("life " + lives);
        }
    }

    /// The kill may have cut the last line.
    private static boolean isExpected(String line) {
        Matcher matcher = EXPECTED.matcher(line);
        return matcher.matches() || matcher.hitEnd();
    }

    /// Most lives end when so many more steps have begun, so that slow machines get on too; some end at any time, maybe
    /// before the store is open.
    private void awaitTheMoment(ChildJvm child, Random random) throws Exception {
        if (random.nextInt(8) == 0) {
            Thread.sleep(random.nextInt(LONGEST_START_MILLIS));
            return;
        }
        int enough = effectsSeen + 1 + random.nextInt(MOST_STEPS_OF_A_LIFE);
        child.awaitFirstLine();
        long deadline = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(LONGEST_LIFE_MILLIS);
        while (System.nanoTime() < deadline && Effects.read(folder.resolve("effects")).size() < enough) {
            Thread.sleep(5);
        }
        Thread.sleep(random.nextInt(10));
    }

    private ChildJvm start() throws IOException {
        return ChildJvm.start(
                Workload.class,
                "128m",
                StoreKind.CHOSEN.url(folder.resolve("kill.db")),
                folder.resolve("effects").toString(),
                folder.resolve("occupied").toString(),
                Integer.toString(lives * RUNS_PER_LIFE),
                Long.toString(begin));
    }

    private Perdure open() {
        return Perdure.on(StoreKind.CHOSEN.open(folder.resolve("kill.db")), Workload.options(begin));
    }

    /// Takes stock after a life: nothing that was recorded before it was executed in it, and of each step at most
    /// `inFlight` attempts were executed without being recorded.
    private void compareEffectsWithJournals(String life, int inFlight) throws IOException {
        List<String> all = Effects.read(folder.resolve("effects"));
        List<String> now = all.subList(effectsSeen, all.size());
        effectsSeen = all.size();
        assertThat(now).as("executed in %s although recorded before", life).noneMatch(finished::contains);
        readJournals();
        Map<String, Integer> begun = new HashMap<>();
        all.forEach(step -> begun.merge(step, 1, Integer::sum));
        begun.forEach((step, times) -> {
            int lost = times - recordedAttempts.getOrDefault(step, 0);
            int lostInThisLife = lost - lostAttempts.getOrDefault(step, 0);
            assertThat(lostInThisLife).as("attempts of %s lost in %s", step, life).isBetween(0, inFlight);
            if (step.endsWith(" pay")) {
                assertThat(times).as("executions of %s", step).isEqualTo(1);
            }
            lostAttempts.put(step, lost);
        });
    }

    private void readJournals() {
        try (Perdure perdure = open()) {
            for (RunRecord run : runs(perdure)) {
                if (!ended.contains(run.id().value())) {
                    readJournal(perdure, run.id().value());
                    if (run.status().ended()) {
                        ended.add(run.id().value());
                    }
                }
            }
        }
    }

    private static List<RunRecord> runs(Perdure perdure) {
        return perdure.administration().runs(RunFilter.newest(RunFilter.MAX_LIMIT));
    }

    private void readJournal(Perdure perdure, String run) {
        Map<String, Integer> attempts = new HashMap<>();
        perdure.administration()
                .journal(
                        run,
                        0,
                        entry -> {
                            String step = run + " " + entry.path().text();
                            if (entry.event() instanceof Event.AttemptFailed) {
                                attempts.merge(step, 1, Integer::sum);
                            } else if (entry.event() instanceof Event.StepCompleted) {
                                attempts.merge(step, 1, Integer::sum);
                                finished.add(step);
                            }
                        });
        recordedAttempts.putAll(attempts);
    }

    private static List<String> words(Perdure perdure, String run) {
        List<String> words = new ArrayList<>();
        perdure.administration()
                .journal(
                        run,
                        0,
                        entry -> words.add(entry.epoch() + " " + entry.event().describe() + " " + entry.path()));
        return words;
    }

    private void assertEveryRunIsRight() {
        List<Finding> findings = new ArrayList<>();
        int waiting = 0;
        try (Perdure perdure = open();
                Perdure memory = Perdure.open("memory:")) {
            memory.register(new Workload((run, path) -> {}, 0).workflow());
            for (int number = 0; number < lives * RUNS_PER_LIFE; number++) {
                String id = Workload.id(number);
                RunRecord run = perdure.administration().find(id);
                if (run.status() == RunStatus.WAITING) {
                    assertThat(run.reason()).contains("step pay is in doubt");
                    assertThat(lostAttempts.getOrDefault(id + " pay", 0)) // 0: killed when it was only intended
                            .as("payments of %s lost to a kill", id)
                            .isBetween(0, 1);
                    waiting++;
                    continue;
                }
                RunHandle<String> right =
                        memory.start(Workload.WORKFLOW, Workload.task(number), StartOptions.withId(id));
                assertThat(run.status())
                        .as("run %s (its journal: %s): %s", id, words(perdure, id), run.reason())
                        .isEqualTo(RunStatus.COMPLETED);
                assertThat(perdure.run(id, String.class).result()).as("result of %s", id).isEqualTo(right.result());
            }
            perdure.administration().verify(Optional.empty(), Optional.empty(), findings::add);
        }
        assertThat(findings).as("findings of verify").isEmpty();
        int lost = lostAttempts.values().stream().mapToInt(Integer::intValue).sum();
        System.out.printf(
                "KillTest: %d executions, %d of them in flight at a kill, %d runs wait with a payment in doubt%n",
                effectsSeen, lost, waiting);
        assertThat(lost).as("steps in flight when they were killed").isPositive();
    }
}
