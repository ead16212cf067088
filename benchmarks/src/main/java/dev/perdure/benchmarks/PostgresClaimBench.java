package dev.perdure.benchmarks;

import dev.perdure.journal.RunId;
import dev.perdure.store.ClaimRequest;
import dev.perdure.store.RunRecord;
import dev.perdure.store.RunRelease;
import dev.perdure.store.RunStatus;
import dev.perdure.store.RunStore;
import dev.perdure.store.StoreProvider;
import dev.perdure.store.WorkerRecord;
import dev.perdure.store.WorkflowVersion;
import dev.perdure.testing.PostgresServer;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.Optional;
import java.util.ServiceLoader;
import java.util.Set;

/// What a claim costs PostgreSQL, and what an idle worker's question, while so many runs wait: few, then a million, a
/// fifth of them in queues. Neither may grow with their number.
///
/// `java dev.perdure.benchmarks.PostgresClaimBench [WAITING]...`; `-Dperdure.bench.url=` measures another server.
public final class PostgresClaimBench {
    private static final int ROUNDS = 300;
    private static final long FAR_MILLIS = 4_000_000_000_000L;
    private static final WorkflowVersion VERSION = new WorkflowVersion("bench", 1);

    private PostgresClaimBench() {}

    public static void main(String[] args) throws Exception {
        String given = System.getProperty("perdure.bench.url");
        String url = given != null ? given : PostgresServer.shared().url();
        for (String waiting : args.length == 0 ? List.of("1000", "1000000") : List.of(args)) {
            measure(url, Integer.parseInt(waiting));
        }
        System.exit(0);
    }

    private static void measure(String url, int waiting) throws SQLException {
        String schema = "claim_" + ProcessHandle.current().pid() + "_" + waiting;
        try (RunStore store = open(url + (url.contains("?") ? "&" : "?") + "perdureSchema=" + schema);
                Connection connection = DriverManager.getConnection(url);
                Statement statement = connection.createStatement()) {
            fill(statement, schema, waiting);
            store.announce(new WorkerRecord("worker", "host", 1, 1, 0), now(), 3_600_000);
            Samples asked = new Samples();
            Samples claimed = new Samples();
            for (int i = -ROUNDS / 3; i < ROUNDS; i++) {
                if (i == 0) {
                    asked.clear();
                    claimed.clear();
                }
                round(store, "run-" + i, asked, claimed);
            }
            System.out.printf(
                    "%,d waiting: question of an idle worker p50 %.0f us p99 %.0f us | claim of one p50 %.0f us p99"
                            + " %.0f us%n",
                    waiting, asked.quantile(0.5), asked.quantile(0.99), claimed.quantile(0.5), claimed.quantile(0.99));
            statement.execute("DROP SCHEMA " + schema + " CASCADE");
        }
    }

    /// Rows as those of runs that wait; nobody reads more of them than the index of their times.
    private static void fill(Statement statement, String schema, int waiting) throws SQLException {
        statement.execute("SET synchronous_commit = off");
        statement.execute(
                "INSERT INTO "
                        + schema
                        + ".queue SELECT 'q' || i, 10, 2, 0, 0, null, "
                        + schema
                        + ".seal('queue', 'q' || i, '10', '2', '0', '0', null) FROM generate_series(0, 1) AS i");
        statement.execute(
                "INSERT INTO "
                        + schema
                        + ".run (no, id, workflow, version, status, reason, created, wake_at, due, messages, queue,"
                        + " qkey, priority, grp, seal) SELECT -i, 'waiting-' || i, 'bench', 1, 2, '', 0, "
                        + FAR_MILLIS
                        + " + i, "
                        + FAR_MILLIS
                        + " + i, 0, CASE WHEN i % 10 < 2 THEN 'q' || i % 10 END, CASE WHEN i % 10 < 2 THEN 'k' || i %"
                        + " 1000 END, CASE WHEN i % 10 < 2 THEN 0 END, 'default', '' FROM generate_series(1, "
                        + waiting
                        + ") AS i");
        statement.execute(
                "INSERT INTO "
                        + schema
                        + ".head SELECT -i, 0, 0, 1, 0, 0, 0, false, '', null, '' FROM generate_series(1, "
                        + waiting
                        + ") AS i");
        statement.execute("ANALYZE " + schema + ".run, " + schema + ".head");
    }

    private static void round(RunStore store, String id, Samples asked, Samples claimed) {
        ClaimRequest request = new ClaimRequest("worker", Set.of(VERSION), Optional.empty(), 256, now());
        long begin = System.nanoTime();
        long at = store.claimableAtMillis(request);
        asked.add(System.nanoTime() - begin);
        if (at <= now()) {
            throw new IllegalStateException("nothing is due, but the store says " + at);
        }
        store.append(List.of(new Script(id).pending()));
        begin = System.nanoTime();
        List<RunRecord> got = store.claim(request);
        claimed.add(System.nanoTime() - begin);
        if (got.size() != 1 || !got.getFirst().id().equals(new RunId(id))) {
            throw new IllegalStateException("claimed " + got);
        }
        store.release(
                List.of(
                        new RunRelease(
                                new RunId(id), got.getFirst().epoch(), RunStatus.FAILED, "", Optional.empty(), 0)));
    }

    private static long now() {
        return System.currentTimeMillis();
    }

    private static RunStore open(String url) {
        return ServiceLoader.load(StoreProvider.class).stream()
                .map(ServiceLoader.Provider::get)
                .filter(provider -> provider.accepts(url))
                .findFirst()
                .orElseThrow()
                .open(url);
    }
}
