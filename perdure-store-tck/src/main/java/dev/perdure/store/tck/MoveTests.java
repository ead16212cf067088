package dev.perdure.store.tck;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.perdure.error.ConflictException;
import dev.perdure.error.InvalidInputException;
import dev.perdure.journal.RunId;
import dev.perdure.store.AppendOutcome;
import dev.perdure.store.InboxMessage;
import dev.perdure.store.QueueRecord;
import dev.perdure.store.RunRecord;
import dev.perdure.store.RunStatus;
import dev.perdure.store.RunStore;
import dev.perdure.store.StorePart;
import dev.perdure.store.StoreStanding.State;
import dev.perdure.store.StoredRow;
import dev.perdure.store.WholeStore;
import dev.perdure.store.WorkerRecord;

import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Random;

/// That a store can be moved as a whole, and fenced after a restore.
abstract class MoveTests extends StoreTests {
    private StoreUnderTest otherPlace;
    private WholeStore source;
    private WholeStore target;

    @BeforeEach
    void openWhole() throws Exception {
        otherPlace = newStore();
        source = underTest().openWhole().orElseThrow();
        target = otherPlace.openWhole().orElseThrow();
    }

    @AfterEach
    void closeWhole() throws Exception {
        if (otherPlace != null) {
            source.close();
            target.close();
            otherPlace.remove();
        }
    }

    /// Something in every column of every table.
    private void fill() {
        prune(endedRun("pruned-1"), 100);
        store.define(new QueueRecord("mail", 5, 2, 9, 60_000));
        ScriptedRun first = new ScriptedRun("first").inQueue("mail", "tenant-1", -5);
        commit(first.started().build());
        announce("w2", T0);
        claimOnly("w2", first, T0);
        ScriptedRun held = heldRun("held");
        store.deliver(held.message("m1"));
        store.deliver(held.message("m2"));
        commit(held.steps("\"" + noise(9_000) + "\"", "{\"i\":1}").consuming("m1").build());
        commit(held.steps("\"" + noise(30_000) + "\"").build());
        ScriptedRun asleep = new ScriptedRun("asleep").inSession("case-7").heldBy("w1");
        commit(asleep.started().build());
        for (int i = 0; i < 130; i++) { // several milestones
            commit(asleep.steps("{\"i\":" + i + "}").build());
        }
        commit(asleep.steps("1").releasing(RunStatus.WAITING, "sleeps", Optional.of(T0 + 9_000)).build());
        ScriptedRun due = new ScriptedRun("due").heldBy("w1");
        commit(due.started().build());
        commit(due.steps("1").releasing(RunStatus.WAITING, "asks", Optional.of(T0 + 99_000)).build());
        store.deliver(due.message("m3"));
        ScriptedRun paused = new ScriptedRun("paused").heldBy("w1");
        commit(paused.started().build());
        commit(paused.steps("1").releasing(RunStatus.PAUSED, "by Ada", Optional.empty()).build());
        commit(new ScriptedRun("pending").inGroup("gpu").started().build());
        byte[] large = noise(600_000).getBytes(StandardCharsets.US_ASCII);
        store.saveArtifact(new ByteArrayInputStream(large));
        store.saveArtifact(new ByteArrayInputStream(Arrays.copyOf(large, StoredRow.OfPiece.PIECE)));
        store.saveArtifact(new ByteArrayInputStream(new byte[0]));
        store.retire("w2");
        store.retire("w1");
        announce("w3", T0);
        assertThat(ids(claim("w3", T0))).contains(held.id()); // counts as idle
        store.retire("w3");
        commit(new ScriptedRun("second").inQueue("mail", "tenant-2", 7).started().build());
        prune(endedRun("pruned-2"), 100);
        endedRun("ended");
    }

    private ScriptedRun endedRun(String id) {
        ScriptedRun run = heldRun(id);
        store.deliver(run.message("m"));
        commit(run.steps("1", "2", "\"" + noise(3_000) + "\"").build());
        commit(run.ended(RunStatus.COMPLETED).build());
        return run;
    }

    private void prune(ScriptedRun run, int rows) {
        assertThat(store.prune(List.of(record(run)), T0 + 9, "ada")).containsExactly(run.id());
        if (rows > 0) {
            store.sweep(rows);
        }
    }

    private static String noise(int length) {
        Random random = new Random(length);
        StringBuilder text = new StringBuilder();
        while (text.length() < length) {
            text.append((char) ('a' + random.nextInt(26)));
        }
        return text.toString();
    }

