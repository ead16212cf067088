package dev.perdure.tests.kill;

import static org.assertj.core.api.Assertions.assertThat;

import dev.perdure.Perdure;
import dev.perdure.Queue;
import dev.perdure.RunHandle;
import dev.perdure.StartOptions;
import dev.perdure.Workflow;
import dev.perdure.cli.Main;
import dev.perdure.postgres.PostgresStoreProvider;
import dev.perdure.sqlite.SqliteStoreProvider;
import dev.perdure.store.Finding;
import dev.perdure.store.RunFilter;
import dev.perdure.store.RunRecord;
import dev.perdure.store.StoreProvider;
import dev.perdure.store.StoreStanding.State;
import dev.perdure.store.WholeStore;
import dev.perdure.testing.PostgresServer;
import dev.perdure.tests.ChildJvm;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;

/// `perdure copy`, killed with SIGKILL at random moments on its way from SQLite to PostgreSQL and back: the same
/// command goes on, and the copy is what the source was.
///
/// `-Dperdure.copy.kills=100` kills more often, `-Dperdure.kills.seed=N` repeats the moments, so far as machines do.
final class CopyKillTest {
    private static final int KILLS = Integer.getInteger("perdure.copy.kills", 2);
    private static final int KILLS_PER_MOVE = KILLS > 2 ? 2 : 1;
    private static final long SEED = Long.getLong("perdure.kills.seed", System.nanoTime());
    private static final int RUNS = 40;
    private static final int STEPS = 30;
    private static final int ARTIFACT_BYTES = 9 << 20;
    private static final int LINES = 7; // one for each part that has rows, and one for verifying
    private static final int MOST_MICROS_AFTER_A_LINE = 40_000;

    @TempDir Path folder;

    private final Random random = new Random(SEED);
    private final Map<State, Integer> killedIn = new EnumMap<>(State.class);

    /// What a copy must have in common with its source.
    private record Contents(String anchor, List<String> runs) {}

    @Test
    @Timeout(3_600)
    void aCopyThatIsKilledGoesOnAndIsWhatTheSourceWas() throws Exception {
        String from = sqlite(0);
        fill(from);
        Contents first = contents(from);
        for (int move = 1; (move - 1) * KILLS_PER_MOVE < KILLS; move++) {
            String to = move % 2 == 0 ? sqlite(move) : PostgresServer.shared().newStoreUrl();
            for (int kill = 0; kill < KILLS_PER_MOVE; kill++) {
                killSomewhere(from, to);
                assertNotBothCanBeWorkedWith(from, to);
            }
            try (ChildJvm last = copy(from, to)) {
                assertThat(last.await(60)).as("exit code; it wrote %s", last.lines()).isZero();
                assertThat(last.lines()).anyMatch(line -> line.contains("\"anchor\": \"" + first.anchor()));
            }
            assertThat(standing(from)).isEqualTo(State.LEFT);
            assertThat(contents(to)).as("move %d, seed %d", move, SEED).isEqualTo(first);
            from = to;
        }
        System.out.println(
                "CopyKillTest: -Dperdure.kills.seed=" + SEED + ", where the source stood when killed: " + killedIn);
    }

    private String sqlite(int number) {
        return "jdbc:sqlite:" + folder.resolve("store-" + number + ".db");
    }

    private static ChildJvm copy(String from, String to) throws IOException {
        return ChildJvm.start(Main.class, "128m", "copy", "--from", from, "--to", to, "--json");
    }

    /// Some time after one of the lines in which it says how far it has come.
    private void killSomewhere(String from, String to) throws Exception {
        int line = 1 + random.nextInt(LINES);
        long micros = random.nextInt(MOST_MICROS_AFTER_A_LINE);
        try (ChildJvm child = copy(from, to)) {
            while (child.isAlive() && child.lines().size() < line) {
                Thread.sleep(1);
            }
            Thread.sleep(0, (int) (micros % 1_000) * 1_000);
            Thread.sleep(micros / 1_000);
            child.kill();
        }
        killedIn.merge(standing(from), 1, Integer::sum);
    }

    private static StoreProvider provider(String url) {
        return url.startsWith("jdbc:sqlite:") ? new SqliteStoreProvider() : new PostgresStoreProvider();
    }

    private static State standing(String url) {
        try (WholeStore store = provider(url).openWhole(url)) {
            return store.standing().state();
        }
    }

    private static void assertNotBothCanBeWorkedWith(String from, String to) {
        boolean copied = false;
        if (provider(to).exists(to)) {
            try (WholeStore target = provider(to).openWhole(to)) {
                copied = target.standing().state() == State.OPEN && !target.isEmpty();
            }
        }
        assertThat(copied && standing(from) == State.OPEN).as("both can be worked with").isFalse();
    }

    private static Contents contents(String url) {
        try (Perdure perdure = Perdure.open(url)) {
            List<Finding> findings = new ArrayList<>();
            String anchor =
                    perdure.administration().verify(Optional.empty(), Optional.empty(), findings::add).toString();
            assertThat(findings).isEmpty();
            return new Contents(
                    anchor,
                    perdure.administration().runs(RunFilter.newest(RunFilter.MAX_LIMIT)).stream()
                            .sorted(Comparator.comparing(run -> run.id().value()))
                            .map(RunRecord::toString)
                            .toList());
        }
    }

    /// Runs that ended and some that wait for a signal, with results that are stored apart, and an artifact.
    private static void fill(String url) {
        Workflow<Integer, String> workflow =
                Workflow.named("fill")
                        .takes(Integer.class)
                        .returns(String.class)
                        .runs((run, number) -> {
                            for (int i = 0; i < STEPS; i++) {
                                int seed = number * STEPS + i;
                                int length = run.step("text", String.class, () -> text(seed, number == 1)).length();
                                run.set("length", length);
                            }
                            if (number == 0) {
                                run.artifact(
                                        "all", "text/plain", () -> new ByteArrayInputStream(bytes(ARTIFACT_BYTES)));
                            }
                            return number % 8 == 7 ? run.awaitSignal("go", String.class) : "";
                        });
        try (Perdure perdure = Perdure.open(url).register(workflow).register(Queue.named("mail")).work()) {
            List<RunHandle<String>> ending = new ArrayList<>();
            for (int i = 0; i < RUNS; i++) {
                RunHandle<String> run = perdure.start("fill", i, StartOptions.withId("run-" + i));
                if (i % 8 != 7) {
                    ending.add(run);
                }
            }
            ending.forEach(RunHandle::result);
            perdure.administration().signal("run-7", "other", "\"x\"", "once");
        }
    }

    private static String text(int seed, boolean large) {
        return Base64.getEncoder().encodeToString(Arrays.copyOf(bytes(60_000 + seed), large ? 60_000 : 3_000));
    }

    private static byte[] bytes(int count) {
        byte[] bytes = new byte[count];
        new Random(count).nextBytes(bytes);
        return bytes;
    }
}
