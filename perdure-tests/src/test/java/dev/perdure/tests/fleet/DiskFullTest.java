package dev.perdure.tests.fleet;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;

import dev.perdure.Perdure;
import dev.perdure.RunHandle;
import dev.perdure.StartOptions;
import dev.perdure.Workflow;
import dev.perdure.store.Finding;
import dev.perdure.testing.PostgresServer;
import dev.perdure.testing.Postmaster;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.slf4j.LoggerFactory;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;

/// A server that cannot write more: its processes may make no file larger than a limit, so that the table of payloads
/// cannot grow. (A full disk would need rights that tests do not have; PostgreSQL gives up at the same place. What it
/// says when the disk of its log is full, [CutStatementsTest] lets it say.)
final class DiskFullTest {
    private static final PostgresServer SERVER = PostgresServer.shared();

    /// 16 MiB and a little, in units of 512 bytes: a file of the server's log is as large.
    private static final String LIMIT = "ulimit -f 32896";

    private static final int STEPS = 30;
    private static final int STEP_BYTES = 1 << 20;
    private static final int LOOKS = 6_000;

    private final ListAppender<ILoggingEvent> log = new ListAppender<>();
    private final Logger ours = (Logger) LoggerFactory.getLogger("dev.perdure");
    private final AtomicInteger executions = new AtomicInteger();

    @BeforeEach
    void listen() {
        log.start();
        ours.setLevel(Level.WARN);
        ours.addAppender(log);
    }

    @AfterEach
    void stopListening() {
        ours.detachAppender(log);
    }

    private Workflow<Integer, Integer> workflow() {
        return Workflow.named("fill")
                .takes(Integer.class)
                .returns(Integer.class)
                .runs((run, steps) -> {
                    int length = 0;
                    for (int i = 0; i < steps; i++) {
                        long seed = i;
                        length += run.step("text", String.class, () -> text(seed)).length();
                    }
                    return length;
                });
    }

    private String text(long seed) {
        executions.incrementAndGet();
        byte[] bytes = new byte[STEP_BYTES];
        new Random(seed).nextBytes(bytes);
        return Base64.getEncoder().encodeToString(bytes);
    }

    private boolean isSaid(String what) {
        return List.copyOf(log.list).stream().anyMatch(event -> event.getFormattedMessage().contains(what));
    }

    private static void assertSound(Perdure perdure) {
        List<Finding> findings = new ArrayList<>();
        perdure.administration().verify(Optional.empty(), Optional.empty(), findings::add);
        assertThat(findings).isEmpty();
    }

    @Test
    @Timeout(120)
    void aServerWithoutRoomIsOneClearErrorAndTheRunGoesOnWhenThereIsRoomAgain() throws Exception {
        Postmaster postmaster = SERVER.postmaster();
        postmaster.stop(Postmaster.Mode.FAST);
        postmaster.start(LIMIT);
        boolean limited = true;
        try (Perdure perdure = Perdure.open(SERVER.newStoreUrl())) {
            perdure.register(workflow()).work();
            RunHandle<Integer> run = perdure.start("fill", STEPS, StartOptions.withId("fills"));
            String clear = "the server has no room to write";
            for (int look = 0; !isSaid(clear); look++) {
                assertThat(look).as("looks for the error among %s", log.list).isLessThan(LOOKS);
                Thread.sleep(10);
            }
            assertSound(perdure);
            long recorded = perdure.administration().find("fills").headSequence();

            postmaster.stop(Postmaster.Mode.FAST);
            postmaster.start();
            limited = false;
            int length = run(perdure, run);
            assertThat(length).isEqualTo(STEPS * Base64.getEncoder().encodeToString(new byte[STEP_BYTES]).length());
            assertThat(recorded).as("entries recorded before").isBetween(5L, (long) STEPS);
            assertSound(perdure);
            assertThat(executions.get()).as("executions").isLessThan(STEPS + 20);
        } finally {
            if (limited) {
                postmaster.stop(Postmaster.Mode.FAST);
                postmaster.start();
            }
        }
    }

    /// The result, from whoever got so far: a handle tells of each stop.
    private static int run(Perdure perdure, RunHandle<Integer> run) throws InterruptedException {
        for (int look = 0; ; look++) {
            try {
                return run.result(Duration.ofSeconds(60));
            } catch (dev.perdure.error.UnavailableException stopped) {
                assertThat(look).as("stops, the last one: %s", stopped.getMessage()).isLessThan(100);
                Thread.sleep(100);
            }
        }
    }
}
