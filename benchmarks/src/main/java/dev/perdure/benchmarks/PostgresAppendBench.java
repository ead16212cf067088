package dev.perdure.benchmarks;

import dev.perdure.Perdure;
import dev.perdure.PerdureOptions;
import dev.perdure.RunHandle;
import dev.perdure.StartOptions;
import dev.perdure.Workflow;
import dev.perdure.store.AppendOutcome.Committed;
import dev.perdure.store.RunAppend;
import dev.perdure.store.RunStore;
import dev.perdure.store.StoreProvider;
import dev.perdure.testing.PostgresServer;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.ServiceLoader;

/// The PostgreSQL store against raw commits of rows of the same size on the same server, which shares the machine.
///
/// `lone` and `batch` measure the store alone, `steps` durable steps of workflows. Slices of the store and of raw
/// commits alternate; read the ratio of one line, not figures of different runs. The raw limit is one connection with
/// prepared statements: a one-row insert and its commit, or one multi-row insert (`unnest`) and its commit.
///
/// `java dev.perdure.benchmarks.PostgresAppendBench [lone|batch|steps]...`; `-Dperdure.bench.url=` measures another
/// server than the one it starts.
public final class PostgresAppendBench {
    private static final int SLICES = 10;
    private static final long SLICE_NANOS = 700_000_000L;
    private static final int PAYLOAD = 200;
    private static final int STEPS = 200;
    private static final int ROW = 300;

    private final String url;

    private PostgresAppendBench(String url) {
        this.url = url;
    }

    public static void main(String[] args) throws Exception {
        String given = System.getProperty("perdure.bench.url");
        PostgresAppendBench bench = new PostgresAppendBench(given != null ? given : PostgresServer.shared().url());
        for (String one : args.length == 0 ? List.of("lone", "batch", "steps") : List.of(args)) {
            switch (one) {
                case "lone" -> bench.commits(1);
                case "batch" -> bench.commits(64);
                case "steps" -> {
                    bench.steps(1);
                    bench.steps(64);
                }
                default -> throw new IllegalArgumentException(one);
            }
        }
        System.exit(0);
    }

    private String storeUrl(String schema) {
        return url + (url.contains("?") ? "&" : "?") + "perdureSchema=" + schema;
    }

    private RunStore open(String schema) {
        return ServiceLoader.load(StoreProvider.class).stream()
                .map(ServiceLoader.Provider::get)
                .filter(provider -> provider.accepts(url))
                .findFirst()
                .orElseThrow()
                .open(storeUrl(schema));
    }

    private interface Commit {
        void run() throws Exception;
    }

    private void commits(int rows) throws Exception {
        try (RunStore store = open("bench_" + rows);
                Raw raw = new Raw(rows)) {
            List<Script> runs = new ArrayList<>();
            for (int i = 0; i < rows; i++) {
                runs.add(new Script("run-" + i + "-" + ProcessHandle.current().pid()));
            }
            commit(store, runs.stream().map(Script::start).toList());
            Samples rawTimes = new Samples();
            Samples ourTimes = new Samples();
            for (int slice = -2; slice < SLICES; slice++) {
                boolean counts = slice >= 0;
                slice(raw::commit, rawTimes, counts);
                slice(() -> commit(store, runs.stream().map(run -> run.step(PAYLOAD)).toList()), ourTimes, counts);
            }
            System.out.printf(
                    "%d rows/commit: raw %s | store %s | p50 ratio %.2f, rate ratio %.2f%n",
                    rows,
                    rawTimes.show(rows),
                    ourTimes.show(rows),
                    ourTimes.quantile(0.5) / rawTimes.quantile(0.5),
                    ourTimes.rate(rows) / rawTimes.rate(rows));
        }
    }

