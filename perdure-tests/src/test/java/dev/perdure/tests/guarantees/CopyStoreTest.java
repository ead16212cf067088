package dev.perdure.tests.guarantees;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.perdure.CopyStore;
import dev.perdure.Perdure;
import dev.perdure.Queue;
import dev.perdure.Schedule;
import dev.perdure.StartOptions;
import dev.perdure.WorkflowBody;
import dev.perdure.error.ConflictException;
import dev.perdure.error.InvalidInputException;
import dev.perdure.postgres.PostgresStoreProvider;
import dev.perdure.runtime.HostIdentity;
import dev.perdure.sqlite.SqliteStoreProvider;
import dev.perdure.store.Anchor;
import dev.perdure.store.ProcessStart;
import dev.perdure.store.RunStatus;
import dev.perdure.store.RunStore;
import dev.perdure.store.StorePart;
import dev.perdure.store.StoreProvider;
import dev.perdure.store.StoreStanding.State;
import dev.perdure.store.StoredRow;
import dev.perdure.store.WholeStore;
import dev.perdure.store.WorkerRecord;
import dev.perdure.testing.PostgresServer;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.ByteArrayInputStream;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/// Moving a store loses nothing, whenever it is killed, and nobody goes on where it came from.
final class CopyStoreTest {
    private static final WorkflowBody<String, String> BODY =
            (run, input) -> {
                String text = run.step("read", String.class, () -> input.repeat(2_000));
                run.artifact("all", "text/plain", () -> new ByteArrayInputStream(bytes(700_000)));
                String said = run.awaitSignal("go", String.class);
                return run.step("write", String.class, () -> text.length() + said);
            };

    @TempDir Path folder;

    private static byte[] bytes(int count) {
        byte[] bytes = new byte[count];
        new Random(count).nextBytes(bytes);
        return bytes;
    }

    private String sqlite(String name) {
        return "jdbc:sqlite:" + folder.resolve(name);
    }

    private static Perdure open(String url) {
        return Perdure.open(url, StoreOnDisk.OPTIONS)
                .register(RunsOnDisk.workflow("flow", BODY))
                .register(Queue.named("mail").concurrency(1));
    }

    /// Runs that ended, that wait, that stand in a queue, and what started them.
    private static void fill(String url) throws InterruptedException {
        try (Perdure perdure = open(url)) {
            perdure.start("flow", "a", StartOptions.withId("ended"));
            perdure.administration().signal("ended", "go", "\"!\"", "signal-1");
            StoreOnDisk.awaitStatus(perdure, "ended", RunStatus.COMPLETED);
            perdure.start("flow", "b", StartOptions.withId("waiting"));
            StoreOnDisk.awaitStatus(perdure, "waiting", RunStatus.WAITING);
            perdure.start("flow", "c", StartOptions.DEFAULT.id("queued").queue("mail").key("ada").forAWorker());
            perdure.administration()
                    .schedules()
                    .add(Schedule.named("morning").cron("0 7 * * *", "Europe/Berlin").starts("flow", "x"));
        }
    }

    private static List<String> words(String url) {
        try (Perdure perdure = open(url)) {
            List<String> words = new ArrayList<>();
            for (String run : List.of("ended", "waiting", "queued")) {
                words.addAll(StoreOnDisk.digests(perdure, run));
                words.add(perdure.administration().find(run).withReason("").toString());
            }
            assertThat(StoreOnDisk.findings(perdure)).isEmpty();
            return words;
        }
    }

    @Test
    void aStoreMovesFromSqliteToPostgresqlAndBackWithItsAnchorAndGoesOn() throws Exception {
        String postgres = PostgresServer.shared().newStoreUrl();
        fill(sqlite("a.db"));
        List<String> before = words(sqlite("a.db"));

        Anchor anchor = CopyStore.move(sqlite("a.db"), postgres, _ -> {}).anchor();
        assertThat(words(postgres)).isEqualTo(before);
        assertThat(CopyStore.move(postgres, sqlite("b.db"), _ -> {}).anchor()).isEqualTo(anchor);
        assertThat(words(sqlite("b.db"))).isEqualTo(before);

        try (Perdure perdure = open(sqlite("b.db")).work()) {
            perdure.administration().signal("waiting", "go", "\"?\"", "signal-2");
            perdure.administration().signal("queued", "go", "\"?\"", "signal-3");
            StoreOnDisk.awaitStatus(perdure, "waiting", RunStatus.COMPLETED);
            StoreOnDisk.awaitStatus(perdure, "queued", RunStatus.COMPLETED);
        }
        try (Perdure moved = open(postgres)) {
            assertThatThrownBy(() -> moved.start("flow", "d", StartOptions.withId("late")))
                    .isInstanceOf(ConflictException.class)
                    .hasMessageContaining("moved to " + folder.resolve("b.db"));
        }
    }

