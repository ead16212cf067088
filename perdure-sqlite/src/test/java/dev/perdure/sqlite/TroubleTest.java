package dev.perdure.sqlite;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.perdure.error.UnavailableException;
import dev.perdure.store.AppendOutcome.Committed;
import dev.perdure.store.AppendOutcome.Refused;
import dev.perdure.store.Finding;
import dev.perdure.store.InboxMessage;
import dev.perdure.store.PrunableRun;
import dev.perdure.store.RunAppend;
import dev.perdure.store.RunRecord;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.ByteArrayInputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

/// What happens when the disk is full, another process is in the way, or a row is damaged while the store is open.
class TroubleTest {
    @TempDir Path folder;

    private Path file;
    private SqliteRunStore store;

    @BeforeEach
    void open() {
        file = folder.resolve("store.db");
        store = open(StoreOptions.DEFAULT.withBusyMillis(50));
    }

    private SqliteRunStore open(StoreOptions options) {
        return SqliteStoreProvider.open("jdbc:sqlite:" + file, options);
    }

    @AfterEach
    void close() {
        store.close();
    }

    private Story started(String id) {
        Story run = new Story(id, "w1");
        assertThat(Story.commit(store, run.start(""))).isEqualTo(new Committed());
        return run;
    }

    private List<Finding> findings() {
        List<Finding> findings = new ArrayList<>();
        store.verify(Optional.empty(), Optional.empty(), findings::add);
        return findings;
    }

    private Connection connect() throws SQLException {
        return DriverManager.getConnection("jdbc:sqlite:" + file);
    }

    @Test
    void refusesAppendsWhileTheDiskIsFullAndGoesOnWhenItHasRoom() {
        Story run = started("order-42");
        store.limitPages(1);
        RunAppend large = run.step(Story.noise(1, 100_000));

        assertThat(Story.commit(store, large))
                .isInstanceOfSatisfying(
                        Refused.class,
                        refused ->
                                assertThat(refused.cause())
                                        .isInstanceOf(UnavailableException.class)
                                        .hasMessageContaining("disk is full"));
        assertThat(store.find(run.id).map(RunRecord::headSequence)).contains(0L);
        assertThatThrownBy(() -> store.saveArtifact(new ByteArrayInputStream(new byte[900_000])))
                .isInstanceOf(UnavailableException.class)
                .hasMessageContaining("disk is full");

        store.limitPages(1_000_000);
        assertThat(Story.commit(store, large)).isEqualTo(new Committed());
        assertThat(findings()).isEmpty();
    }

    @Test
    void refusesAppendsWhileAnotherProcessWritesAndGoesOnThen() throws Exception {
        Story run = started("order-42");
        RunAppend step = run.step("1");
        try (Connection other = connect();
                Statement s = other.createStatement()) {
            s.execute("BEGIN IMMEDIATE");
            assertThat(Story.commit(store, step))
                    .isInstanceOfSatisfying(
                            Refused.class,
                            refused ->
                                    assertThat(refused.cause())
                                            .isInstanceOf(UnavailableException.class)
                                            .hasMessageContaining("locked"));
            assertThatThrownBy(() -> store.deliver(new InboxMessage(run.id, "m", "cancel", "", "", 1)))
                    .isInstanceOf(UnavailableException.class);
            assertThat(store.find(run.id)).isPresent(); // readers do not wait
            s.execute("ROLLBACK");
        }

        assertThat(Story.commit(store, step)).isEqualTo(new Committed());
    }

    @Test
    void takesTurnsWithAnotherHandleOnTheSameFile() {
        Story here = started("here");
        try (SqliteRunStore other = open(StoreOptions.DEFAULT)) {
            Story there = new Story("there", "w2");
            assertThat(Story.commit(other, there.start(""))).isEqualTo(new Committed());
            for (int i = 0; i < 50; i++) {
                assertThat(Story.commit(store, here.step("1"))).isEqualTo(new Committed());
                assertThat(Story.commit(other, there.step("2"))).isEqualTo(new Committed());
            }
            assertThat(other.read(here.id, 0, 0, 100)).hasSize(51);
        }
        assertThat(findings()).isEmpty();
    }

    @Test
    void noticesWhatAnotherHandleDid() {
        Story run = started("order-42");
        long before = store.changeNumber();
        assertThat(store.changeNumber()).isEqualTo(before);
        try (SqliteRunStore other = open(StoreOptions.DEFAULT)) {
            other.deliver(new InboxMessage(run.id, "m", "cancel", "", "", 1));
        }

        assertThat(store.changeNumber()).isNotEqualTo(before);
        long then = store.changeNumber();
        store.deliver(new InboxMessage(run.id, "m2", "cancel", "", "", 1));
        assertThat(store.changeNumber()).isNotEqualTo(then);
    }