    /// Workflows of sequential steps, so many at a time; each step's time as the workflow sees it.
    private void steps(int concurrent) throws Exception {
        String result = "x".repeat(PAYLOAD);
        Samples rawTimes = new Samples();
        Samples ourTimes = new Samples();
        double seconds = 0;
        long done = 0;
        try (Perdure perdure = Perdure.open(storeUrl("bench_steps_" + concurrent), PerdureOptions.DEFAULT);
                Raw raw = new Raw(1)) {
            perdure.register(
                    Workflow.named("bench")
                            .takes(Integer.class)
                            .returns(Integer.class)
                            .runs((run, steps) -> {
                                List<Long> times = new ArrayList<>();
                                for (int i = 0; i < steps; i++) {
                                    long begin = System.nanoTime();
                                    String got = run.step("s", String.class, () -> result);
                                    times.add(System.nanoTime() - begin);
                                    if (got.length() != PAYLOAD) {
                                        throw new IllegalStateException("another result");
                                    }
                                }
                                synchronized (ourTimes) {
                                    times.forEach(ourTimes::add);
                                }
                                return steps;
                            }));
            for (int slice = -2; slice < SLICES; slice++) {
                if (slice == 0) {
                    ourTimes.clear();
                }
                slice(raw::commit, rawTimes, slice >= 0);
                long begin = System.nanoTime();
                List<RunHandle<Integer>> runs = new ArrayList<>();
                for (int i = 0; i < concurrent; i++) {
                    String id = "r" + ProcessHandle.current().pid() + "-" + slice + "-" + i;
                    runs.add(perdure.start("bench", steps(concurrent, slice), StartOptions.withId(id)));
                }
                for (RunHandle<Integer> run : runs) {
                    done += slice >= 0 ? run.result() : 0 * run.result();
                }
                seconds += slice >= 0 ? (System.nanoTime() - begin) / 1e9 : 0;
            }
        }
        System.out.printf(
                "%d runs: %,.0f durable steps/s, p50 %.0f us p99 %.0f us | raw one-row commit %s | p50 ratio %.2f%n",
                concurrent,
                done / seconds,
                ourTimes.quantile(0.5),
                ourTimes.quantile(0.99),
                rawTimes.show(1),
                ourTimes.quantile(0.5) / rawTimes.quantile(0.5));
    }

    private static int steps(int concurrent, int slice) {
        return concurrent == 1 ? 10 * STEPS : slice < 0 ? STEPS / 2 : STEPS;
    }

    // Entries are made outside the measured time: digesting belongs to the runtime, and happens in parallel there.
    private static void slice(Commit commit, Samples samples, boolean counts) throws Exception {
        long end = System.nanoTime() + SLICE_NANOS;
        while (System.nanoTime() < end) {
            measured = 0;
            long begin = System.nanoTime();
            commit.run();
            long took = measured != 0 ? measured : System.nanoTime() - begin;
            if (counts) {
                samples.add(took);
            }
        }
    }

    private static long measured;

    private static void commit(RunStore store, List<RunAppend> batch) {
        long begin = System.nanoTime();
        var outcomes = store.append(batch);
        measured = System.nanoTime() - begin;
        for (var outcome : outcomes) {
            if (!(outcome instanceof Committed)) {
                throw new IllegalStateException(outcome.toString());
            }
        }
    }

    /// Commits rows of the size of an entry, as directly as the driver allows.
    private final class Raw implements AutoCloseable {
        private final Connection connection;
        private final PreparedStatement insert;
        private final int rows;
        private long count;

        Raw(int rows) throws SQLException {
            this.rows = rows;
            connection = java.sql.DriverManager.getConnection(url);
            try (Statement s = connection.createStatement()) {
                s.execute(
                        "CREATE TABLE IF NOT EXISTS raw (run bigint, seq bigint, bytes bytea, PRIMARY KEY (run, seq))");
                s.execute("TRUNCATE raw");
            }
            insert =
                    connection.prepareStatement(
                            rows == 1
                                    ? "INSERT INTO raw VALUES (?, ?, ?)"
                                    : "INSERT INTO raw SELECT * FROM unnest(?::bigint[], ?::bigint[], ?::bytea[])");
        }

        void commit() throws SQLException {
            if (rows == 1) {
                insert.setLong(1, 1);
                insert.setLong(2, count++);
                insert.setBytes(3, new byte[ROW]);
            } else {
                long[] runs = new long[rows];
                long[] sequences = new long[rows];
                byte[][] bytes = new byte[rows][];
                for (int i = 0; i < rows; i++) {
                    runs[i] = i;
                    sequences[i] = count;
                    bytes[i] = new byte[ROW];
                }
                count++;
                var driver = connection.unwrap(org.postgresql.PGConnection.class);
                insert.setArray(1, driver.createArrayOf("int8", runs));
                insert.setArray(2, driver.createArrayOf("int8", sequences));
                insert.setArray(3, driver.createArrayOf("bytea", bytes));
            }
            insert.executeUpdate();
        }

        @Override
        public void close() throws SQLException {
            connection.close();
        }
    }
}
