package dev.perdure.tests.guarantees;

import static org.assertj.core.api.Assertions.assertThat;

import dev.perdure.Perdure;
import dev.perdure.StartOptions;
import dev.perdure.StepFailedException;
import dev.perdure.Workflow;
import dev.perdure.WorkflowBody;
import dev.perdure.error.InvalidInputException;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.stream.IntStream;

/// Replays that end in the middle of something, of code that caught the failure and went on: found by a review, kept as
/// tests.
final class EdgesTest {
    @TempDir Path folder;

    private final CountDownLatch reached = new CountDownLatch(1);
    private volatile boolean secondLife;

    private void waitInTheFirstLife() throws InterruptedException {
        if (!secondLife) {
            reached.countDown();
            Thread.sleep(60_000);
        }
    }

    private String killAndResume(WorkflowBody<String, String> body) throws Exception {
        StoreOnDisk store = StoreOnDisk.in(folder);
        Workflow<String, String> workflow = Workflow.named("flow").takes(String.class).returns(String.class).runs(body);
        try (Perdure perdure = store.open()) {
            perdure.register(workflow);
            perdure.start("flow", "x", StartOptions.withId("run"));
            reached.await();
        }
        secondLife = true;
        try (Perdure perdure = store.open()) {
            perdure.register(workflow).work();
            return perdure.run("run", String.class).result();
        }
    }

    @Test
    void aStrandAtItsEdgeLetsItsSiblingsReplay() throws Exception {
        CountDownLatch opened = new CountDownLatch(1);
        String result =
                killAndResume((run, _) -> {
                    try {
                        run.parallel(
                                "o",
                                List.of(0, 1),
                                (outer, o) -> {
                                    if (o == 1) {
                                        return outer.step(
                                                "fail",
                                                String.class,
                                                () -> {
                                                    opened.await();
                                                    throw new IllegalStateException("planned");
                                                });
                                    }
                                    outer.parallel(
                                            "p",
                                            List.of(0, 1),
                                            (inner, p) -> {
                                                if (p == 0) {
                                                    return inner.step(
                                                            "long",
                                                            String.class,
                                                            () -> {
                                                                Thread.sleep(60_000);
                                                                return "";
                                                            });
                                                }
                                                for (int i = 0; i < 50; i++) {
                                                    inner.step("quick", () -> {});
                                                    if (secondLife) {
                                                        Thread.sleep(5); // replays slowly
                                                    }
                                                }
                                                inner.parallel(
                                                        "q",
                                                        List.of(0),
                                                        (innermost, q) -> {
                                                            innermost.step("y", () -> {});
                                                            innermost.step(
                                                                    "z",
                                                                    () -> {
                                                                        opened.countDown();
                                                                        Thread.sleep(60_000);
                                                                    });
                                                            return q;
                                                        });
                                                return "";
                                            });
                                    return "";
                                });
                    } catch (StepFailedException planned) {
                        run.step("caught", () -> {});
                    }
                    run.step("last", this::waitInTheFirstLife);
                    return "done";
                });
        assertThat(result).isEqualTo("done");
    }

    @Test
    void anErrorOfAnArtifactsSourceIsRecorded() throws Exception {
        String result =
                killAndResume((run, _) -> {
                    try {
                        run.artifact(
                                "f",
                                "text/plain",
                                () -> {
                                    throw new NoClassDefFoundError("missing");
                                });
                    } catch (StepFailedException failed) {
                        run.step("after", () -> {});
                    }
                    run.step("last", this::waitInTheFirstLife);
                    return "done";
                });
        assertThat(result).isEqualTo("done");
    }

    @Test
    void aLoopThatCannotBeginFailsTheSameOnReplay() throws Exception {
        Map<String, Object> itself = new HashMap<>();
        itself.put("me", itself);
        String result =
                killAndResume((run, _) -> {
                    try {
                        run.loop("l", Map.class, itself, (_, _) -> null);
                    } catch (InvalidInputException refused) {
                        run.step("after", () -> {});
                    }
                    run.step("last", this::waitInTheFirstLife);
                    return "done";
                });
        assertThat(result).isEqualTo("done");
    }

    /// A limiter of the user's own holds strands up that have not come to their first call: the others do not wait for
    /// them for ever.
    @Test
    void strandsThatWaitForOneAnotherOutsideOfPerdureGoOn() throws Exception {
        Semaphore limiter = new Semaphore(1);
        String result =
                killAndResume((run, _) -> {
                    run.step("first", () -> {});
                    run.parallel(
                            "p",
                            IntStream.range(0, 8).boxed().toList(),
                            (strand, n) -> {
                                if (secondLife) {
                                    limiter.acquire();
                                }
                                try {
                                    strand.step("work", this::waitInTheFirstLife);
                                } finally {
                                    limiter.release();
                                }
                                return n;
                            });
                    return "done";
                });
        assertThat(result).isEqualTo("done");
    }
}
