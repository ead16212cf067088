package dev.perdure.tests.guarantees;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.perdure.CancelledException;
import dev.perdure.Loop;
import dev.perdure.Perdure;
import dev.perdure.RunHandle;
import dev.perdure.StartOptions;
import dev.perdure.StepFailedException;
import dev.perdure.Strands;
import dev.perdure.Workflow;
import dev.perdure.WorkflowBody;
import dev.perdure.error.InvalidInputException;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.nio.file.Path;
import java.time.Duration;
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

    @Test
    void anOwnerThatWritesWhatItsStrandWritesIsAnErrorUnlessAReducerIsDeclared() {
        WorkflowBody<String, String> body =
                (run, reduced) -> {
                    if (reduced.equals("reduced")) {
                        run.reduce("v", Integer.class, Integer::sum);
                    }
                    try (Strands strands = run.strands("g")) {
                        strands.open(strand -> {
                            strand.set("v", 2);
                            return 1;
                        });
                        run.set("v", 1);
                        strands.join();
                        return run.get("v", Integer.class).orElseThrow().toString();
                    }
                };
        try (Perdure perdure = Perdure.open("memory:")) {
            perdure.register(Workflow.named("flow").takes(String.class).returns(String.class).runs(body));
            assertThatThrownBy(() -> perdure.start("flow", "plain").result())
                    .hasMessageContaining("strands of g and the one that opened them wrote variable \"v\" 2 times");
            RunHandle<String> run = perdure.start("flow", "reduced");
            assertThat(run.result()).isEqualTo("3");
            assertThat(perdure.administration().view(run.id().value()).variables()).hasToString("{v=3}");
        }
    }

    @Test
    void whatStrandsWroteThatNobodyJoinedIsNotTheRuns() {
        try (Perdure perdure = Perdure.open("memory:")) {
            perdure.register(
                    Workflow.named("flow")
                            .takes(String.class)
                            .returns(String.class)
                            .runs((run, _) -> {
                                run.set("v", 0);
                                CountDownLatch written = new CountDownLatch(1);
                                try (Strands strands = run.strands("g")) {
                                    strands.open(strand -> {
                                        strand.set("v", 2);
                                        written.countDown();
                                        return 1;
                                    });
                                    run.step("wait", () -> written.await());
                                }
                                run.step("after", () -> {});
                                return run.get("v", Integer.class).orElseThrow().toString();
                            }));
            RunHandle<String> run = perdure.start("flow", "x");

            assertThat(run.result()).isEqualTo("0");
            assertThat(perdure.administration().view(run.id().value()).variables()).hasToString("{v=0}");
        }
    }

    @Test
    void aLambdaIsNoValue() {
        try (Perdure perdure = Perdure.open("memory:")) {
            perdure.register(
                    Workflow.named("flow")
                            .takes(String.class)
                            .returns(String.class)
                            .runs((run, _) -> {
                                Runnable lambda = () -> {};
                                run.set("v", lambda);
                                return "set";
                            }));

            assertThatThrownBy(() -> perdure.start("flow", "x").result())
                    .hasMessageContaining("variable v")
                    .hasMessageContaining("it is a lambda");
        }
    }

    /// An exception that cannot say what is wrong.
    private static final class Mute extends RuntimeException {
        private static final long serialVersionUID = 1L;

        @Override
        public String getMessage() {
            throw new IllegalStateException("no message");
        }
    }

    @Test
    void aStepWhoseExceptionCannotTellItsMessageFailsLikeAnyOther() {
        try (Perdure perdure = Perdure.open("memory:")) {
            perdure.register(
                    Workflow.named("flow")
                            .takes(String.class)
                            .returns(String.class)
                            .runs((run, _) -> {
                                try {
                                    run.step(
                                            "mute",
                                            () -> {
                                                throw new Mute();
                                            });
                                    return "went on";
                                } catch (StepFailedException e) {
                                    return e.failure().type() + ": " + e.failure().message();
                                }
                            }));

            assertThat(perdure.<String>start("flow", "x").result())
                    .isEqualTo("Mute: (its message could not be read: IllegalStateException)");
        }
    }

    @Test
    void aLoopThatMakesNoCallCanBeCancelled() throws Exception {
        CountDownLatch turns = new CountDownLatch(3);
        try (Perdure perdure = Perdure.open("memory:")) {
            perdure.register(
                    Workflow.named("flow")
                            .takes(String.class)
                            .returns(Integer.class)
                            .runs((run, _) ->
                                    run.loop(
                                            "turn",
                                            Integer.class,
                                            0,
                                            (_, number) -> {
                                                turns.countDown();
                                                Thread.sleep(1);
                                                return Loop.next(number + 1);
                                            })));
            RunHandle<Integer> run = perdure.start("flow", "x");
            turns.await();
            run.cancel("enough");

            assertThatThrownBy(() -> run.result(Duration.ofSeconds(30))).isInstanceOf(CancelledException.class);
        }
    }
}
