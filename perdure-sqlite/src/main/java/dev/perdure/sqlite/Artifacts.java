package dev.perdure.sqlite;

import dev.perdure.error.UnavailableException;
import dev.perdure.journal.Digest;

import org.jspecify.annotations.Nullable;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.List;
import java.util.Optional;

/// The rows of artifacts. Pieces are keyed by one number, artifact and piece, so that they need no second index.
final class Artifacts {
    /// Bytes of a piece: what one transaction adds, so that steps wait for it only briefly.
    static final int PIECE = 256 * 1_024;

    /// The most pieces of one artifact: 4 TiB.
    static final long MAX_PIECES = 1L << 24;

    /// How many pieces one transaction removes.
    private static final int REMOVED_AT_ONCE = 64;

    private static final String COLUMNS = "no, digest, size, host, pid, process_start, seal";

    /// A stored artifact.
    ///
    /// @param digest null while it is being written
    @SuppressWarnings("ArrayRecordComponent") // never compared
    record Row(long no, byte @Nullable [] digest, long size, String host, long pid, long processStart) {
        static Row read(ResultSet row) throws SQLException {
            return new Row(
                    row.getLong(1), row.getBytes(2), row.getLong(3), row.getString(4), row.getLong(5), row.getLong(6));
        }

        long seal() {
            return new Seal('a').with(no).with(digest).with(size).with(host).with(pid).with(processStart).value();
        }
    }

    private Artifacts() {}

    /// Makes a row for an artifact about to be written.
    static Row begin(Sql sql, ThisProcess writer) throws SQLException {
        long no = 1 + sql.number("SELECT max(no) FROM artifact");
        Row row = new Row(no, null, 0, writer.host(), writer.pid(), writer.start());
        sql.update(
                "INSERT INTO artifact (" + COLUMNS + ") VALUES (?, ?, ?, ?, ?, ?, ?)",
                row.no,
                row.digest,
                row.size,
                row.host,
                row.pid,
                row.processStart,
                row.seal());
        return row;
    }

    static void addPiece(Sql sql, long artifact, long piece, byte[] bytes) throws SQLException {
        sql.update(
                "INSERT INTO artifact_piece (id, bytes) SELECT ?, ? WHERE EXISTS (SELECT 1 FROM artifact WHERE no = ?)",
                artifact * MAX_PIECES + piece,
                bytes,
                artifact);
    }

    static void complete(Sql sql, Row begun, Digest digest, long size) throws SQLException {
        Row row = new Row(begun.no, digest.toBytes(), size, begun.host, begun.pid, begun.processStart);
        int changed =
                sql.update(
                        "UPDATE artifact SET digest = ?, size = ?, seal = ? WHERE no = ?",
                        row.digest,
                        size,
                        row.seal(),
                        row.no);
        if (changed != 1) {
            throw new UnavailableException("an artifact was removed while it was being written. Save it again.");
        }
    }

    static Optional<Row> find(Sql sql, Digest digest) throws SQLException {
        return sql.first("SELECT " + COLUMNS + " FROM artifact WHERE digest = ?", Row::read, digest.toBytes());
    }

    static List<Row> unfinished(Sql sql) throws SQLException {
        return sql.all("SELECT " + COLUMNS + " FROM artifact WHERE digest IS NULL", Row::read);
    }

    static Optional<byte[]> piece(Sql sql, long artifact, long piece) throws SQLException {
        return sql.first(
                "SELECT bytes FROM artifact_piece WHERE id = ?",
                row -> Sql.bytes(row, 1),
                artifact * MAX_PIECES + piece);
    }

    /// Removes an artifact, in transactions that are short each.
    static void remove(Writer writer, long artifact) {
        int removed;
        do {
            removed =
                    writer.change(
                            "remove an artifact",
                            sql ->
                                    sql.update(
                                            "DELETE FROM artifact_piece WHERE id IN (SELECT id FROM artifact_piece"
                                                    + " WHERE id >= ? AND id < ? LIMIT ?)",
                                            artifact * MAX_PIECES,
                                            (artifact + 1) * MAX_PIECES,
                                            REMOVED_AT_ONCE));
        } while (removed > 0);
        writer.change("remove an artifact", sql -> sql.update("DELETE FROM artifact WHERE no = ?", artifact));
    }
}
