package dev.perdure.tests.guarantees;

import static org.assertj.core.api.Assertions.assertThat;

import dev.perdure.Perdure;
import dev.perdure.Run;
import dev.perdure.RunHandle;
import dev.perdure.StartOptions;
import dev.perdure.Workflow;
import dev.perdure.WorkflowBody;
import dev.perdure.error.ConflictException;
import dev.perdure.journal.RunId;
import dev.perdure.store.RunStatus;
import dev.perdure.store.RunStore;

import org.junit.jupiter.api.Test;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/// A run that sends signals to one that does not take them.
final class FullInboxTest {
    private static final Duration LIMIT = Duration.ofSeconds(30);

    private static Workflow<String, String> workflow(String name, WorkflowBody<String, String> body) {
        return Workflow.named(name).takes(String.class).returns(String.class).runs(body);
    }

    private static String sendUntilItIsTaken(Run run) {
        for (int tries = 1; ; tries++) {
            try {
                run.signal(new RunId("deaf"), "go", "one more");
                return "sent at try " + tries;
            } catch (ConflictException full) {
                run.set("told", String.valueOf(full.getMessage()));
                run.awaitSignal("again", String.class);
            }
        }
    }

    @Test
    void aSignalToARunWithTooManyMessagesIsRefusedUntilItHasTakenOne() throws Exception {
        CountDownLatch take = new CountDownLatch(1);
        CountDownLatch end = new CountDownLatch(1);
        try (Perdure perdure = Perdure.open("memory:")) {
            perdure.register(workflow("sender", (run, _) -> sendUntilItIsTaken(run)));
            perdure.register(
                    workflow(
                            "deaf",
                            (run, _) -> {
                                run.step("do not listen", Boolean.class, () -> take.await(1, TimeUnit.MINUTES));
                                run.set("heard", run.awaitSignal("go", String.class));
                                run.step("end", Boolean.class, () -> end.await(1, TimeUnit.MINUTES));
                                return "ended";
                            }));
            RunHandle<String> deaf = perdure.start("deaf", "", StartOptions.withId("deaf"));
            for (int i = 0; i < RunStore.MAX_WAITING - 1; i++) {
                deaf.signal("go", "x");
            }
            RunHandle<String> first = perdure.start("sender", "", StartOptions.withId("first"));
            assertThat(first.result(LIMIT)).isEqualTo("sent at try 1");
            RunHandle<String> second = perdure.start("sender", "", StartOptions.withId("second"));
            StoreOnDisk.awaitStatus(perdure, "second", RunStatus.WAITING);
            assertThat(second.variable("told", String.class).orElseThrow())
                    .startsWith(
                            "run second cannot send signal go to run deaf: it has 10000 messages that it has not"
                                    + " taken");

            take.countDown();
            while (deaf.variable("heard", String.class).isEmpty()) {
                Thread.onSpinWait();
            }
            second.signal("again", "");
            assertThat(second.result(LIMIT)).isEqualTo("sent at try 2");
            end.countDown();
            assertThat(deaf.result(LIMIT)).isEqualTo("ended");
            assertThat(StoreOnDisk.findings(perdure)).isEmpty();
        }
    }
}
