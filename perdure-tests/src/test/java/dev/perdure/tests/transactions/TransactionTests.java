package dev.perdure.tests.transactions;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.perdure.CancelledException;
import dev.perdure.Perdure;
import dev.perdure.Retry;
import dev.perdure.RunFailedException;
import dev.perdure.RunHandle;
import dev.perdure.Transaction;
import dev.perdure.WorkflowBody;
import dev.perdure.error.InvalidInputException;
import dev.perdure.error.UnavailableException;
import dev.perdure.journal.Effect;
import dev.perdure.journal.Event;
import dev.perdure.store.AppendOutcome;
import dev.perdure.store.RunAppend;
import dev.perdure.store.RunStore;
import dev.perdure.store.StoreTransaction;
import dev.perdure.store.Transactions;
import dev.perdure.tests.PassingStore;
import dev.perdure.value.TypeRef;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.IntStream;

/// What a transactional step promises, on each database that has it.
@Timeout(60)
abstract class TransactionTests extends TransactionBodyTests {
    @Test
    void commitsRowsAndEntryTogetherAndNeverExecutesThemAgain() {
        WorkflowBody<String, String> body =
                (run, _) -> {
                    String one = run.transaction("charge", String.class, connection -> charge(connection, "a"));
                    String two =
                            run.transaction("again", "b", String.class, (connection, id) -> charge(connection, id));
                    List<String> list =
                            run.transaction(
                                    "list", new TypeRef<List<String>>() {}, Transaction.DEFAULT, _ -> List.of("c"));
                    run.transaction("nothing", connection -> Database.run(connection, "SELECT 1"));
                    return one + two + list;
                };
        try (Perdure perdure = open()) {
            assertThat(start(perdure, "run", body).result()).isEqualTo("ab[c]");
            assertThat(events(perdure, "run"))
                    .filteredOn(event -> event instanceof Event.StepCompleted)
                    .hasSize(4)
                    .allMatch(event -> ((Event.StepCompleted) event).effect() == Effect.EXACTLY_ONCE);
            assertThat(findings(perdure)).isEmpty();
        }
        try (Perdure again = Perdure.open(database.storeUrl(), OPTIONS.withFullReplay(true))) {
            assertThat(start(again, "run", body).result()).isEqualTo("ab[c]");
        }
        assertThat(database.rows()).isEqualTo(2);
        assertThat(executed).hasValue(2);
    }

    @Test
    void replaysWhatWasCommittedWhenTheRunGoesOnLater() {
        CountDownLatch came = new CountDownLatch(1);
        WorkflowBody<String, String> body =
                (run, _) -> {
                    String charged = run.transaction("charge", String.class, connection -> charge(connection, "a"));
                    run.step("note", run.uuid(), String.class, UUID::toString); // which follows from the entry before
                    came.countDown();
                    return charged + run.awaitSignal("go", String.class);
                };
        try (Perdure perdure = open()) {
            start(perdure, "run", body);
            await(came);
        }
        try (Perdure perdure = open()) {
            perdure.administration().signal("run", "go", "\"!\"", "1");
            assertThat(start(perdure, "run", body).result()).isEqualTo("a!");
        }
        assertThat(executed).hasValue(1);
        assertThat(database.rows()).isEqualTo(1);
    }

    @Test
    void undoesAnAttemptThatThrowsAndRecordsIt() {
        try (Perdure perdure = open()) {
            RunHandle<String> run =
                    start(
                            perdure,
                            "run",
                            (r, _) ->
                                    r.transaction(
                                            "charge",
                                            String.class,
                                            Transaction.DEFAULT.retry(Retry.upTo(2).from(Duration.ofMillis(1))),
                                            connection -> {
                                                charge(connection, "attempt " + executed.get());
                                                if (executed.get() == 1) {
                                                    throw new IllegalStateException("not yet");
                                                }
                                                return "done";
                                            }));
            assertThat(run.result()).isEqualTo("done");
            assertThat(events(perdure, "run")).hasAtLeastOneElementOfType(Event.AttemptFailed.class);
        }
        assertThat(database.rows()).isEqualTo(1);
        assertThat(database.number("SELECT count(*) FROM " + database.table() + " WHERE id = 'attempt 1'"))
                .isEqualTo(1);
    }

