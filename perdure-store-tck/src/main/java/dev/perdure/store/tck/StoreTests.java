package dev.perdure.store.tck;

import static org.assertj.core.api.Assertions.assertThat;

import dev.perdure.journal.RunId;
import dev.perdure.store.AppendOutcome;
import dev.perdure.store.AppendOutcome.Committed;
import dev.perdure.store.ClaimRequest;
import dev.perdure.store.Finding;
import dev.perdure.store.InboxMessage;
import dev.perdure.store.RunAppend;
import dev.perdure.store.RunRecord;
import dev.perdure.store.RunStore;
import dev.perdure.store.WorkerRecord;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/// What the groups of the kit share: a store for each test, and the few calls nearly every test makes.
abstract class StoreTests {
    /// The time at which every test begins, in milliseconds since 1970.
    static final long T0 = 1_800_000_000_000L;

    /// How long leases last.
    static final long LEASE = 30_000;

    /// A time at which a lease taken at [#T0] has run out.
    static final long EXPIRED = T0 + 2 * LEASE;

    private StoreUnderTest underTest;
    private final List<RunStore> handles = new ArrayList<>();
    RunStore store;

    abstract StoreUnderTest newStore() throws Exception;

    @BeforeEach
    void openStore() throws Exception {
        underTest = newStore();
        store = anotherHandle();
    }

    @AfterEach
    void closeStore() throws Exception {
        handles.forEach(RunStore::close);
        underTest.remove();
    }

    final RunStore anotherHandle() {
        RunStore handle = underTest.open();
        handles.add(handle);
        return handle;
    }

    final StoreUnderTest underTest() {
        return underTest;
    }

    /// Closes the store and opens it again, as a restarted process would.
    final void reopen() {
        store.close();
        handles.remove(store);
        store = anotherHandle();
    }

    /// Lets every lease taken at [#T0] run out, also by the store's own clock.
    final void expireLeases() {
        pass(EXPIRED - T0);
    }

    /// Lets time pass for a store with a clock of its own; to the others the later time is handed in.
    final void pass(long millis) {
        underTest.pass(millis);
    }

    final AppendOutcome append(RunAppend append) {
        List<AppendOutcome> outcomes = store.append(List.of(append));
        assertThat(outcomes).hasSize(1);
        return outcomes.getFirst();
    }

    final void commit(RunAppend... appends) {
        for (RunAppend append : appends) {
            assertThat(append(append)).as("append to %s", append.run()).isEqualTo(new Committed());
        }
    }

    /// A run that worker `w1`, announced here, holds from its creation on.
    final ScriptedRun heldRun(String id) {
        announce("w1", T0);
        ScriptedRun run = new ScriptedRun(id).heldBy("w1");
        commit(run.started().build());
        return run;
    }

    /// A run that waits for its first worker.
    final ScriptedRun pendingRun(String id) {
        ScriptedRun run = new ScriptedRun(id);
        commit(run.started().build());
        return run;
    }

    final void announce(String worker, long nowMillis) {
        store.announce(new WorkerRecord(worker, "host-of-" + worker, 4711, T0 - 1_000, 0), nowMillis, LEASE);
    }

    final List<RunRecord> claim(String worker, long nowMillis) {
        return store.claim(new ClaimRequest(worker, Set.of(ScriptedRun.VERSION), Optional.empty(), 100, nowMillis));
    }

    /// Claims everything and expects it to be just this run.
    final RunRecord claimOnly(String worker, ScriptedRun run, long nowMillis) {
        List<RunRecord> claimed = claim(worker, nowMillis);
        assertThat(claimed).extracting(RunRecord::id).containsExactly(run.id());
        run.underEpoch(claimed.getFirst().epoch());
        return claimed.getFirst();
    }

    final RunRecord record(ScriptedRun run) {
        return store.find(run.id()).orElseThrow();
    }

    final List<RunId> ids(List<RunRecord> runs) {
        return runs.stream().map(RunRecord::id).toList();
    }

    final List<Finding> findings() {
        List<Finding> findings = new ArrayList<>();
        store.verify(Optional.empty(), Optional.empty(), findings::add);
        return findings;
    }

    /// The inbox of a run, without the arrival numbers that the store gave.
    final List<InboxMessage> inbox(ScriptedRun run, int limit) {
        return store.inbox(run.id(), limit).stream()
                .map(m -> new InboxMessage(m.run(), m.id(), m.kind(), m.name(), m.body(), m.sentMillis()))
                .toList();
    }
}
