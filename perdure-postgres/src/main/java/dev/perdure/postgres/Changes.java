package dev.perdure.postgres;

import org.jspecify.annotations.Nullable;
import org.postgresql.PGConnection;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;

/// The number that tells when there may be something new to claim or to read: the sum of the counters in `change`, and
/// the wake-ups (`LISTEN`, `NOTIFY`) that tell other processes to look at it.
///
/// A worker asks for the number fifty times a second. While a connection listens the answer comes from memory, until a
/// notification, a change made here, or [#MAX_AGE_NANOS] ask for a new look. What a pooler or a broken connection drops
/// costs that time and no more. Notifications are sent after starts and deliveries, in transactions of their own: the
/// server lets those that notify commit one by one. Thread-safe.
final class Changes implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Changes.class);
    private static final long MAX_AGE_NANOS = TimeUnit.MILLISECONDS.toNanos(250);
    private static final int LISTEN_MILLIS = 1_000;
    private static final long AGAIN_MILLIS = 5_000;

    private final Connections connections;
    private final String channel;
    private final AtomicBoolean started = new AtomicBoolean();
    private final AtomicBoolean notifying = new AtomicBoolean();
    private volatile boolean listening;
    private volatile boolean stale = true;
    private volatile boolean closed;
    private volatile @Nullable Thread sending;
    private volatile long number;
    private volatile long lookedAtNanos;

    Changes(Connections connections) {
        this.connections = connections;
        this.channel = "perdure_" + connections.url().schema().toLowerCase(Locale.ROOT);
    }

    /// See [dev.perdure.store.RunStore#changeNumber].
    long number() {
        if (started.compareAndSet(false, true)) {
            Thread.ofVirtual().name("perdure-listen").start(this::listen);
        }
        if (!listening || stale || System.nanoTime() - lookedAtNanos > MAX_AGE_NANOS) {
            stale = false; // before the look: what changes meanwhile asks for another
            long now = System.nanoTime();
            number =
                    connections.call(
                            "be looked at", sql -> sql.number("SELECT sum(count)::bigint FROM perdure.change"));
            lookedAtNanos = now;
        }
        return number;
    }

    /// To be called after something was committed that this process may find new.
    void noteHere() {
        stale = true;
    }

    /// To be called after something was committed that a worker elsewhere should look at soon.
    void tellOthers() {
        stale = true;
        if (notifying.compareAndSet(false, true)) {
            sending = Thread.ofVirtual().name("perdure-notify").start(this::sendNotification);
        }
    }

    private void sendNotification() {
        notifying.set(false); // whatever is committed from here on gets another one
        try (Connection connection = connections.borrow("wake up workers");
                Statement statement = connection.createStatement()) {
            statement.execute("SELECT pg_notify('" + channel + "', '')");
        } catch (SQLException | RuntimeException e) {
            LOG.debug("workers elsewhere find it by themselves: {}", e.getMessage());
        }
    }

    private void listen() {
        while (!closed) {
            try (Connection connection = connections.connect(connections.url().patient());
                    Statement statement = connection.createStatement()) {
                statement.execute("LISTEN \"" + channel + "\"");
                PGConnection driver = connection.unwrap(PGConnection.class);
                listening = true;
                stale = true; // what was told before
                while (!closed) {
                    if (driver.getNotifications(LISTEN_MILLIS).length > 0) {
                        stale = true;
                    }
                }
            } catch (SQLException e) {
                LOG.debug("no notifications for now; the store is asked instead: {}", Failures.state(e));
            } finally {
                listening = false;
            }
            await(AGAIN_MILLIS);
        }
    }

    private void await(long millis) {
        try {
            for (long waited = 0; waited < millis && !closed; waited += LISTEN_MILLIS) {
                Thread.sleep(LISTEN_MILLIS);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /// Lets the last notification go out: a command that starts a run ends right after it.
    @Override
    public void close() {
        closed = true;
        Thread last = sending;
        if (last != null) {
            try {
                last.join(Duration.ofMillis(LISTEN_MILLIS));
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
    }
}
