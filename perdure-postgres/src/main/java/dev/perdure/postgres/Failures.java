package dev.perdure.postgres;

import dev.perdure.error.ConflictException;
import dev.perdure.error.CorruptedException;
import dev.perdure.error.InvalidInputException;
import dev.perdure.error.NotReadyException;
import dev.perdure.error.PerdureException;
import dev.perdure.error.UnavailableException;
import dev.perdure.journal.RunId;
import dev.perdure.store.RunStore;

import org.postgresql.util.PSQLException;

import java.security.GeneralSecurityException;
import java.sql.SQLException;

import javax.net.ssl.SSLException;

/// Says what a failure of PostgreSQL means for the caller, by its SQLSTATE
/// (https://www.postgresql.org/docs/current/errcodes-appendix.html).
///
/// Only that code is shown of what the server says: its messages may quote values.
final class Failures {
    private Failures() {}

    /// The exception for `failure`, which happened at `url` while the store was to `act`: "commit entries".
    static PerdureException of(SQLException failure, StoreUrl url, String act) {
        String where = "the store " + url + " cannot " + act + ": ";
        String state = state(failure);
        if (isOfLog(failure)) {
            return new UnavailableException(
                    where
                            + "the server could not write its log"
                            + (state.equals("53100") ? " since its disk is full" : "")
                            + ", and ended the connection ("
                            + state
                            + "). Look into the server's own log, make room, see that it runs at "
                            + url.shown()
                            + ", then try again.",
                    failure);
        }
        if (isOfCommits(failure)) {
            return byClass(failure, url, where, state);
        }
        return switch (state) {
            case "28P01", "28000" ->
                    new InvalidInputException(
                            where
                                    + "the server does not let in user "
                                    + url.user()
                                    + " with this password, or not from here. Check PGUSER and PGPASSWORD (or"
                                    + " PGPASSFILE), and the server's pg_hba.conf, which may also ask for TLS"
                                    + " (sslmode=require).",
                            failure);
            case "3D000" ->
                    new InvalidInputException(
                            where + "there is no such database. Create it (`createdb`), or correct the URL.", failure);
            case "42501" ->
                    new UnavailableException(
                            where
                                    + "user "
                                    + url.user()
                                    + " lacks the right. Use the owner of schema "
                                    + url.schema()
                                    + "; if there is none yet, let an administrator run: CREATE SCHEMA "
                                    + url.schema()
                                    + " AUTHORIZATION "
                                    + url.user()
                                    + ".",
                            failure);
            case "53100" ->
                    new UnavailableException(
                            where
                                    + "the server has no room to write: its disk is full. Nothing was changed. Make"
                                    + " room, then try again.",
                            failure);
            case "57P03" ->
                    new NotReadyException(
                            where
                                    + "the server is starting, recovering or stopping, and lets nobody in ("
                                    + state
                                    + "). Try again in a moment; if it stays so, look into the server's log.",
                            failure);
            case "53300" ->
                    new NotReadyException(
                            where
                                    + "the server has no connection left. Try again; lower perdureConnections, raise"
                                    + " max_connections, or put a pooler in between.",
                            failure);
            case "25006" ->
                    new UnavailableException(
                            where + "the server is a standby or read-only. Name the primary in the URL.", failure);
            case "40001", "40P01" ->
                    new UnavailableException(
                            where
                                    + "others changed the same rows each time it was tried. Nothing was changed. Try"
                                    + " again.",
                            failure);
            case "55P03", "57014" ->
                    new UnavailableException(
                            where
                                    + "it took longer than a timeout of the server allows (SQLSTATE "
                                    + state
                                    + "). Nothing was changed. Try again, or raise lock_timeout or statement_timeout.",
                            failure);
            case "22021" ->
                    new InvalidInputException(
                            where
                                    + "a text has the character NUL, which PostgreSQL does not store. Nothing was"
                                    + " changed. Leave it out.",
                            failure);
            case "42P01", "42883", "3F000", "42703" -> // of the place, not of one run: workers wait until it is back
                    new UnavailableException(
                            where
                                    + "a table or function of it is gone. Nothing was changed. Restore a backup, or"
                                    + " name another schema (perdureSchema).",
                            failure);
            case "PD003" -> left(failure, where);
            case "PD004" -> RunStore.full(new RunId(text(failure, "?")));
            case "PD001", "XX001", "XX002" ->
                    new CorruptedException(
                            where
                                    + "a row was changed after it was written, or is damaged. Keep a copy of the"
                                    + " store, run `perdure verify`, restore a backup.",
                            failure);
            default -> byClass(failure, url, where, state);
        };
    }

    // For what the store itself says (format-1.sql): it quotes nothing but where another store is, or a run's id.
    private static String text(SQLException failure, String without) {
        return failure instanceof PSQLException known && known.getServerErrorMessage() != null
                ? String.valueOf(known.getServerErrorMessage().getMessage())
                : without;
    }