    @Test
    void aMoveThatIsKilledAroundAnyTransactionGoesOn() throws Exception {
        fill(sqlite("a.db"));
        List<String> before = words(sqlite("a.db"));
        boolean finished = false;
        for (int kill = 1; !finished; kill++) {
            for (boolean after : new boolean[] {false, true}) {
                String from = sqlite("from-" + kill + after);
                String to = sqlite("to-" + kill + after);
                CopyStore.keep(sqlite("a.db"), from, _ -> {});
                finished = move(from, to, new Killer(kill, after));
                if (!finished) {
                    assertClosedAtBothEnds(from, to);
                    assertThat(move(from, to, new Killer(Integer.MAX_VALUE, false))).isTrue();
                }
                assertThat(words(to)).as("killed at %s, %s", kill, after).isEqualTo(before);
                assertThat(standing(from)).isEqualTo(State.LEFT);
            }
            assertThat(kill).isLessThan(50);
        }
    }

    /// Whether it came to its end.
    private static boolean move(String from, String to, Killer killer) {
        StoreProvider stores = new SqliteStoreProvider();
        try (WholeStore source = killer.of(stores.openWhole(from));
                WholeStore target = killer.of(stores.openWhole(to))) {
            CopyStore.move(source, target, Clock.systemUTC(), _ -> {});
            return true;
        } catch (Killed e) {
            return false;
        }
    }

    /// At no moment can both be worked with, nor a copy that is not complete.
    private static void assertClosedAtBothEnds(String from, String to) {
        State source = standing(from);
        State target = standing(to);
        boolean copied = target == State.OPEN && source != State.OPEN && Perdure.exists(to);
        if (target == State.RECEIVING) {
            assertThatThrownBy(() -> open(to))
                    .isInstanceOf(InvalidInputException.class)
                    .hasMessageContaining("a copy of");
        }
        if (source != State.OPEN) {
            try (Perdure perdure = Perdure.open(from)) {
                perdure.register(RunsOnDisk.workflow("flow", BODY));
                assertThatThrownBy(() -> perdure.start("flow", "x", StartOptions.withId("new")))
                        .isInstanceOf(ConflictException.class)
                        .hasMessageContaining("moved");
            }
        }
        assertThat(source == State.OPEN || target == State.RECEIVING || copied).isTrue();
    }

    private static State standing(String url) {
        try (WholeStore store = new SqliteStoreProvider().openWhole(url)) {
            return store.standing().state();
        }
    }

    @Test
    void ofTwoProcessesThatCopyToOnePlaceOneIsToldOfTheOther() throws Exception {
        fill(sqlite("a.db"));
        String postgres = PostgresServer.shared().newStoreUrl();
        try (WholeStore source = new SqliteStoreProvider().openWhole(sqlite("a.db"));
                WholeStore file = new SqliteStoreProvider().openWhole(sqlite("b.db"));
                WholeStore server = new PostgresStoreProvider().openWhole(postgres)) {
            List<StoredRow> rows = new ArrayList<>();
            source.look(contents -> {
                contents.visit(StorePart.RUNS, "", (_, row) -> rows.add(row));
                return true;
            });
            for (WholeStore target : List.of(file, server)) {
                target.receive(source.standing().id(), source.name());
                target.add(StorePart.RUNS, "first", rows);
                assertThatThrownBy(() -> target.add(StorePart.RUNS, "second", rows))
                        .isInstanceOf(ConflictException.class)
                        .hasMessageContaining("another process copies to it");
                assertThat(target.standing().place()).isEqualTo("first");
            }
        }
    }

