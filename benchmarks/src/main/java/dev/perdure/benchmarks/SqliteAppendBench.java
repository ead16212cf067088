package dev.perdure.benchmarks;

import dev.perdure.store.AppendOutcome.Committed;
import dev.perdure.store.RunAppend;
import dev.perdure.store.RunStore;
import dev.perdure.store.StoreProvider;

import java.io.IOException;
import java.nio.file.Files;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.ServiceLoader;

/// The SQLite store alone, without the runtime, against raw commits of rows of the same size on the same disk.
///
/// Slices of the two alternate, since disks have moods; read the ratio of one line, not figures of different runs.
///
/// `java dev.perdure.benchmarks.SqliteAppendBench FOLDER [lone|batch|growth]...`
public final class SqliteAppendBench {
    private static final int SLICES = 10;
    private static final long SLICE_NANOS = 700_000_000L;
    private static final int PAYLOAD = 200;

    private SqliteAppendBench() {}

    public static void main(String[] args) throws Exception {
        java.nio.file.Path folder = Files.createDirectories(java.nio.file.Path.of(args[0]));
        List<String> what =
                args.length == 1 ? List.of("lone", "batch", "growth") : Arrays.asList(args).subList(1, args.length);
        for (String one : what) {
            switch (one) {
                case "lone" -> commits(folder, 1);
                case "batch" -> commits(folder, 256);
                case "growth" -> growth(folder);
                default -> throw new IllegalArgumentException(one);
            }
        }
    }

    private static RunStore open(java.nio.file.Path file) {
        String url = "jdbc:sqlite:" + file;
        return ServiceLoader.load(StoreProvider.class).stream()
                .map(ServiceLoader.Provider::get)
                .filter(provider -> provider.accepts(url))
                .findFirst()
                .orElseThrow()
                .open(url);
    }

    private interface Commit {
        void run() throws Exception;
    }

    private static void commits(java.nio.file.Path folder, int rows) throws Exception {
        clear(folder);
        java.nio.file.Path rawFile = folder.resolve("raw.db");
        java.nio.file.Path ours = folder.resolve("store.db");
        try (RunStore store = open(ours);
                Raw raw = new Raw(rawFile, rows, pageSize(ours))) {
            List<Script> runs = new ArrayList<>();
            for (int i = 0; i < rows; i++) {
                runs.add(new Script("run-" + i));
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

    /// A chat of 2 KiB turns: an entry with the message, and a small one naming it.
    private static void growth(java.nio.file.Path folder) throws Exception {
        for (int[] shape : new int[][] {{2_100, 40}, {1_500, 40}, {600, 40}, {3_000, 40}, {200, 200}}) {
            clear(folder);
            try (RunStore store = open(folder.resolve("store.db"))) {
                Script run = new Script("chat");
                commit(store, List.of(run.start()));
                long before = store.size().storedBytes();
                int turns = 2_000;
                long payload = 0;
                for (int i = 0; i < turns; i++) {
                    commit(store, List.of(run.step(shape[0])));
                    commit(store, List.of(run.step(shape[1])));
                    payload += shape[0] + shape[1];
                }
                long grown = store.size().storedBytes() - before;
                System.out.printf(
                        "payloads of %d and %d bytes: %d bytes grown per pair, %.3f x payload, %.0f bytes/entry"
                                + " overhead (body %d, digest 32)%n",
                        shape[0],
                        shape[1],
                        grown / turns,
                        (double) grown / payload,
                        (grown - payload) / (2.0 * turns),
                        run.bodyBytes);
            }
        }
    }

    private static int pageSize(java.nio.file.Path file) throws SQLException {
        try (Connection c = DriverManager.getConnection("jdbc:sqlite:" + file);
                Statement s = c.createStatement();
                var row = s.executeQuery("PRAGMA page_size")) {
            return row.getInt(1);
        }
    }

    private static void clear(java.nio.file.Path folder) throws IOException {
        try (var files = Files.list(folder)) {
            for (java.nio.file.Path file : files.toList()) {
                Files.delete(file);
            }
        }
    }

    private static final class Raw implements AutoCloseable {
        private final Connection connection;
        private final PreparedStatement insert;
        private final int rows;
        private final byte[] row = new byte[300];
        private long count;

        Raw(java.nio.file.Path file, int rows, int pageSize) throws SQLException {
            this.rows = rows;
            connection = DriverManager.getConnection("jdbc:sqlite:" + file);
            try (Statement s = connection.createStatement()) {
                s.execute("PRAGMA page_size=" + pageSize);
                s.execute("PRAGMA journal_mode=WAL");
                s.execute("PRAGMA synchronous=FULL");
                s.execute("CREATE TABLE t (id INTEGER PRIMARY KEY, run INTEGER, seq INTEGER, bytes BLOB)");
            }
            connection.setAutoCommit(false);
            insert = connection.prepareStatement("INSERT INTO t (run, seq, bytes) VALUES (?, ?, ?)");
        }

        void commit() throws SQLException {
            for (int i = 0; i < rows; i++) {
                insert.setInt(1, i);
                insert.setLong(2, count++);
                insert.setBytes(3, row);
                insert.executeUpdate();
            }
            connection.commit();
        }

        @Override
        public void close() throws SQLException {
            connection.close();
        }
    }
}