    private static PerdureException left(SQLException failure, String where) {
        return new ConflictException(
                where
                        + text(failure, "it was moved")
                        + ". Nothing was changed. Use that store; or give the move up: perdure copy --from URL"
                        + " --abandon.",
                failure);
    }

    private static PerdureException byClass(SQLException failure, StoreUrl url, String where, String state) {
        if (concernsTls(failure)) {
            return new InvalidInputException(
                    where
                            + "TLS was asked for, and "
                            + (state.equals("08004")
                                    ? "the server has none"
                                    : "the server's certificate is not one that sslrootcert vouches for, or not for"
                                            + " this host")
                            + ". Correct sslmode and sslrootcert in the URL, or the server's ssl, ssl_cert_file and"
                            + " ssl_key_file.",
                    failure);
        }
        if (state.equals("08004")) { // the driver's, before it sends a password
            return new InvalidInputException(
                    where
                            + "the server does not let in user "
                            + url.user()
                            + " without a password, or asks for one in a way that the driver does not know ("
                            + state
                            + "). Set PGPASSWORD or PGPASSFILE, or for the command line PERDURE_STORE_PASSWORD.",
                    failure);
        }
        if (isGone(failure)) {
            return new UnavailableException(
                    where
                            + "the server cannot be reached, or ended the connection ("
                            + state
                            + "). Check that it runs at "
                            + url.shown()
                            + ", then try again.",
                    failure);
        }
        if (isOfFiles(failure)) {
            return new UnavailableException(
                    where
                            + "the server has no room to write: a quota, a limit to the size of files, or its disk ("
                            + state
                            + "). Nothing was changed. Make room, then try again; the server's log names the file.",
                    failure);
        }
        return new UnavailableException(
                where + "PostgreSQL answered SQLSTATE " + state + ". Nothing was changed. Look into the server's log.",
                failure);
    }

    /// Whether a connection was not made because of what the URL asks of TLS.
    private static boolean concernsTls(SQLException failure) {
        String text = String.valueOf(failure.getMessage());
        boolean refused = text.contains("SSL") && !text.contains("pg_hba"); // the driver's words, in English
        for (Throwable cause = failure; cause != null && !refused; cause = cause.getCause()) {
            refused = cause instanceof SSLException || cause instanceof GeneralSecurityException;
        }
        return state(failure).startsWith("08") && (refused || text.contains("hostnameverifier"));
    }

    /// Whether the server failed to write a file of its tables. It has a SQLSTATE of its own only for a full disk, none
    /// for a quota (EDQUOT) or a limit (EFBIG), but tells which part of it failed: `md.c` keeps the tables' files.
    private static boolean isOfFiles(SQLException failure) {
        return cameFrom(failure, "md.c");
    }

    /// Whether the server failed to write its log (`xlog.c`), upon which it panics: all its processes end, and it
    /// recovers. By then a commit may be in the log, and on disk.
    private static boolean isOfLog(SQLException failure) {
        return cameFrom(failure, "xlog.c");
    }

    /// Whether the server failed to write which transactions are committed (`slru.c`). It notes that after the commit
    /// is in its log, and panics if it cannot.
    private static boolean isOfCommits(SQLException failure) {
        return cameFrom(failure, "slru.c");
    }

    private static boolean cameFrom(SQLException failure, String file) {
        return failure instanceof PSQLException told
                && told.getServerErrorMessage() != null
                && file.equals(told.getServerErrorMessage().getFile());
    }

    /// Whether the connection is gone, so that nobody knows if what was under way was committed.
    static boolean isGone(SQLException failure) {
        String state = state(failure);
        return state.startsWith("08")
                || state.startsWith("57P")
                || state.equals("40003")
                || state.isEmpty()
                || isOfLog(failure)
                || isOfCommits(failure);
    }

    /// Whether the server undid everything because of what others did meanwhile, so that it may be tried again.
    static boolean isTransient(SQLException failure) {
        String state = state(failure);
        return state.equals("40001") || state.equals("40P01");
    }

    /// Whether `failure` may come from what is written, and not from the place it is written to.
    static boolean mayConcernOneRow(SQLException failure) {
        String state = state(failure);
        return !isGone(failure) && !isTransient(failure) && !state.startsWith("53") && !state.startsWith("25");
    }

    /// Whether a message that was to be consumed is not there (format-1.sql).
    static boolean lacksMessage(SQLException failure) {
        return state(failure).equals("PD002");
    }

    static boolean isDuplicate(SQLException failure) {
        return state(failure).equals("23505");
    }

    static String state(SQLException failure) {
        String state = failure.getSQLState();
        return state == null ? "" : state;
    }
}
