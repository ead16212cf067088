package dev.perdure.tests.kill;

import static org.assertj.core.api.Assertions.assertThat;

import dev.perdure.Perdure;
import dev.perdure.Schedule;
import dev.perdure.SystemRuns;
import dev.perdure.journal.Entry;
import dev.perdure.journal.Event;
import dev.perdure.store.RunFilter;
import dev.perdure.store.RunRecord;
import dev.perdure.store.RunStatus;
import dev.perdure.tests.ChildJvm;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.IntStream;

/// What must have become of the runs of [WaitingWork], however often their processes were killed: each ended as its
/// code says, what came from outside was consumed once, what a schedule or a burst asked for was done once, and no more
/// runs than a queue allows were ever in it.
final class WaitsCheck {
    private static final String SCHEDULE = "now-and-then";

    /// Not each minute, which is a second here: on a slow machine more than a hundred firings would wait for the runs
    /// before them, and be left out as documented.
    private static final int EVERY_MINUTES = 4;

    private static final long LONGEST_END_SECONDS = 120;

    private final Path occupied;
    private int occupiedSeen;
    private Instant firstFiring = Instant.MAX;

    WaitsCheck(Path occupied) {
        this.occupied = occupied;
    }

    /// The workflows, of a process that executes nothing.
    WaitingWork work() {
        return new WaitingWork((_, _) -> {}, (_, _) -> {});
    }

    /// Adds the schedule.
    void schedule(Perdure opened) {
        try (Perdure perdure = opened.register(work().tick())) {
            perdure.administration()
                    .schedules()
                    .add(
                            Schedule.named(SCHEDULE)
                                    .cron("*/" + EVERY_MINUTES + " * * * *", "UTC")
                                    .starts(WaitingWork.TICK, 0)
                                    .overlap(Schedule.Overlap.QUEUE)
                                    .catchUp(Duration.ofDays(300)));
            firstFiring = perdure.administration().schedules().find(SCHEDULE).next().orElseThrow();
        }
    }

    /// Waits until all runs have ended, but those with a payment in doubt.
    void awaitEnd(Perdure opened, int runs, ChildJvm child) throws InterruptedException {
        try (Perdure perdure = opened) {
            long deadline = System.nanoTime() + Duration.ofSeconds(LONGEST_END_SECONDS).toNanos();
            while (!haveEnded(perdure, runs)) {
                assertThat(child.isAlive()).as("the last life goes on; it wrote %s", child.lines()).isTrue();
                assertThat(System.nanoTime())
                        .as("still open: %s; it wrote %s", open(perdure), child.lines())
                        .isLessThan(deadline);
                Thread.sleep(50);
            }
        }
    }

    private static List<RunRecord> runs(Perdure perdure) {
        return perdure.administration().runs(RunFilter.newest(RunFilter.MAX_LIMIT)).stream()
                .filter(run -> !SystemRuns.isSystem(run))
                .toList();
    }

    private static List<RunRecord> open(Perdure perdure) {
        return runs(perdure).stream()
                .filter(run -> !run.status().ended() && !run.reason().contains("step pay is in doubt"))
                .filter(run -> !run.workflow().equals(WaitingWork.TICK)) // there is always another one
                .toList();
    }

    private static boolean haveEnded(Perdure perdure, int runs) {
        Set<String> ids = new HashSet<>();
        runs(perdure).forEach(run -> ids.add(run.id().value()));
        return IntStream.range(0, runs)
                        .allMatch(n ->
                                ids.contains(Workload.id(n))
                                        && ids.contains(WaitingWork.id(WaitingWork.WAITS, n))
                                        && ids.contains(WaitingWork.id(WaitingWork.QUEUED, n)))
                && open(perdure).isEmpty();
    }

    /// In one life at most so many runs are inside at once; a kill sends all of them out.
    void compareOccupied(String life) throws IOException {
        List<String> all = Effects.read(occupied);
        Set<String> inside = new HashSet<>();
        for (String line : all.subList(occupiedSeen, all.size())) {
            String run = line.substring(0, line.indexOf(' '));
            assertThat(line.endsWith(" in") ? inside.add(run) : inside.remove(run)).as("%s in %s", line, life).isTrue();
            assertThat(inside)
                    .as("runs at once in the queue in %s", life)
                    .hasSizeLessThanOrEqualTo(WaitingWork.CONCURRENCY);
        }
        occupiedSeen = all.size();
    }

