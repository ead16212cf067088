package dev.perdure.tests.fleet;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;

import dev.perdure.Perdure;
import dev.perdure.PerdureOptions;
import dev.perdure.error.UnavailableException;
import dev.perdure.postgres.PostgresStoreProvider;
import dev.perdure.store.RunStore;
import dev.perdure.store.Transactions;

import org.slf4j.LoggerFactory;

import java.nio.file.Path;
import java.time.Duration;
import java.util.function.UnaryOperator;

/// A worker in a process of its own: `URL HISTORY LEASE_MILLIS [apart]`. Works until its input ends, then hands over.
public final class FleetWorker {
    private static final int NEVER_STUCK = 10_000; // these runs are out of luck on purpose

    private static final Duration LONGEST_START = Duration.ofMinutes(1);

    /// The argument that plants [ApartTransactions].
    static final String APART = "apart";

    private FleetWorker() {}

    /// See the class.
    public static void main(String[] arguments) throws Exception {
        if (LoggerFactory.getLogger("dev.perdure") instanceof Logger ours) {
            ours.setLevel(Level.WARN);
        }
        Duration lease = Duration.ofMillis(Long.parseLong(arguments[2]));
        UnaryOperator<Transactions> plant =
                arguments.length > 3 && arguments[3].equals(APART)
                        ? beneath -> new ApartTransactions(beneath, arguments[0])
                        : UnaryOperator.identity();
        try (Perdure perdure = open(arguments[0], new HistoryFile(Path.of(arguments[1])), lease, plant)) {
            System.out.println("working");
            while (System.in.read() >= 0) {
                // until it ends
            }
        }
        System.out.println("closed");
    }

    /// A worker that writes down what it is told and does.
    static Perdure open(String url, HistoryFile history, Duration lease, UnaryOperator<Transactions> plant) {
        PerdureOptions options =
                PerdureOptions.DEFAULT
                        .withLease(lease)
                        .withCloseGrace(Duration.ofMillis(200))
                        .withStuckAfter(NEVER_STUCK);
        long since = System.nanoTime();
        while (true) {
            try {
                return open(url, history, options, plant);
            } catch (UnavailableException away) { // as a supervisor would who starts the process again
                if (System.nanoTime() - since > LONGEST_START.toNanos()) {
                    throw away;
                }
            }
        }
    }

    private static Perdure open(
            String url, HistoryFile history, PerdureOptions options, UnaryOperator<Transactions> plant) {
        RunStore store = new RecordingStore(new PostgresStoreProvider().open(url), history, plant);
        Perdure perdure;
        try {
            perdure = Perdure.on(store, options);
        } catch (UnavailableException away) {
            store.close();
            throw away;
        }
        try {
            FleetWork work = new FleetWork(history::executed, history::transacting, UserRows.tableOf(url));
            return perdure.register(work.workflows()).work();
        } catch (UnavailableException away) {
            perdure.close();
            throw away;
        }
    }
}
