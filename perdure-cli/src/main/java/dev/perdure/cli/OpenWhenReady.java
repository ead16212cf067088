package dev.perdure.cli;

import dev.perdure.Perdure;
import dev.perdure.cli.console.Console;
import dev.perdure.error.NotReadyException;

import java.time.Duration;
import java.util.function.Supplier;

/// Opens a store for a worker, which begins with the machine and maybe before the database does: waits while the server
/// itself says that it serves nobody just now. A server that does not answer at all, a wrong password or an unknown
/// database are errors at once, since nobody may be there to wait for.
final class OpenWhenReady {
    /// How long a worker waits; recovery after a crash may take minutes.
    static final Duration MOST = Duration.ofMinutes(10);

    private static final Duration PAUSE = Duration.ofSeconds(1);

    private final Console console;
    private final Duration most;
    private final Duration pause;

    OpenWhenReady(Console console) {
        this(console, MOST, PAUSE);
    }

    OpenWhenReady(Console console, Duration most, Duration pause) {
        this.console = console;
        this.most = most;
        this.pause = pause;
    }

    /// @throws NotReadyException if it is not ready after the longest wait
    Perdure open(Supplier<Perdure> opening) throws InterruptedException {
        long begun = System.nanoTime();
        String said = "";
        while (true) {
            try {
                return opening.get();
            } catch (NotReadyException e) {
                if (System.nanoTime() - begun >= most.toNanos()) {
                    throw e;
                }
                String reason = String.valueOf(e.getMessage());
                if (!reason.equals(said)) { // once for each reason
                    console.say("perdure: " + reason + " The worker waits, " + most.toMinutes() + " minutes at most.");
                    said = reason;
                }
            }
            Thread.sleep(pause);
        }
    }
}
