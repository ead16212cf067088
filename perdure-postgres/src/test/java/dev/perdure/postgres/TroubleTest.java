package dev.perdure.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import dev.perdure.error.InvalidInputException;
import dev.perdure.error.UnavailableException;
import dev.perdure.store.AppendOutcome;
import dev.perdure.store.AppendOutcome.Committed;
import dev.perdure.store.AppendOutcome.Refused;
import dev.perdure.store.AppendOutcome.Unknown;
import dev.perdure.store.ClaimRequest;
import dev.perdure.store.Finding;
import dev.perdure.store.InboxMessage;
import dev.perdure.store.RunAppend;
import dev.perdure.store.RunStatus;
import dev.perdure.store.WorkflowVersion;
import dev.perdure.testing.PostgresServer;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/// What happens when connections break, others are in the way, or a row is damaged while the store is open.
class TroubleTest {
    private static final PostgresServer SERVER = PostgresServer.shared();

    private String schema;
    private PostgresRunStore store;

    @BeforeEach
    void open() {
        schema = SERVER.newSchema();
        store = open("");
    }

    private PostgresRunStore open(String parameters) {
        return PostgresRunStore.open(
                StoreUrl.parse(
                        SERVER.url() + "&ApplicationName=" + schema + "&perdureSchema=" + schema + parameters,
                        Map.of()),
                5_000);
    }

    @AfterEach
    void close() {
        store.close();
        SERVER.drop(schema);
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

    private long number(String sql) {
        try (Connection c = SERVER.connect();
                Statement s = c.createStatement();
                ResultSet row = s.executeQuery(sql)) {
            return row.next() ? row.getLong(1) : 0;
        } catch (SQLException e) {
            throw new AssertionError(sql, e);
        }
    }

    private void awaitOne(String sql) throws InterruptedException {
        for (int i = 0; i < 500 && number(sql) == 0; i++) {
            TimeUnit.MILLISECONDS.sleep(10);
        }
        assertThat(number(sql)).isPositive();
    }

    private void endWaitingConnections() {
        SERVER.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = '"
                        + schema
                        + "' AND wait_event_type = 'Lock'");
    }

    private String waitingAppends() {
        return "SELECT count(*) FROM pg_stat_activity WHERE application_name = '"
                + schema
                + "' AND wait_event_type = 'Lock' AND query LIKE '%append%'";
    }

    @Test
    void answersUnknownWhenTheConnectionBreaksInTheMiddleOfABatch() throws Exception {
        Story one = started("one");
        Story two = started("two");
        RunAppend first = one.step("1");
        RunAppend second = two.step("1");
        CompletableFuture<List<AppendOutcome>> outcomes;
        try (Connection blocker = SERVER.connect();
                Statement s = blocker.createStatement()) {
            blocker.setAutoCommit(false);
            s.execute("SELECT FROM " + schema + ".head FOR UPDATE");
            outcomes = CompletableFuture.supplyAsync(() -> store.append(List.of(first, second)));
            awaitOne(waitingAppends());
            endWaitingConnections();
            assertThat(outcomes.get(20, TimeUnit.SECONDS)).hasSize(2).allMatch(o -> o instanceof Unknown);
            blocker.rollback();
        }

        assertThat(store.find(one.id).orElseThrow().headSequence()).as("re-read: it was not committed").isZero();
        assertThat(store.append(List.of(first, second))).containsOnly(new Committed());
        assertThat(store.append(List.of(first, second))).as("a repetition").containsOnly(new Committed());
        assertThat(findings()).isEmpty();
    }

    @Test
    void answersUnknownOfOneAppendToo() throws Exception {
        Story run = started("order-42");
        RunAppend step = run.step("1");
        try (Connection blocker = SERVER.connect();
                Statement s = blocker.createStatement()) {
            blocker.setAutoCommit(false);
            s.execute("SELECT FROM " + schema + ".head FOR UPDATE");
            CompletableFuture<AppendOutcome> outcome = CompletableFuture.supplyAsync(() -> Story.commit(store, step));
            awaitOne(waitingAppends());
            endWaitingConnections();
            assertThat(outcome.get(20, TimeUnit.SECONDS))
                    .isInstanceOfSatisfying(
                            Unknown.class, u -> assertThat(u.cause()).hasMessageContaining("ended the connection"));
            blocker.rollback();
        }
        assertThat(Story.commit(store, step)).isEqualTo(new Committed());
    }