    void assertAll(Perdure perdure, int runs, Outside outside) {
        Map<String, RunRecord> byId = new HashMap<>();
        runs(perdure).forEach(run -> byId.put(run.id().value(), run));
        for (int number = 0; number < runs; number++) {
            assertWaited(perdure, byId.get(WaitingWork.id(WaitingWork.WAITS, number)), number);
            String queued = WaitingWork.id(WaitingWork.QUEUED, number);
            assertThat(perdure.run(queued, String.class).result()).as(queued).isEqualTo("secondfirst");
        }
        for (String child : List.of("kid", "stray")) {
            assertThat(byId.values().stream().filter(run -> run.workflow().equals(child)))
                    .as("children of workflow %s", child)
                    .hasSize(runs)
                    .allMatch(run -> run.status() == RunStatus.COMPLETED);
        }
        assertBursts(perdure, byId, outside);
        assertFirings(byId);
        for (int number = 0; number < runs; number++) {
            assertAnswered(perdure, WaitingWork.id(WaitingWork.WAITS, number), number, outside);
        }
    }

    /// Who asked for an update and was not answered in time gets the answer when he asks again, also of a run that
    /// ended.
    private static void assertAnswered(Perdure perdure, String run, int number, Outside outside) {
        int again =
                perdure.run(run, String.class)
                        .update("limit", number, Integer.class, "limit-1", Duration.ofSeconds(10));
        assertThat(again).as("the answer of %s", run).isEqualTo(2 * number);
        assertThat(outside.answers().getOrDefault(run, again)).as("the first answer of %s", run).isEqualTo(again);
    }

    private static void assertWaited(Perdure perdure, RunRecord run, int number) {
        String id = run.id().value();
        List<Entry> journal = new ArrayList<>();
        perdure.administration().journal(id, 0, journal::add);
        List<String> words = journal.stream().map(e -> e.event().describe() + " " + e.path()).toList();
        if (WaitingWork.fails(number)) {
            assertThat(run.status()).as("%s: %s", id, words).isEqualTo(RunStatus.FAILED);
            assertThat(completed(journal, "undo/")).as("undone of %s", id).containsExactly("undo/b", "undo/a");
        } else {
            assertThat(run.status()).as("%s: %s", id, words).isEqualTo(RunStatus.COMPLETED);
            assertThat(perdure.run(id, String.class).result()).as(id).isEqualTo(WaitingWork.expected(number));
            assertThat(completed(journal, "undo/")).as("undone of %s", id).isEmpty();
        }
        assertThat(completed(journal, "")).as("steps of %s", id).contains("a", "b").doesNotHaveDuplicates();
        assertThat(messages(journal))
                .as("what %s consumed", id)
                .doesNotHaveDuplicates()
                .contains("signal:word-0", "signal:word-1", "signal:word-2", "ann", "bob", "update:limit-1");
    }

    private static List<String> completed(List<Entry> journal, String prefix) {
        return journal.stream()
                .filter(entry -> entry.event() instanceof Event.StepCompleted)
                .map(entry -> entry.path().text())
                .filter(path -> path.startsWith(prefix))
                .toList();
    }

    /// The signals and updates taken, and the people whose decisions counted.
    private static List<String> messages(List<Entry> journal) {
        List<String> messages = new ArrayList<>();
        for (Entry entry : journal) {
            switch (entry.event()) {
                case Event.MessageTaken taken -> messages.add(taken.message());
                case Event.UpdateAnswered answered -> messages.add(answered.message());
                case Event.DecisionTaken taken when taken.refused().isEmpty() -> messages.add(taken.by());
                default -> {}
            }
        }
        return messages;
    }

    private static void assertBursts(Perdure perdure, Map<String, RunRecord> byId, Outside outside) {
        Map<String, Integer> results = new HashMap<>();
        byId.forEach((id, run) -> {
            if (run.workflow().equals(WaitingWork.BURST)) {
                results.put(id, perdure.run(id, Integer.class).result());
            }
        });
        assertThat(results)
                .as("runs of bursts, and the inputs they had")
                .isEqualTo(outside.lastOfBursts())
                .isNotEmpty();
    }

    /// One run for each firing from the first to the last.
    private void assertFirings(Map<String, RunRecord> byId) {
        TreeSet<Instant> fired = new TreeSet<>();
        byId.forEach((id, run) -> {
            if (run.workflow().equals(WaitingWork.TICK)) {
                fired.add(Instant.parse(id.substring(id.indexOf('@') + 1).replace("Z", ":00Z")));
            }
        });
        List<Instant> expected = new ArrayList<>();
        for (Instant at = firstFiring; !at.isAfter(fired.last()); at = at.plus(Duration.ofMinutes(EVERY_MINUTES))) {
            expected.add(at);
        }
        assertThat(fired).as("firings").containsExactlyElementsOf(expected);
        System.out.printf("KillTest: %d firings%n", fired.size());
    }
}