    @Test
    void worksOnManyStrandsAmongOtherSteps() {
        try (Perdure perdure = open()) {
            List<Integer> items = IntStream.range(0, 12).boxed().toList();
            String result =
                    start(
                                    perdure,
                                    "run",
                                    (run, _) ->
                                            String.join(
                                                    ",",
                                                    run.parallel(
                                                            "pay",
                                                            items,
                                                            (strand, item) -> {
                                                                String before =
                                                                        strand.step(
                                                                                "before",
                                                                                String.class,
                                                                                () -> "" + item);
                                                                String id =
                                                                        strand.transaction(
                                                                                "charge",
                                                                                String.class,
                                                                                connection ->
                                                                                        charge(connection, before));
                                                                strand.set("last-" + item, item);
                                                                return strand.step("after", String.class, () -> id);
                                                            })))
                            .result();
            assertThat(result).isEqualTo("0,1,2,3,4,5,6,7,8,9,10,11");
            assertThat(findings(perdure)).isEmpty();
        }
        assertThat(database.rows()).isEqualTo(12);
        assertThat(executed).hasValue(12);
    }

    @Test
    void undoesATransactionThatHasHadItsTime() {
        AtomicReference<Connection> kept = new AtomicReference<>();
        Transaction quick = Transaction.DEFAULT.timeout(Duration.ofMillis(200));
        try (Perdure perdure = open()) {
            RunHandle<String> sleeps =
                    start(
                            perdure,
                            "sleeps",
                            (run, _) ->
                                    run.transaction(
                                            "charge",
                                            String.class,
                                            quick,
                                            connection -> {
                                                kept.set(connection);
                                                charge(connection, "a");
                                                Thread.sleep(60_000);
                                                return "";
                                            }));
            assertThatThrownBy(sleeps::result).hasMessageContaining("was open for longer than its limit of 200 ms");
            assertThat(database.rows()).isZero();
            assertThatThrownBy(() -> kept.get().createStatement())
                    .isInstanceOf(SQLException.class)
                    .hasMessageContaining("has had its time");
            RunHandle<String> computes =
                    start(
                            perdure,
                            "computes",
                            (run, _) ->
                                    run.transaction(
                                            "charge",
                                            String.class,
                                            quick,
                                            connection -> {
                                                charge(connection, "a");
                                                Database.run(connection, endless());
                                                return "";
                                            }));
            assertThatThrownBy(computes::result).isInstanceOf(RunFailedException.class);
            assertThat(
                            start(perdure, "next", (run, _) -> run.transaction("c", String.class, c -> charge(c, "b")))
                                    .result())
                    .isEqualTo("b");
        }
        assertThat(database.rows()).isEqualTo(1);
    }

    /// A statement that takes for ever.
    abstract String endless();

    @Test
    void undoesATransactionWhoseRunIsCancelled() {
        CountDownLatch inside = new CountDownLatch(1);
        try (Perdure perdure = Perdure.open(database.storeUrl(), OPTIONS.withLease(Duration.ofSeconds(90)))) {
            RunHandle<String> run =
                    start(
                            perdure,
                            "run",
                            (r, _) ->
                                    r.transaction(
                                            "charge",
                                            String.class,
                                            Transaction.DEFAULT.timeout(Duration.ofSeconds(30)),
                                            connection -> {
                                                if (!database
                                                        .isPostgres()) { // a cancel is a message: it must be written
                                                    inside.countDown();
                                                }
                                                charge(connection, "a");
                                                inside.countDown();
                                                Thread.sleep(database.isPostgres() ? 60_000 : 500);
                                                throw new IllegalStateException("it was not cancelled");
                                            }));
            await(inside);
            perdure.administration().cancel("run", "a test");
            assertThatThrownBy(run::result)
                    .isInstanceOfAny(CancelledException.class, RunFailedException.class)
                    .satisfies(e -> {
                        if (database.isPostgres()) {
                            assertThat(e).isInstanceOf(CancelledException.class);
                        }
                    });
        }
        assertThat(database.rows()).isZero();
    }

    @Test
    void resolvesALostAnswerToTheCommitBeforeAnythingIsExecutedAgain() {
        for (boolean committed : new boolean[] {true, false}) {
            String id = "lost-" + committed;
            executed.set(0);
            WorkflowBody<String, String> body =
                    (run, _) -> run.transaction("charge", String.class, connection -> charge(connection, id));
            UncertainStore store = new UncertainStore(database.storeUrl(), committed);
            try (Perdure perdure = Perdure.on(store, OPTIONS)) {
                RunHandle<String> run = start(perdure, id, body);
                if (!committed) {
                    assertThatThrownBy(run::result).isInstanceOf(UnavailableException.class);
                }
                perdure.work();
                assertThat(ended(run)).isEqualTo(id);
            }
            assertThat(executed).as("committed: %s", committed).hasValue(committed ? 1 : 2);
            assertThat(database.number("SELECT count(*) FROM " + database.table() + " WHERE id = '" + id + "'"))
                    .isEqualTo(1);
        }
    }

