package dev.perdure.testing;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;

/// The main process of a [PostgresServer]: stops it, and starts it again with the same data, port and settings.
///
/// Made while the server runs. A server that is started again belongs to this JVM like the one before.
public final class Postmaster {
    private static final int LIMIT_MILLIS = 60_000;
    private static final int LOOK_MILLIS = 10;

    /// How a server is stopped.
    public enum Mode {
        /// Transactions under way are undone, sessions are ended, and everything is written out (`pg_ctl -m fast`).
        FAST("INT"),

        /// All processes end at once: the next start recovers from the log, as after a crash (`pg_ctl -m immediate`).
        IMMEDIATE("QUIT");

        private final String signal;

        Mode(String signal) {
            this.signal = signal;
        }
    }

    private final Path data;
    private final String url;
    private final List<String> command;

    Postmaster(Path data, String url) {
        this.data = data;
        this.url = url;
        ProcessHandle.Info running = ProcessHandle.of(pid()).orElseThrow().info();
        this.command = new ArrayList<>();
        if (System.getProperty("user.name").equals("root")) {
            command.addAll(List.of("unshare", "-U")); // see PostgresServer
        }
        command.add(running.command().orElseThrow());
        command.addAll(List.of(running.arguments().orElseThrow()));
    }

    private Path pidFile() {
        return data.resolve("postmaster.pid");
    }

    /// The process id of the running server.
    public long pid() {
        try {
            return Long.parseLong(Files.readAllLines(pidFile()).getFirst().strip());
        } catch (IOException e) {
            throw new IllegalStateException("the server does not run", e);
        }
    }

    /// Stops it and waits until it is gone.
    public void stop(Mode mode) throws IOException, InterruptedException {
        String pid = Long.toString(pid());
        int done = new ProcessBuilder("kill", "-" + mode.signal, pid).start().waitFor();
        if (done != 0) {
            throw new IllegalStateException("kill -" + mode.signal + " " + pid + " ended with " + done);
        }
        for (int waited = 0; Files.exists(pidFile()); waited += LOOK_MILLIS) {
            if (waited > LIMIT_MILLIS) {
                throw new IllegalStateException("the server with process " + pid + " did not stop");
            }
            Thread.sleep(LOOK_MILLIS);
        }
    }

    /// Starts it again and waits until it lets connections in.
    public void start() throws IOException, InterruptedException {
        start("");
    }

    /// As [#start()], with limits to what its processes may do: `ulimit -f 10000`, as `sh` takes it.
    public void start(String limit) throws IOException, InterruptedException {
        List<String> start = new ArrayList<>(command);
        if (!limit.isEmpty()) {
            start.clear();
            start.addAll(List.of("sh", "-c", limit + " && exec \"$@\"", "sh"));
            start.addAll(command);
        }
        Process process =
                new ProcessBuilder(start)
                        .redirectErrorStream(true)
                        .redirectOutput(data.resolve("restarted.log").toFile())
                        .start();
        for (int waited = 0; !answers(); waited += LOOK_MILLIS) {
            if (waited > LIMIT_MILLIS || !process.isAlive()) {
                throw new IllegalStateException(
                        "the server did not start again: " + Files.readString(data.resolve("restarted.log")));
            }
            Thread.sleep(LOOK_MILLIS);
        }
    }

    /// What the server wrote to its log since it was started again.
    public String log() throws IOException {
        return Files.readString(data.resolve("restarted.log"));
    }

    private boolean answers() {
        try (Connection connection = DriverManager.getConnection(url)) {
            return connection.isValid(1);
        } catch (SQLException notYet) {
            return false;
        }
    }
}
