package dev.perdure.benchmarks;

import dev.perdure.Perdure;
import dev.perdure.Run;
import dev.perdure.StartOptions;
import dev.perdure.Workflow;
import dev.perdure.testing.PostgresServer;

import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Arrays;
import java.util.List;

/// What a transactional step costs beside a plain step and beside a commit of the same row without Perdure: one run,
/// the three in turn, so that all of them meet the same disk.
///
/// `benchmarks/run TransactionSteps [STEPS] [sqlite|reopened|postgres]`; `reopened` is SQLite with bodies after which
/// the connection is not kept. Several thousand steps are needed for warm code.
final class TransactionSteps {
    private static final String INSERT = "INSERT INTO charge (note) VALUES (?)";
    private static final String NOTE = "n".repeat(100);
    private static final int WARM_UP = 300;

    private TransactionSteps() {}

    public static void main(String[] arguments) throws Exception {
        int steps = arguments.length == 0 ? 1_000 : Integer.parseInt(arguments[0]);
        List<String> stores =
                arguments.length < 2 ? List.of("sqlite", "reopened", "postgres") : List.of(arguments).subList(1, 2);
        for (String store : stores) {
            if (store.equals("postgres")) {
                try (PostgresServer server = PostgresServer.start()) {
                    measure("postgres", server.url(), steps);
                }
                continue;
            }
            Path folder = Files.createTempDirectory(Path.of(""), "transaction-steps");
            try {
                measure(store, "jdbc:sqlite:" + folder.resolve("store.db"), steps);
            } finally {
                Folders.delete(folder);
            }
        }
    }

    private static void measure(String store, String url, int steps) throws Exception {
        long[][] nanos = new long[3][steps];
        Workflow<String, Integer> flow =
                Workflow.named("flow")
                        .takes(String.class)
                        .returns(Integer.class)
                        .runs((run, _) -> steps(run, url, store.equals("reopened"), nanos));
        try (Perdure perdure = Perdure.open(url)) {
            try (Connection own = connect(url);
                    Statement table = own.createStatement()) {
                table.execute(
                        url.startsWith("jdbc:sqlite:")
                                ? "CREATE TABLE charge (id INTEGER PRIMARY KEY, note TEXT)"
                                : "CREATE TABLE charge (id bigserial PRIMARY KEY, note text)");
            }
            perdure.start(flow, "", StartOptions.withId("run")).result();
        }
        String[] names = {"raw commit of one row", "run.step", "run.transaction of one row"};
        for (int i = 0; i < names.length; i++) {
            Arrays.sort(nanos[i]);
            System.out.printf(
                    "%s  %-28s p50 %6.0f us  p99 %6.0f us%n",
                    store, names[i], nanos[i][steps / 2] / 1e3, nanos[i][steps * 99 / 100] / 1e3);
        }
    }

    private static int steps(Run run, String url, boolean reopens, long[][] nanos) throws SQLException {
        try (Connection own = connect(url)) {
            own.setAutoCommit(false);
            for (int i = -WARM_UP; i < nanos[0].length; i++) {
                long began = System.nanoTime();
                insert(own);
                own.commit();
                long raw = System.nanoTime();
                run.step("note", String.class, () -> NOTE);
                long plain = System.nanoTime();
                run.transaction("charge", Integer.class, connection -> insert(connection, reopens));
                long transaction = System.nanoTime();
                if (i >= 0) {
                    nanos[0][i] = raw - began;
                    nanos[1][i] = plain - raw;
                    nanos[2][i] = transaction - plain;
                }
            }
        }
        return nanos[0].length;
    }

    private static int insert(Connection connection, boolean reopens) throws SQLException {
        if (reopens) {
            try (Statement statement = connection.createStatement()) {
                statement.execute("PRAGMA user_version");
            }
        }
        return insert(connection);
    }

    private static int insert(Connection connection) throws SQLException {
        try (PreparedStatement insert = connection.prepareStatement(INSERT)) {
            insert.setString(1, NOTE);
            return insert.executeUpdate();
        }
    }

    private static Connection connect(String url) throws SQLException {
        Connection connection = DriverManager.getConnection(url);
        if (url.startsWith("jdbc:sqlite:")) {
            try (Statement pragma = connection.createStatement()) {
                pragma.execute("PRAGMA busy_timeout=10000");
                pragma.execute("PRAGMA synchronous=FULL");
            }
        }
        return connection;
    }
}
