package dev.perdure.sqlite;

import dev.perdure.error.CorruptedException;
import dev.perdure.journal.Digest;
import dev.perdure.journal.EncodedEntry;
import dev.perdure.store.RunAppend;
import dev.perdure.store.RunRecord;

import org.jspecify.annotations.Nullable;

import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;

/// The row of `head` of one run: where its journal ends and who may append to it. Small, since every append rewrites
/// it.
///
/// @param run the run's number
/// @param entry id of the last entry
/// @param holder number of the worker that holds the run, 0 for none
/// @param idle claims since the last entry
/// @param clean whether its last holder released it on purpose
/// @param updated time of the last entry
record Head(
        long run,
        int branch,
        long seq,
        long entry,
        Digest digest,
        long epoch,
        long holder,
        long idle,
        boolean clean,
        long updated) {
    static final String COLUMNS = "run, branch, seq, entry, digest, epoch, holder, idle, clean, updated, seal";

    /// Moves the head on if it is the expected one. The holder is no column of it: its index would be rewritten too.
    static final String ADVANCE =
            "UPDATE head SET seq = ?, entry = ?, digest = ?, idle = 0, clean = 0, updated = ?,"
                    + " seal = ? WHERE run = ? AND epoch = ? AND digest = ? AND seal = ?";

    static Head read(ResultSet row) throws SQLException {
        return new Head(
                row.getLong(1),
                Sql.integer(row, 2),
                row.getLong(3),
                row.getLong(4),
                Digest.of(row.getBytes(5)),
                row.getLong(6),
                row.getLong(7),
                row.getLong(8),
                flag(row.getLong(9)),
                row.getLong(10));
    }

    private static boolean flag(long value) {
        if (value != 0 && value != 1) {
            throw new CorruptedException(
                    "column clean holds " + value + ", not 0 or 1. Keep a copy of the store and run `perdure verify`.");
        }
        return value == 1;
    }

    /// Like [#read], and refuses a row that does not match its seal: nothing may be built on it.
    static Head checked(ResultSet row) throws SQLException {
        Head head = read(row);
        if (head.seal() != row.getLong(11)) {
            throw new CorruptedException(
                    "the head of run number "
                            + head.run
                            + " was changed after it was written. Keep a copy of the store, run `perdure verify`,"
                            + " restore a backup.");
        }
        return head;
    }

    static @Nullable Head load(Sql sql, long run) throws SQLException {
        return sql.first("SELECT " + COLUMNS + " FROM head WHERE run = ?", Head::checked, run).orElse(null);
    }

    void insert(Sql sql) throws SQLException {
        sql.update(
                "INSERT INTO head (" + COLUMNS + ") VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                run,
                branch,
                seq,
                entry,
                digest.toBytes(),
                epoch,
                holder,
                idle,
                clean ? 1L : 0L,
                updated,
                seal());
    }

    /// Writes who holds the run; the journal's end stays as it is.
    void writeHolder(Sql sql) throws SQLException {
        sql.update(
                "UPDATE head SET epoch = ?, holder = ?, idle = ?, clean = ?, seal = ? WHERE run = ?",
                epoch,
                holder,
                idle,
                clean ? 1L : 0L,
                seal(),
                run);
    }

    /// Adds the move from this head to `after` to the batch of [#ADVANCE].
    void addAdvance(PreparedStatement advance, Head after) throws SQLException {
        advance.setLong(1, after.seq);
        advance.setLong(2, after.entry);
        advance.setBytes(3, after.digest.toBytes());
        advance.setLong(4, after.updated);
        advance.setLong(5, after.seal());
        advance.setLong(6, run);
        advance.setLong(7, epoch);
        advance.setBytes(8, digest.toBytes());
        advance.setLong(9, seal());
        advance.addBatch();
    }

    /// This head after an append whose last entry got the id `lastEntry`.
    Head after(RunAppend append, long lastEntry) {
        return new Head(
                run,
                branch,
                append.last().sequence(),
                lastEntry,
                append.last().digest(),
                epoch,
                holder,
                0,
                false,
                append.timeMillis());
    }

    Head heldBy(long worker, boolean countsAsIdle) {
        long claims = !countsAsIdle ? 0 : clean ? idle : idle + 1;
        return new Head(run, branch, seq, entry, digest, epoch + 1, worker, claims, false, updated);
    }

    Head released() {
        return new Head(run, branch, seq, entry, digest, epoch, 0, idle, true, updated);
    }

    /// As it is when its holder is gone and did not release it.
    Head orphaned() {
        return new Head(run, branch, seq, entry, digest, epoch, 0, idle, false, updated);
    }

    /// With an epoch so much higher.
    Head raised(long epochs) {
        return new Head(run, branch, seq, entry, digest, epoch + epochs, holder, idle, clean, updated);
    }

    /// Of a run in another store, before its entries are there.
    static Head received(long run, RunRecord from, boolean clean) {
        return new Head(
                run,
                from.branch(),
                -1,
                0,
                Digest.ZERO,
                from.epoch(),
                0,
                from.idleClaims(),
                clean,
                from.updatedMillis());
    }

    /// This head of a run in another store after one more of its entries, which has the id `lastEntry` here.
    Head withEntry(EncodedEntry last, long lastEntry) {
        return new Head(run, branch, last.sequence(), lastEntry, last.digest(), epoch, holder, idle, clean, updated);
    }

    /// Writes where the journal ends; who holds the run stays as it is.
    void writeEnd(Sql sql) throws SQLException {
        sql.update(
                "UPDATE head SET seq = ?, entry = ?, digest = ?, seal = ? WHERE run = ?",
                seq,
                entry,
                digest.toBytes(),
                seal(),
                run);
    }

    long seal() {
        return new Seal('h')
                .with(run)
                .with(branch)
                .with(seq)
                .with(entry)
                .with(digest)
                .with(epoch)
                .with(holder)
                .with(idle)
                .with(clean ? 1L : 0L)
                .with(updated)
                .value();
    }
}
