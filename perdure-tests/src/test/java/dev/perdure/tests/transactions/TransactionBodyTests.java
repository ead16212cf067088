package dev.perdure.tests.transactions;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.perdure.Perdure;
import dev.perdure.RunFailedException;
import dev.perdure.RunHandle;
import dev.perdure.Transaction;
import dev.perdure.error.InvalidInputException;

import org.junit.jupiter.api.Test;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Savepoint;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;

/// What the body of a transactional step may do, and what becomes of it if it fails.
abstract class TransactionBodyTests extends TransactionSetting {
    @Test
    void failsOnAConstraintOfTheUsersTable() {
        fails(
                connection -> {
                    charge(connection, "a");
                    return charge(connection, "a");
                },
                "failed at step charge");
    }

    @Test
    void failsOnAConstraintThatIsCheckedByTheCommit() {
        fails(
                connection -> {
                    charge(connection, "a");
                    Database.run(connection, "UPDATE " + database.table() + " SET parent = 'nobody'");
                    return "a";
                },
                "failed at step charge");
    }

    @Test
    void undoesItIfTheResultCannotBeWritten() {
        try (Perdure perdure = open()) {
            RunHandle<String> run =
                    start(
                            perdure,
                            "run",
                            (r, _) -> {
                                r.transaction(
                                        "charge",
                                        Object.class,
                                        connection -> {
                                            charge(connection, "a");
                                            return new Object() {
                                                public Object self() {
                                                    throw new IllegalStateException("no");
                                                }
                                            };
                                        });
                                return "";
                            });
            assertThatThrownBy(run::result).isInstanceOf(RunFailedException.class);
        }
        assertThat(database.rows()).isZero();
    }

    @Test
    void refusesWhatWouldEndTheTransaction() {
        List<String> refused = new ArrayList<>();
        List<Transaction.Action> calls =
                List.of(
                        Connection::commit,
                        Connection::rollback,
                        Connection::close,
                        connection -> connection.setAutoCommit(true),
                        connection -> connection.abort(Runnable::run),
                        connection -> connection.setReadOnly(true),
                        connection -> Database.run(connection, " /* a */ CoMMit"),
                        connection -> Database.run(connection, "SELECT ';' ; rollback"),
                        connection -> connection.prepareStatement("END"),
                        connection -> Database.run(connection, "SET search_path = other"),
                        connection -> connection.createStatement().getConnection().commit(),
                        connection -> connection.getMetaData().getConnection().close(),
                        connection -> connection.unwrap(Void.class));
        try (Perdure perdure = open()) {
            String result =
                    start(
                                    perdure,
                                    "run",
                                    (run, _) ->
                                            run.transaction(
                                                    "charge",
                                                    String.class,
                                                    connection -> {
                                                        for (Transaction.Action call : calls) {
                                                            try {
                                                                call.run(connection);
                                                            } catch (InvalidInputException e) {
                                                                refused.add(e.getMessage());
                                                            }
                                                        }
                                                        assertThat(connection.getAutoCommit()).isFalse();
                                                        return charge(connection, "a");
                                                    }))
                            .result();
            assertThat(result).isEqualTo("a");
        }
        assertThat(refused).hasSameSizeAs(calls).allMatch(message -> message.startsWith("the body of a transaction"));
        assertThat(database.rows()).isEqualTo(1);
    }

    @Test
    void knowsSavepoints() {
        try (Perdure perdure = open()) {
            start(
                            perdure,
                            "run",
                            (run, _) ->
                                    run.transaction(
                                            "charge",
                                            String.class,
                                            connection -> {
                                                charge(connection, "a");
                                                Savepoint before = connection.setSavepoint("before b");
                                                charge(connection, "b");
                                                try {
                                                    charge(connection, "a");
                                                } catch (SQLException twice) {
                                                    connection.rollback(before);
                                                }
                                                Savepoint kept = connection.setSavepoint();
                                                charge(connection, "c");
                                                connection.releaseSavepoint(kept);
                                                return "";
                                            }))
                    .result();
        }
        assertThat(database.rows()).isEqualTo(2);
        assertThat(database.number("SELECT count(*) FROM " + database.table() + " WHERE id = 'b'")).isZero();
    }

    @Test
    void readsItsOwnWritesAndMakesTables() {
        String made = database.table().replace("charge", "made");
        try (Perdure perdure = open()) {
            assertThat(
                            start(
                                            perdure,
                                            "run",
                                            (run, _) ->
                                                    run.transaction(
                                                            "make",
                                                            String.class,
                                                            connection -> {
                                                                Database.run(
                                                                        connection,
                                                                        "CREATE TABLE " + made + " (n INT)");
                                                                Database.run(
                                                                        connection,
                                                                        "INSERT INTO " + made + " VALUES (7)");
                                                                try (Statement statement =
                                                                                connection.createStatement();
                                                                        var rows =
                                                                                statement.executeQuery(
                                                                                        "SELECT n FROM " + made)) {
                                                                    rows.next();
                                                                    assertThat(rows.getStatement().getConnection())
                                                                            .isEqualTo(connection);
                                                                    return rows.getString(1);
                                                                }
                                                            }))
                                    .result())
                    .isEqualTo("7");
            assertThat(findings(perdure)).isEmpty();
        }
        assertThat(database.number("SELECT count(*) FROM " + made)).isEqualTo(1);
    }

    @Test
    void refusesTheRunInsideTheBody() {
        try (Perdure perdure = open()) {
            RunHandle<String> run =
                    start(
                            perdure,
                            "run",
                            (r, _) ->
                                    r.transaction(
                                            "charge",
                                            String.class,
                                            connection -> {
                                                charge(connection, "a");
                                                return r.step("inside", String.class, () -> "b");
                                            }));
            assertThatThrownBy(run::result).hasMessageContaining("inside step charge");
        }
        assertThat(database.rows()).isZero();
    }
}
