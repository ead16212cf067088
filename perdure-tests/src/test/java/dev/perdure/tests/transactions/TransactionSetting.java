package dev.perdure.tests.transactions;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.perdure.Perdure;
import dev.perdure.PerdureOptions;
import dev.perdure.RunFailedException;
import dev.perdure.RunHandle;
import dev.perdure.StartOptions;
import dev.perdure.Transaction;
import dev.perdure.Workflow;
import dev.perdure.WorkflowBody;
import dev.perdure.error.UnavailableException;
import dev.perdure.journal.Event;
import dev.perdure.store.Finding;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;

/// What the tests of transactional steps share: a database of the user's, and a few calls.
abstract class TransactionSetting {
    static final PerdureOptions OPTIONS = PerdureOptions.DEFAULT.withCloseGrace(Duration.ofMillis(50));

    @TempDir Path folder;
    Database database;
    final AtomicInteger executed = new AtomicInteger();

    abstract Database newDatabase();

    @BeforeEach
    void makeDatabase() {
        database = newDatabase();
    }

    @AfterEach
    void removeDatabase() {
        database.close();
    }

    Perdure open() {
        return Perdure.open(database.storeUrl(), OPTIONS);
    }

    static RunHandle<String> start(Perdure perdure, String id, WorkflowBody<String, String> body) {
        perdure.register(Workflow.named("flow-" + id).takes(String.class).returns(String.class).runs(body));
        return perdure.start("flow-" + id, "x", StartOptions.withId(id));
    }

    String charge(Connection connection, String id) throws SQLException {
        executed.incrementAndGet();
        Database.run(connection, database.insert(id));
        return id;
    }

    static List<Event> events(Perdure perdure, String run) {
        List<Event> events = new ArrayList<>();
        perdure.administration().journal(run, 0, entry -> events.add(entry.event()));
        return events;
    }

    static List<Finding> findings(Perdure perdure) {
        List<Finding> findings = new ArrayList<>();
        perdure.administration().verify(Optional.empty(), Optional.empty(), findings::add);
        return findings;
    }

    void fails(Transaction.Body<String> body, String... message) {
        try (Perdure perdure = open()) {
            RunHandle<String> run = start(perdure, "run", (r, _) -> r.transaction("charge", String.class, body));
            assertThatThrownBy(run::result)
                    .isInstanceOf(RunFailedException.class)
                    .hasMessageContainingAll((CharSequence[]) message);
            assertThat(events(perdure, "run")).hasAtLeastOneElementOfType(Event.StepFailed.class);
            assertThat(findings(perdure)).isEmpty();
        }
        assertThat(database.rows()).isZero();
    }

    /// The result of a run that may stop here once or twice before.
    static String ended(RunHandle<String> run) {
        while (true) {
            try {
                return run.result();
            } catch (UnavailableException stopped) {
                sleep(10);
            }
        }
    }

    static void await(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    static void sleep(long millis) {
        try {
            Thread.sleep(millis);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }
}
