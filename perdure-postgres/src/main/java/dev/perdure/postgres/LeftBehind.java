package dev.perdure.postgres;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;

/// Ends the transaction of a user's code and takes away what the code may have left in the session, all in the round
/// trip that the end takes anyway: advisory locks, settings, temporary tables, held cursors, channels.
///
/// It has to be the same round trip. Behind a pooler in transaction mode the next one may reach another session, and
/// somebody else this one. Before the commit would be too early: triggers that are deferred to it may read settings.
/// The statements are those of Npgsql's reset, which is `DISCARD ALL` without what would take away the driver's
/// prepared statements; `DISCARD ALL` itself has to be sent alone.
final class LeftBehind {
    private static final String LOCKS = "SELECT pg_advisory_unlock_all()";

    private static final String ALL =
            "CLOSE ALL; UNLISTEN *; RESET SESSION AUTHORIZATION; RESET ALL; DISCARD SEQUENCES; DISCARD TEMP; ";

    private final String commit;

    /// @param applicationName as the driver set it when it connected; a reset takes it away
    LeftBehind(String applicationName) {
        this.commit =
                "COMMIT; "
                        + ALL
                        + LOCKS
                        + ", set_config('application_name', '"
                        + applicationName.replace("'", "''")
                        + "', false)";
    }

    /// Commits, and takes away everything.
    void commit(Connection connection) throws SQLException {
        send(connection, commit);
    }

    /// Rolls back, which takes away everything but locks, and those.
    static void rollback(Connection connection) throws SQLException {
        send(connection, "ROLLBACK; " + LOCKS);
    }

    private static void send(Connection connection, String sql) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }
}