    @Test
    void keepsADamagedRunFromItsBatchMates() throws Exception {
        Story good = started("good");
        Story bad = started("bad");
        store.close();
        try (Connection c = connect();
                Statement s = c.createStatement()) {
            s.executeUpdate("UPDATE head SET idle = 3 WHERE run = 2");
        }
        open();

        var outcomes = store.append(List.of(bad.step("1"), good.step("1")));

        assertThat(outcomes.get(0))
                .isInstanceOfSatisfying(
                        Refused.class, refused -> assertThat(refused.cause()).hasMessageContaining("perdure verify"));
        assertThat(outcomes.get(1)).isEqualTo(new Committed());
    }

    @Test
    void keepsTheLogBoundedWhileCommitsGoOn() throws Exception {
        store.close();
        store = open(StoreOptions.DEFAULT.withCheckpointBytes(1 << 20));
        Story run = started("order-42");
        String text = Story.noise(1, 3_000);
        long largest = 0;
        for (int i = 0; i < 3_000; i++) {
            assertThat(Story.commit(store, run.step(text.replace('a', (char) ('a' + i % 26)))))
                    .isEqualTo(new Committed());
            largest = Math.max(largest, Files.size(folder.resolve("store.db-wal")));
        }
        assertThat(largest).isLessThan(24 << 20); // some 80 MB were logged
    }

    @Test
    void keepsTheLogBoundedWhileRunsArePruned() throws Exception {
        store.close();
        store = open(StoreOptions.DEFAULT.withCheckpointBytes(1 << 20));
        List<Story> runs = IntStream.range(0, 100).mapToObj(i -> started("order-" + i)).toList();
        for (int i = 0; i < 60; i++) {
            String text = Story.noise(i, 1_000);
            assertThat(store.append(runs.stream().map(run -> run.step(text)).toList())).containsOnly(new Committed());
        }
        assertThat(store.append(runs.stream().map(Story::completed).toList())).containsOnly(new Committed());
        assertThat(store.size().entries()).isEqualTo(6_200); // empties the log
        List<RunRecord> ended =
                store.ended(Long.MAX_VALUE, Optional.empty(), "", 100).stream().map(PrunableRun::run).toList();
        assertThat(store.prune(ended, Story.T0, "ada")).hasSize(100);
        long largest = 0;
        while (store.sweep(100) > 0) {
            largest = Math.max(largest, Files.size(folder.resolve("store.db-wal")));
        }
        assertThat(largest).isLessThan(12 << 20);
    }

    @Test
    void removesWhatADeadProcessLeftOfAnArtifact() {
        long before = store.size().storedBytes();
        unfinished(new ThisProcess(ThisProcess.find().host(), Long.MAX_VALUE, 0));
        unfinished(new ThisProcess("another-boot/1", ProcessHandle.current().pid(), 0));
        assertThat(store.size().storedBytes()).isGreaterThan(before + 2 * 100_000);
        store.close();
        open();

        assertThat(store.size().storedBytes()).isLessThan(before + 50_000);
        assertThat(findings()).isEmpty();
    }

    @Test
    void leavesTheArtifactThatALivingProcessIsWriting() {
        long before = store.size().storedBytes();
        unfinished(ThisProcess.find());
        store.close();
        open();

        assertThat(store.size().storedBytes()).isGreaterThan(before + 100_000);
        assertThat(findings()).isEmpty();
    }

    private void unfinished(ThisProcess owner) {
        store.writer()
                .change(
                        "test",
                        sql -> {
                            Artifacts.Row row = Artifacts.begin(sql, owner);
                            Artifacts.addPiece(sql, row.no(), 0, new byte[130_000]);
                            return true;
                        });
    }

    @Test
    void answersVirtualThreads() throws Exception {
        Story run = started("order-42");
        List<Object> found = new ArrayList<>();
        Thread.ofVirtual()
                .start(() -> {
                    found.add(Story.commit(store, run.step("1")));
                    found.add(store.read(run.id, 0, 0, 10).size());
                    found.add(store.deliver(new InboxMessage(run.id, "m", "cancel", "", "", 1)));
                })
                .join();

        assertThat(found).containsExactly(new Committed(), 2, true);
    }
}