    /// Copies what is not there yet, `rows` rows in a transaction; ends after `most` of them as if it were killed.
    private void copy(int rows, int most) {
        target.receive(source.standing().id(), source.name());
        Optional<StorePart> last = target.standing().part();
        String from = target.standing().place();
        int[] left = {most};
        source.look(contents -> {
            for (StorePart part : StorePart.values()) {
                int ahead = last.map(part::compareTo).orElse(1);
                List<StoredRow> batch = new ArrayList<>();
                String[] place = {""};
                contents.visit(
                        part,
                        ahead == 0 ? from : "",
                        (at, row) -> {
                            if (ahead < 0 || left[0] == 0) {
                                return false;
                            }
                            batch.add(row);
                            place[0] = at;
                            if (batch.size() == rows) {
                                target.add(part, at, List.copyOf(batch));
                                batch.clear();
                                left[0]--;
                            }
                            return true;
                        });
                if (!batch.isEmpty() && left[0] > 0) {
                    target.add(part, place[0], batch);
                    left[0]--;
                }
            }
            return true;
        });
    }

    private void assertEqualStores() {
        assertThat(otherPlace.dump()).isEqualTo(underTest().dump());
        assertThat(rows(target)).isEqualTo(rows(source));
        List<Object> findings = new ArrayList<>();
        assertThat(target.verify(findings::add)).isEqualTo(source.look(WholeStore.Contents::anchor));
        assertThat(source.verify(findings::add)).isEqualTo(target.look(WholeStore.Contents::anchor));
        assertThat(findings).isEmpty();
    }

    private static List<String> rows(WholeStore store) {
        List<String> rows = new ArrayList<>();
        store.look(contents -> {
            for (StorePart part : StorePart.values()) {
                long[] count = {0};
                contents.visit(
                        part,
                        "",
                        (_, row) -> {
                            rows.add(text(row));
                            count[0]++;
                            return true;
                        });
                assertThat(contents.count(part)).as("count of %s", part).isEqualTo(count[0]);
            }
            return true;
        });
        return rows;
    }

    private static String text(StoredRow row) {
        return switch (row) {
            case StoredRow.OfPayload(var digest, var leaf) ->
                    digest + " " + leaf.codec() + " " + leaf.rawLength() + " " + Arrays.hashCode(leaf.bytes());
            case StoredRow.OfEntry(var run, var branch, var entry) ->
                    run
                            + " "
                            + branch
                            + " "
                            + entry.sequence()
                            + " "
                            + entry.digest()
                            + " "
                            + Arrays.hashCode(entry.body())
                            + " "
                            + Arrays.hashCode(entry.data());
            case StoredRow.OfPiece(var artifact, var number, var bytes) ->
                    artifact + " " + number + " " + Arrays.hashCode(bytes);
            case StoredRow.OfMessage(var m, var by) -> // its number is the store's own
                    new InboxMessage(m.run(), m.id(), m.kind(), m.name(), m.body(), m.sentMillis()) + " " + by;
            case StoredRow.OfQueue _, StoredRow.OfRun _, StoredRow.OfPruned _, StoredRow.OfLink _ -> row.toString();
        };
    }

    @Test
    void copiesEveryColumnOfEveryTable() {
        fill();
        assertThat(target.isEmpty()).isTrue();
        assertThat(source.isEmpty()).isFalse();

        copy(50, Integer.MAX_VALUE);
        target.received();

        assertEqualStores();
        try (RunStore copied = otherPlace.open()) {
            RunRecord held = copied.find(new RunId("held")).orElseThrow();
            assertThat(held.epoch()).isEqualTo(2);
            assertThat(held.idleClaims()).isEqualTo(1);
            InboxMessage again = new ScriptedRun("held").message("m1");
            assertThat(copied.deliver(again)).as("a message consumed before the move").isFalse();
        }
    }

    @Test
    void copiesRunsThatArePrunedAndNotSweptYet() {
        fill();
        prune(endedRun("half-swept"), 2);
        prune(endedRun("unswept"), 0);

        copy(50, Integer.MAX_VALUE);
        target.received();

        assertThat(rows(target)).isEqualTo(rows(source));
        List<Object> findings = new ArrayList<>();
        assertThat(target.verify(findings::add)).isEqualTo(source.verify(findings::add));
        assertThat(findings).isEmpty();
        while (store.sweep(2) > 0) {}
        assertThat(rows(source)).isEqualTo(rows(target));
    }

