package dev.perdure.postgres;

import dev.perdure.error.UnavailableException;
import dev.perdure.journal.Digest;

import java.sql.SQLException;
import java.util.List;
import java.util.Optional;

/// The rows of artifacts.
final class Artifacts {
    /// Bytes of a piece: what one transaction adds.
    static final int PIECE = 256 * 1_024;

    /// The most pieces of one artifact: 4 TiB.
    static final int MAX_PIECES = 1 << 24;

    /// How many pieces one transaction removes.
    private static final int REMOVED_AT_ONCE = 64;

    /// Whoever adds no piece for so long is taken to be dead.
    private static final long ABANDONED_MILLIS = 3_600_000;

    private static final String BEGIN =
            """
            WITH begun AS (
              SELECT nextval(pg_get_serial_sequence('perdure.artifact', 'no')) AS no, perdure.clock() AS now)
            INSERT INTO perdure.artifact (no, size, touched, seal) OVERRIDING SYSTEM VALUE
            SELECT no, 0, now, perdure.seal('artifact', no::text, null, '0', now::text) FROM begun RETURNING no
            """;

    private static final String ADD =
            """
            WITH begun AS (
              UPDATE perdure.artifact a SET touched = n.now,
                seal = perdure.seal('artifact', a.no::text, null, a.size::text, n.now::text)
              FROM (SELECT perdure.clock() AS now) n WHERE a.no = ? AND a.digest IS NULL RETURNING a.no)
            INSERT INTO perdure.artifact_piece (artifact, piece, bytes) SELECT no, ?, ? FROM begun
            """;

    private static final String COMPLETE =
            """
            UPDATE perdure.artifact a SET digest = n.digest, size = n.size, touched = null,
              seal = perdure.seal('artifact', a.no::text, encode(n.digest, 'hex'), n.size::text, null)
            FROM (SELECT ?::bytea AS digest, ?::bigint AS size) n
            WHERE a.no = ? AND a.digest IS NULL
            """;

    /// A finished artifact.
    record Row(long no, long size) {}

    private Artifacts() {}

    /// Makes a row for an artifact about to be written.
    static long begin(Sql sql) throws SQLException {
        return sql.number(BEGIN);
    }

    static void addPiece(Sql sql, long artifact, int piece, byte[] bytes) throws SQLException {
        if (sql.update(ADD, artifact, piece, bytes) != 1) {
            throw removed();
        }
    }

    static void complete(Sql sql, long artifact, Digest digest, long size) throws SQLException {
        if (sql.update(COMPLETE, digest.toBytes(), size, artifact) != 1) {
            throw removed();
        }
    }

    private static UnavailableException removed() {
        return new UnavailableException(
                "an artifact was removed while it was being written: nothing had come for an hour. Save it again.");
    }

    static Optional<Row> find(Sql sql, Digest digest) throws SQLException {
        return sql.first(
                "SELECT no, size FROM perdure.artifact WHERE digest = ?",
                row -> new Row(row.getLong(1), row.getLong(2)),
                digest.toBytes());
    }

    static Optional<byte[]> piece(Sql sql, long artifact, int piece) throws SQLException {
        return sql.first(
                "SELECT bytes FROM perdure.artifact_piece WHERE artifact = ? AND piece = ?",
                row -> Sql.bytes(row, 1),
                artifact,
                piece);
    }

    /// Removes what processes left unfinished when they died.
    static void removeAbandoned(Connections connections) {
        List<Long> abandoned =
                connections.call(
                        "be opened",
                        sql ->
                                sql.all(
                                        "SELECT no FROM perdure.artifact WHERE digest IS NULL"
                                                + " AND touched < perdure.clock() - ?",
                                        row -> row.getLong(1),
                                        ABANDONED_MILLIS));
        abandoned.forEach(artifact -> remove(connections, artifact));
    }

    /// Removes an artifact that was not completed, in transactions that are short each.
    static void remove(Connections connections, long artifact) {
        String act = "remove an artifact";
        int removed;
        do {
            removed =
                    connections.call(
                            act,
                            sql ->
                                    sql.update(
                                            "DELETE FROM perdure.artifact_piece WHERE artifact = ? AND piece IN"
                                                    + " (SELECT p.piece FROM perdure.artifact_piece p"
                                                    + " JOIN perdure.artifact a ON a.no = p.artifact"
                                                    + " WHERE p.artifact = ? AND a.digest IS NULL LIMIT ?)",
                                            artifact,
                                            artifact,
                                            REMOVED_AT_ONCE));
        } while (removed > 0);
        connections.call(
                act, sql -> sql.update("DELETE FROM perdure.artifact WHERE no = ? AND digest IS NULL", artifact));
    }
}