    @Test
    void waitsForACommitThatIsUnderWayWhenTheTimeIsOver() {
        Duration limit = Duration.ofMillis(400);
        RunStore slow =
                new PassingStore(UncertainStore.open(database.storeUrl())) {
                    @Override
                    public Optional<Transactions> transactions() {
                        return super.transactions()
                                .map(all -> new PassingTransactions(all, begun -> committingLate(begun, limit)));
                    }
                };
        try (Perdure perdure = Perdure.on(slow, OPTIONS)) {
            RunHandle<String> run =
                    start(
                            perdure,
                            "run",
                            (r, _) ->
                                    r.transaction(
                                            "charge",
                                            String.class,
                                            Transaction.DEFAULT.timeout(limit),
                                            connection -> charge(connection, "a")));
            assertThat(run.result()).isEqualTo("a");
            assertThat(findings(perdure)).isEmpty();
        }
        assertThat(executed).hasValue(1);
        assertThat(database.rows()).isEqualTo(1);
    }

    @Test
    void leavesTheRunIfTheStoreBeginsNoTransaction() {
        AtomicInteger asked = new AtomicInteger();
        RunStore store =
                new PassingStore(UncertainStore.open(database.storeUrl())) {
                    @Override
                    public Optional<Transactions> transactions() {
                        Transactions all = super.transactions().orElseThrow();
                        return Optional.of(
                                asked.getAndIncrement() > 0
                                        ? all
                                        : new PassingTransactions(all, TransactionTests::refused));
                    }
                };
        try (Perdure perdure = Perdure.on(store, OPTIONS)) {
            RunHandle<String> run =
                    start(
                            perdure,
                            "run",
                            (r, _) -> r.transaction("charge", String.class, connection -> charge(connection, "a")));
            assertThatThrownBy(run::result).isInstanceOf(UnavailableException.class).hasMessageContaining("no place");
            perdure.work();
            assertThat(ended(run)).isEqualTo("a");
            assertThat(events(perdure, "run"))
                    .noneMatch(event -> event instanceof Event.AttemptFailed || event instanceof Event.StepFailed);
        }
        assertThat(executed).hasValue(1);
    }

    private static StoreTransaction refused(StoreTransaction begun) {
        begun.close();
        throw new UnavailableException("there is no place for a transaction. Wait.");
    }

    /// A transaction whose commit begins within the limit and is done long after it.
    private static StoreTransaction committingLate(StoreTransaction beneath, Duration limit) {
        return new PassingTransactions.Passing(beneath) {
            @Override
            public AppendOutcome commit(RunAppend append) throws SQLException {
                AppendOutcome outcome = super.commit(append);
                sleep(2 * limit.toMillis());
                return outcome;
            }
        };
    }

    @Test
    void refusesATimeLimitThatDoesNotFit() {
        assertThatThrownBy(() -> Transaction.DEFAULT.timeout(Duration.ZERO)).isInstanceOf(InvalidInputException.class);
        assertThatThrownBy(() -> Transaction.DEFAULT.timeout(Duration.ofHours(2)))
                .hasMessageContaining("at most 60 minutes");
    }

    @Test
    void letsOtherRunsGoOnBesideAnOpenTransactionOrAfterIt() throws Exception {
        CountDownLatch inside = new CountDownLatch(1);
        CountDownLatch done = new CountDownLatch(1);
        try (Perdure perdure = open()) {
            RunHandle<String> holds =
                    start(
                            perdure,
                            "holds",
                            (run, _) ->
                                    run.transaction(
                                            "charge",
                                            String.class,
                                            connection -> {
                                                charge(connection, "a");
                                                inside.countDown();
                                                if (database.isPostgres()) {
                                                    await(done);
                                                } else {
                                                    Thread.sleep(100);
                                                }
                                                return "a";
                                            }));
            await(inside);
            assertThat(start(perdure, "other", (run, _) -> run.step("s", String.class, () -> "b")).result())
                    .isEqualTo("b");
            done.countDown();
            assertThat(holds.result()).isEqualTo("a");
        }
    }
}