    @Test
    void aMoveIsRefusedWhileAWorkerHasTheStoreAndACopyIsNot() throws Exception {
        fill(sqlite("a.db"));
        try (Perdure working = open(sqlite("a.db"))) {
            working.work();
            StoreOnDisk.awaitStatus(working, "queued", RunStatus.WAITING);
            assertThatThrownBy(() -> CopyStore.move(sqlite("a.db"), sqlite("b.db"), _ -> {}))
                    .isInstanceOf(ConflictException.class)
                    .hasMessageContaining("Stop it, or wait until its lease runs out");
            String schema = PostgresServer.shared().newSchema();
            String postgres = PostgresServer.shared().url() + "&perdureSchema=" + schema;
            assertThatThrownBy(() -> CopyStore.move(sqlite("a.db"), postgres, _ -> {}))
                    .isInstanceOf(ConflictException.class);
            assertThat(folder.toFile().list()).as("what a refused copy left").noneMatch(name -> name.contains("b.db"));
            assertThat(PostgresServer.shared().schemas()).doesNotContain(schema);
            Anchor copied = CopyStore.keep(sqlite("a.db"), sqlite("c.db"), _ -> {}).anchor();
            assertThat(copied.entries()).isPositive();
            working.administration().signal("waiting", "go", "\"?\"", "signal-2");
            StoreOnDisk.awaitStatus(working, "waiting", RunStatus.COMPLETED);
        }
        try (Perdure copy = open(sqlite("c.db"))) {
            assertThat(copy.administration().find("waiting").status()).isEqualTo(RunStatus.WAITING);
            assertThat(StoreOnDisk.findings(copy)).isEmpty();
        }
    }

    @Test
    void aMoveDoesNotWaitForTheLeaseOfAWorkerThatWasKilled() {
        ProcessHandle here = ProcessHandle.current();
        long now = Clock.systemUTC().millis();
        try (RunStore store = new SqliteStoreProvider().open(sqlite("a.db"))) {
            long another = ProcessStart.of(here) + 1; // a process of that number is gone
            store.announce(new WorkerRecord("killed", HostIdentity.here(), here.pid(), another, 0), now, 600_000);
        }
        CopyStore.move(sqlite("a.db"), sqlite("b.db"), _ -> {});
        assertThat(standing(sqlite("b.db"))).isEqualTo(State.OPEN);
    }

    @Test
    void whatCannotBeMovedIsRefusedBeforeAnythingIsChanged() throws Exception {
        String postgres = PostgresServer.shared().newStoreUrl();
        fill(sqlite("a.db"));
        fill(postgres);
        assertThatThrownBy(
                        () -> CopyStore.move(sqlite("a.db"), sqlite("../" + folder.getFileName() + "/a.db"), _ -> {}))
                .isInstanceOf(InvalidInputException.class)
                .hasMessageContaining("are the same store");
        assertThatThrownBy(() -> CopyStore.move(sqlite("a.db"), postgres, _ -> {}))
                .isInstanceOf(InvalidInputException.class)
                .hasMessageContaining("is not empty. Nothing was changed. Name a place where there is no store yet.");
        assertThatThrownBy(() -> CopyStore.move(sqlite("none.db"), sqlite("b.db"), _ -> {}))
                .isInstanceOf(InvalidInputException.class)
                .hasMessageContaining("no store to copy from");
        assertThatThrownBy(() -> CopyStore.move(sqlite("a.db"), "memory:", _ -> {}))
                .isInstanceOf(InvalidInputException.class)
                .hasMessageContaining("cannot be moved");
        assertThatThrownBy(() -> CopyStore.abandon(sqlite("a.db")))
                .isInstanceOf(InvalidInputException.class)
                .hasMessageContaining("is not being moved");
        assertThat(standing(sqlite("a.db"))).isEqualTo(State.OPEN);
        assertThat(folder.resolve("b.db")).doesNotExist();
        try (WholeStore store = new PostgresStoreProvider().openWhole(postgres)) {
            assertThat(store.standing().state()).isEqualTo(State.OPEN);
        }
    }

    @Test
    void aMoveThatWasGivenUpCanBeMadeToAnotherPlace() throws Exception {
        fill(sqlite("a.db"));
        List<String> before = words(sqlite("a.db"));
        assertThat(move(sqlite("a.db"), sqlite("b.db"), new Killer(4, true))).isFalse();
        assertThatThrownBy(() -> CopyStore.move(sqlite("a.db"), sqlite("c.db"), _ -> {}))
                .isInstanceOf(ConflictException.class)
                .hasMessageContaining("is being moved to " + folder.resolve("b.db"));

        assertThat(CopyStore.abandon(sqlite("a.db")).isWith("")).isFalse();
        try (Perdure perdure = open(sqlite("a.db"))) {
            perdure.start("flow", "d", StartOptions.withId("late").forAWorker());
        }
        CopyStore.move(sqlite("a.db"), sqlite("b.db"), _ -> {}); // what was there is removed, it is of before

        assertThat(words(sqlite("b.db"))).isEqualTo(before);
        try (Perdure perdure = open(sqlite("b.db"))) {
            assertThat(perdure.administration().find("late").status()).isEqualTo(RunStatus.PENDING);
        }
    }
}
