package dev.perdure.sqlite;

import dev.perdure.error.ConflictException;
import dev.perdure.error.CorruptedException;
import dev.perdure.error.InvalidInputException;
import dev.perdure.error.PerdureException;
import dev.perdure.error.UnavailableException;

import java.nio.file.Path;
import java.sql.SQLException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Says what a failure of SQLite means for the caller (https://sqlite.org/rescode.html).
final class Failures {
    private static final Pattern MISSING = Pattern.compile("no such (table|column|index): (?:main\\.)?(\\w+)");

    private static final Pattern LEFT = Pattern.compile(LeftTriggers.MARK + "(it was moved to .*, or is being moved)");

    private static final int BUSY = 5;
    private static final int LOCKED = 6;
    private static final int NO_MEMORY = 7;
    private static final int READ_ONLY = 8;
    private static final int IO_ERROR = 10;
    private static final int CORRUPT = 11;
    private static final int FULL = 13;
    private static final int CANNOT_OPEN = 14;
    private static final int TOO_BIG = 18;
    private static final int CONSTRAINT = 19;
    private static final int AUTH = 23;
    private static final int NOT_A_DATABASE = 26;

    /// What a store that cannot be opened could not do.
    static final String OPEN = "be opened";

    private Failures() {}

    /// The exception for `failure`, which happened at `file` while it was to `act`: "commit entries".
    static PerdureException of(SQLException failure, Path file, String act) {
        String where = file + " cannot " + act + ": ";
        return switch (code(failure)) {
            case BUSY, LOCKED ->
                    new UnavailableException(
                            where
                                    + "another process holds it locked. Nothing was changed. Try again, or find that"
                                    + " process (`fuser "
                                    + file.getFileName()
                                    + "`).",
                            failure);
            case FULL ->
                    new UnavailableException(
                            where
                                    + "the disk is full. Nothing was changed. Make room, then try again; the store"
                                    + " stays usable.",
                            failure);
            case READ_ONLY, AUTH ->
                    new UnavailableException(
                            where
                                    + "the file, its folder or its disk is read-only. Nothing was changed."
                                    + " Allow this user to write the file and its folder.",
                            failure);
            case IO_ERROR ->
                    new UnavailableException(
                            where
                                    + "the disk reports an input/output error ("
                                    + name(failure)
                                    + "). Check the disk and the system's log, then try again.",
                            failure);
            case CANNOT_OPEN ->
                    new UnavailableException(
                            where + "it cannot be opened. Check that the folder exists and this user may write there.",
                            failure);
            case CORRUPT, NOT_A_DATABASE ->
                    new CorruptedException(
                            where
                                    + (act.equals(OPEN)
                                            ? "the file is damaged where it begins, so that nothing in it can be read"
                                                    + " or verified. Keep a copy of it with its -wal file, and restore"
                                                    + " a backup."
                                            : "the file is damaged. Keep a copy of it with its -wal file, run `perdure"
                                                    + " verify`, and restore a backup."),
                            failure);
            case NO_MEMORY -> new UnavailableException(where + "SQLite is out of memory. Try again.", failure);
            case TOO_BIG ->
                    new InvalidInputException(
                            where + "a value is larger than SQLite stores (2 GiB). Save it as an artifact.", failure);
            default -> other(failure, where);
        };
    }

    private static PerdureException other(SQLException failure, String where) {
        Matcher left = LEFT.matcher(String.valueOf(failure.getMessage())); // the store's own words
        if (left.find()) {
            return new ConflictException(
                    where
                            + left.group(1)
                            + ". Nothing was changed. Use that store; or give the move up: perdure copy --from URL"
                            + " --abandon.",
                    failure);
        }
        Matcher missing = MISSING.matcher(String.valueOf(failure.getMessage())); // names of Perdure's own
        return missing.find()
                ? new CorruptedException(
                        where
                                + "the store lacks the "
                                + missing.group(1)
                                + " "
                                + missing.group(2)
                                + ", which somebody has removed. Keep a copy of the file with its -wal file, and"
                                + " restore a backup.",
                        failure)
                : new UnavailableException(
                        where + "SQLite answered " + name(failure) + ". Run `perdure verify`, and report this.",
                        failure);
    }

    /// Whether `failure` leaves it open if a commit reached the disk: the log may hold it although the sync failed.
    static boolean leavesCommitOpen(SQLException failure) {
        int code = code(failure);
        return code != FULL && code != BUSY && code != LOCKED && code != READ_ONLY;
    }

    /// Whether `failure` may come from what is written, and not from the place it is written to.
    static boolean mayConcernOneRow(SQLException failure) {
        return switch (code(failure)) {
            case BUSY, LOCKED, NO_MEMORY, READ_ONLY, IO_ERROR, FULL, CANNOT_OPEN -> false;
            default -> true;
        };
    }

    static boolean isConstraint(SQLException failure) {
        return code(failure) == CONSTRAINT;
    }

    static boolean isBusy(SQLException failure) {
        return code(failure) == BUSY || code(failure) == LOCKED;
    }

    private static int code(SQLException failure) {
        return failure.getErrorCode() & 0xff;
    }

    // The driver's message repeats SQLite's, which may quote values: only the code's name is shown.
    private static String name(SQLException failure) {
        return failure instanceof org.sqlite.SQLiteException known
                ? known.getResultCode().name()
                : "code " + failure.getErrorCode();
    }
}
