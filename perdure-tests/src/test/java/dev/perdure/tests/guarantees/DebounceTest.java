package dev.perdure.tests.guarantees;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.perdure.Perdure;
import dev.perdure.Queue;
import dev.perdure.RunHandle;
import dev.perdure.StartOptions;
import dev.perdure.WorkflowBody;
import dev.perdure.error.ConflictException;
import dev.perdure.error.InvalidInputException;
import dev.perdure.journal.RunId;
import dev.perdure.store.RunFilter;
import dev.perdure.store.RunRecord;
import dev.perdure.store.RunStatus;

import org.junit.jupiter.api.Test;

import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;

/// Bursts of starts become one run with the last input.
final class DebounceTest extends RunsOnDisk {
    private static final Duration LIMIT = Duration.ofSeconds(30);
    private static final WorkflowBody<String, String> ECHO =
            (run, input) -> run.step("echo", String.class, () -> "did " + input);

    private static StartOptions burst(Duration quiet) {
        return StartOptions.DEFAULT.debounce("case-7", quiet);
    }

    @Test
    void aBurstBecomesOneRunWithTheLastInput() throws Exception {
        try (Perdure perdure = open()) {
            perdure.register(workflow("flow", ECHO));
            RunHandle<String> first = perdure.start("flow", "a", burst(Duration.ofMillis(300)));
            RunHandle<String> second = perdure.start("flow", "b", burst(Duration.ofMillis(300)));
            RunHandle<String> third = perdure.start("flow", "c", burst(Duration.ofMillis(300)));
            RunHandle<String> other =
                    perdure.start("flow", "x", StartOptions.DEFAULT.debounce("case-8", Duration.ofMillis(1)));
            assertThat(second.id()).isEqualTo(first.id());
            assertThat(third.result(LIMIT)).isEqualTo("did c");
            assertThat(first.result(LIMIT)).isEqualTo("did c");
            assertThat(other.result(LIMIT)).isEqualTo("did x");
            assertThat(StoreOnDisk.words(perdure, first.id().value()))
                    .containsExactly(
                            "run started at (run)",
                            "input replaced at (run)",
                            "input replaced at (run)",
                            "step completed at echo",
                            "run completed at (run)");

            RunHandle<String> next = perdure.start("flow", "d", burst(Duration.ofMillis(1)));
            assertThat(next.id()).as("the next burst").isNotEqualTo(first.id());
            assertThat(next.result(LIMIT)).isEqualTo("did d");
            assertThat(StoreOnDisk.findings(perdure)).isEmpty();
        }
    }

    @Test
    void theStartsOfABurstAreInOneGroup() {
        try (Perdure perdure = open()) {
            perdure.register(workflow("flow", ECHO));
            perdure.start("flow", "a", burst(Duration.ofHours(1)));
            assertThatThrownBy(() -> perdure.start("flow", "b", burst(Duration.ofHours(1)).inGroup("gpu")))
                    .isInstanceOf(ConflictException.class)
                    .hasMessageContaining("in group default instead of group gpu");
        }
    }

    @Test
    void eachStartLetsItWaitAnewAndARestartKeepsBoth() throws Exception {
        RunId id;
        long first;
        try (Perdure perdure = open()) {
            perdure.register(workflow("flow", ECHO));
            id = perdure.start("flow", "a", burst(Duration.ofSeconds(1)).forAWorker()).id();
            first = perdure.administration().find(id.value()).wakeAtMillis().orElseThrow();
            Thread.sleep(20);
            perdure.start("flow", "b", burst(Duration.ofSeconds(1)).forAWorker());
            RunRecord waiting = perdure.administration().find(id.value());
            assertThat(waiting.status()).isEqualTo(RunStatus.WAITING);
            assertThat(waiting.wakeAtMillis().orElseThrow()).isGreaterThan(first);
            assertThat(waiting.reason()).startsWith("debounced: waits until").endsWith("another start of case-7");
        }
        try (Perdure perdure = open()) {
            perdure.register(workflow("flow", ECHO)).work();
            assertThat(perdure.run(id.value(), String.class).result(LIMIT)).isEqualTo("did b");
        }
    }

    @Test
    void aRunThatResumesHasTheInputItBeganWith() throws Exception {
        WorkflowBody<String, String> body =
                (run, input) -> run.step("a", String.class, () -> input) + run.awaitSignal("go", String.class) + input;
        RunId id;
        try (Perdure perdure = open()) {
            perdure.register(workflow("flow", body));
            perdure.start("flow", "a", burst(Duration.ofMillis(50)));
            id = perdure.start("flow", "b", burst(Duration.ofMillis(50))).id();
            Thread.sleep(100);
            StoreOnDisk.awaitStatus(perdure, id.value(), RunStatus.WAITING);
            perdure.run(id.value(), String.class).signal("go", "-");
        }
        try (Perdure perdure = open()) {
            perdure.register(workflow("flow", body)).work();
            assertThat(perdure.run(id.value(), String.class).result(LIMIT)).isEqualTo("b-b");
        }
    }

    @Test
    void startsFromManyThreadsAreOneRunAndTheQueueComesAfter() throws Exception {
        try (Perdure perdure = open();
                Perdure another = open();
                ExecutorService threads = Executors.newFixedThreadPool(8)) {
            perdure.register(workflow("flow", ECHO)).register(Queue.named("mail").concurrency(1));
            another.register(workflow("flow", ECHO));
            List<Callable<RunId>> starts =
                    IntStream.range(0, 24)
                            .<Callable<RunId>>mapToObj(i ->
                                    () ->
                                            (i % 2 == 0 ? perdure : another)
                                                    .start("flow", "n" + i, burst(Duration.ofSeconds(2)).queue("mail"))
                                                    .id())
                            .toList();
            Set<RunId> runs = new HashSet<>();
            for (Future<RunId> start : threads.invokeAll(starts)) {
                runs.add(start.get());
            }
            assertThat(runs).hasSize(1);
            assertThat(perdure.administration().runs(RunFilter.newest(10))).hasSize(1);
            assertThat(perdure.run(runs.iterator().next().value(), String.class).result(LIMIT)).startsWith("did n");
        }
    }

    @Test
    void whatCannotBeIsRefused() throws Exception {
        try (Perdure perdure = open()) {
            perdure.register(workflow("flow", ECHO));
            assertThatThrownBy(() -> perdure.start("flow", "a", burst(Duration.ofSeconds(1)).id("mine")))
                    .isInstanceOf(InvalidInputException.class)
                    .hasMessageContaining("a start that is debounced has no id and no session of its own");
        }
        assertThatThrownBy(() -> burst(Duration.ZERO))
                .isInstanceOf(InvalidInputException.class)
                .hasMessage("starts are debounced for 1 ms to 365 days; got PT0S");
    }
}