    @Test
    void goesOnWhereACopyWasKilled() {
        fill();
        for (int most = 1; target.standing().part().filter(StorePart.ARTIFACTS::equals).isEmpty(); most++) {
            copy(20, 1 + most % 3);
            target.close();
            target = otherPlace.openWhole().orElseThrow();
            assertThatThrownBy(otherPlace::open)
                    .isInstanceOf(InvalidInputException.class)
                    .hasMessageContaining("a copy of " + source.name() + " that is not complete");
        }
        copy(20, Integer.MAX_VALUE);
        target.received();

        assertEqualStores();
    }

    @Test
    void beginsACopyAnew() {
        fill();
        copy(30, 7);
        target.clear();
        assertThat(rows(target)).isEmpty();

        copy(1_000, Integer.MAX_VALUE);
        target.received();

        assertEqualStores();
    }

    @Test
    void closesForWhoeverHasItOpen() {
        ScriptedRun held = heldRun("r");
        store.retire("w1");
        source.leave("other-id", "another place", T0);
        source.leave("other-id", "another place", T0);

        assertThat(append(held.steps("1").build())).isInstanceOf(AppendOutcome.Refused.class);
        refused(() -> store.deliver(held.message("m")));
        refused(() -> store.announce(new WorkerRecord("w9", "host", 1, 1, 0), T0, LEASE));
        refused(() -> store.define(new QueueRecord("mail", 1, 0, 0, 0)));
        refused(() -> store.saveArtifact(new ByteArrayInputStream(new byte[1])));
        assertThat(record(held).headSequence()).isZero();
        assertThat(store.read(held.id(), 0, 0, 9)).hasSize(1);
        reopen();
        assertThat(findings()).isEmpty();

        source.left();
        assertThat(source.standing().state()).isEqualTo(State.LEFT);
        source.stay();
        commit(held.forget().steps("1").build());
        assertThat(findings()).isEmpty();
    }

    private static void refused(ThrowingCallable write) {
        assertThatThrownBy(write).isInstanceOf(ConflictException.class).hasMessageContaining("moved to another place");
    }

    @Test
    void doesNotLeaveAWorker() {
        heldRun("r");
        assertThatThrownBy(() -> source.refuseWorkers(T0)).isInstanceOf(ConflictException.class);
        assertThatThrownBy(() -> source.leave("id", "another place", T0))
                .isInstanceOf(ConflictException.class)
                .hasMessageContaining("worker w1 (process 4711 on host-of-w1) has the store");
        assertThat(source.standing().state()).isEqualTo(State.OPEN);
        expireLeases();
        source.leave("id", "another place", EXPIRED);
        assertThat(source.standing().state()).isEqualTo(State.LEAVING);
    }

    @Test
    void showsHeldRunsAsIfTheirWorkersHadDied() {
        ScriptedRun held = heldRun("r");
        copy(50, Integer.MAX_VALUE);
        target.received();

        try (RunStore copied = otherPlace.open()) {
            RunRecord copy = copied.find(held.id()).orElseThrow();
            assertThat(copy.status()).isEqualTo(RunStatus.PENDING);
            assertThat(copy.holder()).isEmpty();
            assertThat(copy.epoch()).isEqualTo(1);
        }
        assertThat(record(held).status()).isEqualTo(RunStatus.RUNNING);
    }

    @Test
    void fencesWhoHoldsRunsOfALostFuture() {
        ScriptedRun held = heldRun("r");
        ScriptedRun asleep = new ScriptedRun("asleep").heldBy("w1");
        commit(asleep.started().releasing(RunStatus.WAITING, "sleeps", Optional.of(T0)).build());

        assertThat(source.fence()).isEqualTo(2);

        assertThat(store.renew("w1", T0, LEASE)).isFalse();
        assertThat(append(held.steps("1").build())).isInstanceOf(AppendOutcome.Fenced.class);
        held.forget();
        announce("w2", T0);
        long epoch = 2 + WholeStore.EPOCHS_OF_A_LOST_FUTURE;
        assertThat(claim("w2", T0)).extracting(RunRecord::epoch).containsExactlyInAnyOrder(epoch, epoch);
        // What a worker of the lost future would be given there, had it claimed the run before the restore:
        assertThat(append(held.underEpoch(2).steps("1").build())).isInstanceOf(AppendOutcome.Fenced.class);
        commit(held.forget().underEpoch(epoch).steps("1").build());
        assertThat(findings()).isEmpty();
    }
}
