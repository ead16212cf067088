package dev.perdure.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.perdure.error.InvalidInputException;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Which statements a transaction's body may not run.
final class TransactionTextTest {
    @ParameterizedTest
    @ValueSource(
            strings = {
                "COMMIT",
                " commit ; ",
                "/* a; b */ Commit",
                "-- a\nEND",
                "begin",
                "start transaction",
                "ROLLBACK",
                "rollback work",
                "ABORT",
                "prepare transaction 'x'",
                "INSERT INTO t VALUES (';'); COMMIT",
                "SELECT $$;$$; COMMIT",
                "SELECT $a$ $$ ; $a$; COMMIT",
                "SET search_path = x",
                "set session characteristics as transaction read only",
                "LISTEN x",
                "PREPARE plan AS SELECT 1",
                "DISCARD ALL"
            })
    void refusesWhatEndsTheTransactionOrStaysInTheSession(String sql) {
        assertThatThrownBy(() -> TransactionText.check(sql)).isInstanceOf(InvalidInputException.class);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "SELECT 1; with a as (select 2) insert into t select * from a | true",
                "/* b */ UPDATE t SET a = 'CREATE'; SAVEPOINT s; ROLLBACK TO s  | true",
                "SELECT 1; PRAGMA cache_size = 1                                | false",
                "CREATE TEMP TABLE t (a)                                        | false",
                "ATTACH 'x' AS y                                                | false",
                "DROP TABLE t                                                   | false"
            })
    void tellsWhatOnlyReadsAndWritesRows(String sql, boolean rowsOnly) {
        assertThat(TransactionText.check(sql)).isEqualTo(rowsOnly);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "SELECT 'COMMIT'",
                "SELECT ';COMMIT'",
                "SELECT \";commit\" FROM t",
                "SELECT $$; COMMIT $$",
                "-- ; COMMIT",
                "/* ; COMMIT */ SELECT 1",
                "UPDATE t SET a = 1",
                "SET LOCAL search_path = x",
                "SET CONSTRAINTS ALL DEFERRED",
                "ROLLBACK TO x",
                "rollback work to savepoint x",
                "SAVEPOINT x; RELEASE x",
                "SELECT CASE WHEN true THEN 1 END",
                "CREATE TRIGGER t AFTER INSERT ON x BEGIN SELECT 1; END",
                "CREATE FUNCTION f() RETURNS int BEGIN ATOMIC SELECT 1; END",
                "INSERT INTO t VALUES ($1)"
            })
    void leavesTheRestAlone(String sql) {
        assertThatCode(() -> TransactionText.check(sql)).doesNotThrowAnyException();
    }
}