    @Test
    void triesABatchAgainThatTheServerChoseToEndADeadlock() throws Exception {
        Story a = started("a");
        Story b = started("b");
        long runA = number("SELECT no FROM " + schema + ".run WHERE id = 'a'");
        long runB = number("SELECT no FROM " + schema + ".run WHERE id = 'b'");
        try (Connection other = SERVER.connect();
                Statement s = other.createStatement()) {
            s.execute("SET deadlock_timeout = '1h'"); // so that the append is the one that finds it
            other.setAutoCommit(false);
            s.execute("SELECT FROM " + schema + ".head WHERE run = " + runB + " FOR UPDATE");
            CompletableFuture<List<AppendOutcome>> outcomes =
                    CompletableFuture.supplyAsync(() -> store.append(List.of(b.step("1"), a.step("1"))));
            awaitOne(waitingAppends()); // it holds a and waits for b
            s.execute("SELECT FROM " + schema + ".head WHERE run = " + runA + " FOR UPDATE");
            other.rollback();
            assertThat(outcomes.get(20, TimeUnit.SECONDS)).containsOnly(new Committed());
        }
        assertThat(number("SELECT deadlocks FROM pg_stat_database WHERE datname = 'postgres'")).isNotNegative();
        assertThat(findings()).isEmpty();
    }

    @Test
    void keepsADamagedRunFromItsBatchMates() {
        Story good = started("good");
        Story bad = started("bad");
        SERVER.execute("UPDATE " + schema + ".run SET reason = 'odd' WHERE id = 'bad'");
        List<AppendOutcome> outcomes =
                store.append(
                        List.of(
                                bad.step("1", List.of(), Story.waiting(1)),
                                good.step("1", List.of(), Story.waiting(1))));

        assertThat(outcomes.get(0))
                .isInstanceOfSatisfying(
                        Refused.class, refused -> assertThat(refused.cause()).hasMessageContaining("perdure verify"));
        assertThat(outcomes.get(1)).isEqualTo(new Committed());
    }

    @Test
    void keepsATextThatCannotBeStoredFromItsBatchMates() {
        Story good = started("good");
        Story bad = started("bad");
        var odd = Optional.of(new RunAppend.IndexChange(RunStatus.WAITING, "a\0b", Optional.empty(), true));
        List<AppendOutcome> outcomes = store.append(List.of(bad.step("1", List.of(), odd), good.step("1")));

        assertThat(outcomes.get(0))
                .isInstanceOfSatisfying(
                        Refused.class, refused -> assertThat(refused.cause()).hasMessageContaining("NUL"));
        assertThat(outcomes.get(1)).isEqualTo(new Committed());
    }

    /// A restore under way is no fault of the runs that meet it: corrupted ones would be parked as stuck.
    @Test
    void waitsForATableThatIsGoneToComeBack() {
        Story run = started("order-42");
        SERVER.execute("ALTER TABLE " + schema + ".entry RENAME TO away");
        RunAppend step = run.step("1");

        assertThat(store.append(List.of(step)).getFirst())
                .isInstanceOfSatisfying(
                        Refused.class,
                        refused ->
                                assertThat(refused.cause())
                                        .isInstanceOf(UnavailableException.class)
                                        .hasMessageContaining("table or function of it is gone"));
        SERVER.execute("ALTER TABLE " + schema + ".away RENAME TO entry");
        assertThat(store.append(List.of(step))).containsExactly(new Committed());
    }

    @Test
    void saysThatAPasswordIsMissing() {
        SQLException rejected = new SQLException("no password was provided", "08004");
        StoreUrl url = StoreUrl.parse("jdbc:postgresql://db/agents?user=ada", Map.of());
        assertThat(Failures.of(rejected, url, "be opened"))
                .isInstanceOf(InvalidInputException.class)
                .hasMessageContaining("user ada without a password")
                .hasMessageContaining("PGPASSFILE");
    }

