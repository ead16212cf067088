package dev.perdure.postgres;

import java.sql.SQLException;

/// Gives a verification a view of the store in which no append is half-way: all batches up to some number, none above.
///
/// An append holds the advisory lock of its chain to the end of its transaction. Here the locks of all chains are
/// taken, for the instant in which another connection takes its snapshot: what was under way has been committed then,
/// and what comes later draws higher numbers. So the entries seen are a beginning of the order of commits for ever, and
/// their anchor can be compared at any later time. Appends wait for that instant only; nothing is written.
final class VerifySnapshot {
    /// How long appends may be held up by waiting for one that takes long. Then they go first, and it is tried again.
    private static final String PATIENCE = "1s";

    private static final int ATTEMPTS = 30;

    private VerifySnapshot() {}

    static <T> T with(Connections connections, Connections.Work<T> work) {
        String act = "be verified";
        return connections.alone(
                act,
                reading -> {
                    reading.connection().setAutoCommit(false);
                    connections.alone(act, locking -> takeTogether(locking, reading));
                    try {
                        return work.with(reading);
                    } finally {
                        reading.connection().rollback();
                    }
                });
    }

    private static boolean takeTogether(Sql locking, Sql reading) throws SQLException {
        locking.connection().setAutoCommit(false);
        for (int attempt = 1; ; attempt++) {
            try {
                locking.run("SELECT set_config('lock_timeout', ?, true)", PATIENCE);
                locking.run(
                        "SELECT pg_advisory_xact_lock('perdure.chain'::regclass::oid::integer, no)"
                                + " FROM generate_series(0, ?) AS no",
                        VerifyChains.CHAINS - 1);
                reading.run("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY");
                reading.run("SELECT 1"); // the snapshot
                locking.connection().rollback();
                return true;
            } catch (SQLException e) {
                locking.connection().rollback();
                reading.connection().rollback();
                if (!Failures.state(e).equals("55P03") || attempt == ATTEMPTS) {
                    throw e;
                }
            }
        }
    }
}
