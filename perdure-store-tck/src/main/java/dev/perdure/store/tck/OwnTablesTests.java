package dev.perdure.store.tck;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.perdure.store.AppendOutcome;
import dev.perdure.store.AppendOutcome.Committed;
import dev.perdure.store.AppendOutcome.Conflict;
import dev.perdure.store.AppendOutcome.Fenced;
import dev.perdure.store.RunAppend;
import dev.perdure.store.StoreTransaction;
import dev.perdure.store.Transactions;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;

/// Transactions in which the user writes rows of his own, of stores that have them.
abstract class OwnTablesTests extends StoreTests {
    private static final Duration LIMIT = Duration.ofSeconds(20);

    private Transactions transactions;
    private String table;
    private ScriptedRun run;

    @BeforeEach
    void makeTable() throws SQLException {
        transactions = store.transactions().orElseThrow();
        table = "kit_" + ProcessHandle.current().pid() + "_" + System.nanoTime();
        run = heldRun("run");
        assertThat(with("CREATE TABLE " + table + " (n INTEGER)", run.steps("0").build())).isEqualTo(new Committed());
    }

    @AfterEach
    void dropTable() throws SQLException {
        if (run != null) {
            assertThat(with("DROP TABLE " + table, run.steps("9").build())).isEqualTo(new Committed());
        }
    }

    private AppendOutcome with(String sql, RunAppend append) throws SQLException {
        try (StoreTransaction transaction = transactions.begin(LIMIT)) {
            execute(transaction, sql);
            return transaction.commit(append);
        }
    }

    private static void execute(StoreTransaction transaction, String sql) throws SQLException {
        try (Statement statement = transaction.connection().createStatement()) {
            assertThat(statement.execute(sql)).isFalse();
        }
    }

    private String insert() {
        return "INSERT INTO " + table + " VALUES (1)";
    }

    private long rows() throws SQLException {
        try (StoreTransaction transaction = transactions.begin(LIMIT);
                Statement statement = transaction.connection().createStatement();
                ResultSet row = statement.executeQuery("SELECT count(*) FROM " + table)) {
            assertThat(row.next()).isTrue();
            return row.getLong(1);
        }
    }

    @Test
    void commitsRowsAndEntriesTogether() throws SQLException {
        assertThat(with(insert(), run.steps("1", "2").build())).isEqualTo(new Committed());

        assertThat(rows()).isEqualTo(1);
        assertThat(record(run).headSequence()).isEqualTo(run.head().sequence());
        commit(run.steps("3").build()); // the store goes on from there
        assertThat(findings()).isEmpty();
    }

    @Test
    void leavesNeitherIfItIsClosed() throws SQLException {
        long before = record(run).headSequence();
        try (StoreTransaction transaction = transactions.begin(LIMIT)) {
            execute(transaction, insert());
        }

        assertThat(rows()).isZero();
        assertThat(record(run).headSequence()).isEqualTo(before);
        commit(run.steps("3").build());
    }

    @Test
    void writesNothingUnderAnEpochThatHasPassed() throws SQLException {
        run.underEpoch(7);
        AppendOutcome outcome = with(insert(), run.steps("1").build());
        run.forget().underEpoch(1);

        assertThat(outcome).isEqualTo(new Fenced(1));
        assertThat(rows()).isZero();
        assertThat(findings()).isEmpty();
    }

    @Test
    void writesNothingAfterAnotherHead() throws SQLException {
        ScriptedRun.Head head = run.head();
        commit(run.steps("1").build());
        ScriptedRun.Head later = run.head();
        run.goTo(head);
        AppendOutcome outcome = with(insert(), run.steps("2").build());
        run.goTo(later);

        assertThat(outcome).isEqualTo(new Conflict(later.sequence(), later.digest()));
        assertThat(rows()).isZero();
    }

    @Test
    void answersCommittedToARepetitionAndWritesNothingMore() throws SQLException {
        RunAppend append = run.steps("1").build();
        assertThat(with(insert(), append)).isEqualTo(new Committed());

        assertThat(with(insert(), append)).isEqualTo(new Committed());
        assertThat(rows()).isEqualTo(1);
    }

    @Test
    void leavesSharedLeavesOfWhatIsNotCommittedOut() throws SQLException {
        run.underEpoch(7);
        AppendOutcome outcome = with(insert(), run.steps(Texts.incompressibleJson(7, 20_000)).build());
        run.forget().underEpoch(1);

        assertThat(outcome).isEqualTo(new Fenced(1));
        assertThat(findings()).isEmpty();
    }

    @Test
    void takesNothingMoreWhenItIsCancelledOrOver() throws SQLException {
        StoreTransaction transaction = transactions.begin(LIMIT);
        Connection connection = transaction.connection();
        execute(transaction, insert());
        transaction.cancel("it took too long");

        assertThatThrownBy(connection::createStatement).isInstanceOf(SQLException.class).hasMessage("it took too long");
        transaction.close();
        transaction.close(); // again does nothing
        assertThat(connection.isClosed()).isTrue();
        assertThat(rows()).isZero();
    }

    @Test
    void sendsMessagesOfWhatItCommits() throws SQLException {
        ScriptedRun other = pendingRun("other");
        assertThat(with(insert(), run.steps("1").sending(other.message("m")).build())).isEqualTo(new Committed());

        assertThat(inbox(other, 10)).containsExactly(other.message("m"));
    }
}