    @Test
    void waitsForTheDiskWhateverTheRoleIsSetTo() throws Exception {
        SERVER.execute("CREATE ROLE hasty LOGIN SUPERUSER", "ALTER ROLE hasty SET synchronous_commit = off");
        String url = SERVER.url().replace("user=postgres", "user=hasty") + "&perdureSchema=" + schema;
        try (PostgresRunStore hasty = PostgresRunStore.open(StoreUrl.parse(url, Map.of()), 5_000)) {
            Story run = new Story("order-42", "w1");
            assertThat(Story.commit(hasty, run.start(""))).isEqualTo(new Committed());
            for (int i = 0; i < 20; i++) {
                long before = number("SELECT (pg_current_wal_insert_lsn() - '0/0')::bigint");
                assertThat(Story.commit(hasty, run.step("1"))).isEqualTo(new Committed());
                assertThat(number("SELECT (pg_current_wal_flush_lsn() - '0/0')::bigint"))
                        .as("where the log on the disk ends, behind the entry, whatever else the server writes")
                        .isGreaterThan(before + 100);
                before = number("SELECT (pg_current_wal_insert_lsn() - '0/0')::bigint");
                hasty.deliver(new InboxMessage(run.id, "m" + i, InboxMessage.SIGNAL, "go", "{}", Story.T0));
                assertThat(number("SELECT (pg_current_wal_flush_lsn() - '0/0')::bigint"))
                        .as("where the log on the disk ends, behind the message")
                        .isGreaterThan(before + 100);
            }
        } finally {
            SERVER.execute("DROP ROLE hasty");
        }
    }

    /// As a pooler in transaction mode does it: every transaction may meet a session that others have used and reset.
    @Test
    void needsNothingOfASessionBetweenTransactions() {
        try (PostgresRunStore pooled = open("&prepareThreshold=0&perdureConnections=2")) {
            Story run = new Story("order-42", "w1");
            assertThat(Story.commit(pooled, run.start(""))).isEqualTo(new Committed());
            for (int i = 0; i < 12; i++) {
                assertThat(Story.commit(pooled, run.step("1"))).isEqualTo(new Committed());
                assertThat(number("SELECT count(*) FROM pg_prepared_statements")).isZero();
                assertThat(pooled.read(run.id, 0, 0, 100)).hasSize(i + 2);
                pooled.discardSessions();
            }
            assertThat(number("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory'")).isZero();
        }
    }

    @Test
    void isToldOfWhatAnotherHandleDidWithoutAskingTheServerAllTheTime() throws Exception {
        Story run = started("order-42");
        long before = store.changeNumber();
        awaitHearing();
        before = store.changeNumber();
        try (PostgresRunStore other = open("")) {
            other.deliver(new InboxMessage(run.id, "m", InboxMessage.CANCEL, "", "{}", Story.T0));
            long told = System.nanoTime();
            while (store.changeNumber() == before) {
                assertThat(System.nanoTime() - told).isLessThan(TimeUnit.SECONDS.toNanos(2));
                TimeUnit.MILLISECONDS.sleep(1);
            }
        }
    }

    @Test
    void knowsThatThereIsNothingToClaimBeforeATimeComes() {
        ClaimRequest request =
                new ClaimRequest("w2", Set.of(new WorkflowVersion("chat", 1)), Optional.empty(), 9, Story.T0);
        assertThat(store.claimableAtMillis(request)).as("an empty store").isEqualTo(Long.MAX_VALUE);

        Story run = started("order-42");
        store.release(run.id, 1, RunStatus.WAITING, "waits", Optional.of(Story.T0 + 5_000), 0);
        assertThat(store.claimableAtMillis(request)).as("a timer").isEqualTo(Story.T0 + 5_000);
        assertThat(
                        store.claimableAtMillis(
                                new ClaimRequest(
                                        "w2", Set.of(new WorkflowVersion("others", 1)), Optional.empty(), 9, Story.T0)))
                .as("a timer of a workflow it does not know")
                .isEqualTo(Long.MAX_VALUE);
    }

    private void awaitHearing() throws InterruptedException {
        for (int i = 0; i < 500 && !store.hears(); i++) {
            TimeUnit.MILLISECONDS.sleep(10);
        }
        assertThat(store.hears()).isTrue();
    }

    @Test
    void letsAppendsGoOnWhileItVerifies() throws Exception {
        Story run = started("order-42");
        CompletableFuture<Integer> writing =
                CompletableFuture.supplyAsync(() -> {
                    int committed = 0;
                    for (int i = 0; i < 400; i++) {
                        committed += Story.commit(store, run.step("1")).equals(new Committed()) ? 1 : 0;
                    }
                    return committed;
                });
        while (!writing.isDone()) {
            var anchor = store.verify(Optional.empty(), Optional.empty(), f -> assertThat(f).isNull());
            List<Finding> later = new ArrayList<>();
            store.verify(Optional.empty(), Optional.of(anchor), later::add);
            assertThat(later).isEmpty();
        }
        assertThat(writing.get()).isEqualTo(400);
    }
}
