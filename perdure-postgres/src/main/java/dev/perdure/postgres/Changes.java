package dev.perdure.postgres;

import org.jspecify.annotations.Nullable;
import org.postgresql.PGConnection;
import org.postgresql.PGNotification;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;

/// The number that tells when there may be something new to claim or to read: the sum of the counters in `change`, and
/// the wake-ups (`LISTEN`, `NOTIFY`) that tell other processes to look at it.
///
/// A worker asks for the number fifty times a second, and is answered from memory. A connection of its own listens, and
/// looks at the number when it is told to, and every [#TOLD_NANOS] without. Where notifications do not arrive it looks
/// every [#RARELY_NANOS], and every [#OFTEN_NANOS] for a while after something changed. Whether they arrive is found
/// out by sending one from another connection: a pooler in transaction mode takes the `LISTEN` and delivers nothing.
/// What was changed by this process is looked at when it asks next. If the connection that listens is stuck, others
/// look.
///
/// Notifications are sent after starts, deliveries, hand-overs and when a worker goes, in transactions of their own:
/// the server lets those that notify commit one by one. Thread-safe.
final class Changes implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Changes.class);
    private static final long OFTEN_NANOS = TimeUnit.MILLISECONDS.toNanos(250);
    private static final long RARELY_NANOS = TimeUnit.SECONDS.toNanos(1);
    private static final long TOLD_NANOS = TimeUnit.SECONDS.toNanos(2);
    private static final long MOMENT_NANOS = TimeUnit.SECONDS.toNanos(3);
    private static final long LATE_NANOS = TimeUnit.SECONDS.toNanos(2);
    private static final int LISTEN_MILLIS = 1_000;
    private static final long AGAIN_MILLIS = 5_000;
    private static final AtomicLong HANDLES = new AtomicLong();

    private final Connections connections;
    private final String channel;
    private final String greeting = "to " + ProcessHandle.current().pid() + "-" + HANDLES.incrementAndGet();
    private final AtomicBoolean started = new AtomicBoolean();
    private final AtomicBoolean notifying = new AtomicBoolean();
    private volatile boolean listening;
    private volatile boolean heard;
    private volatile boolean stale = true;
    private volatile boolean closed;
    private volatile @Nullable Thread sending;
    private volatile long number;
    private volatile long lookedAtNanos;
    private volatile long changedAtNanos = System.nanoTime();

    Changes(Connections connections) {
        this.connections = connections;
        this.channel = "perdure_" + connections.url().schema().toLowerCase(Locale.ROOT);
    }

    /// See [dev.perdure.store.RunStore#changeNumber].
    long number() {
        if (started.compareAndSet(false, true)) {
            Thread.ofVirtual().name("perdure-listen").start(this::listen);
        }
        if (stale || dueInNanos() <= (listening ? -LATE_NANOS : 0)) {
            connections.call(
                    "be looked at",
                    sql -> {
                        look(sql);
                        return true;
                    });
        }
        return number;
    }

    /// Whether notifications are known to arrive.
    boolean hears() {
        return heard;
    }

    private void look(Sql sql) throws SQLException {
        stale = false; // before the look: what changes meanwhile asks for another
        long now = System.nanoTime();
        long seen = sql.number("SELECT sum(count)::bigint FROM perdure.change");
        if (seen != number) {
            number = seen;
            changedAtNanos = now;
        }
        lookedAtNanos = now;
    }

    private long dueInNanos() {
        long now = System.nanoTime();
        long pause = heard ? TOLD_NANOS : now - changedAtNanos < MOMENT_NANOS ? OFTEN_NANOS : RARELY_NANOS;
        return pause - (now - lookedAtNanos);
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

    /// As [#tellOthers], and returns when it is sent: for what is done just before the store is closed.
    void tellOthersNow() {
        stale = true;
        send("");
    }

    private void sendNotification() {
        notifying.set(false); // whatever is committed from here on gets another one
        send("");
    }

    private void send(String what) {
        try (Connection connection = connections.borrow("wake up workers");
                Statement statement = connection.createStatement()) {
            statement.execute("SELECT pg_notify('" + channel + "', '" + what + "')");
        } catch (SQLException | RuntimeException e) {
            LOG.debug("workers elsewhere find it by themselves: {}", e.getMessage());
        }
    }

    private void listen() {
        while (!closed) {
            try (Connection connection = connections.connect(connections.url().patient());
                    Statement statement = connection.createStatement()) {
                statement.execute("LISTEN \"" + channel + "\"");
                listening = true;
                look(new Sql(connection, connections.url().schema())); // what was told before
                Thread.ofVirtual().name("perdure-greet").start(() -> send(greeting));
                while (!closed) {
                    listen(connection);
                }
            } catch (SQLException e) {
                LOG.debug("no notifications for now; the store is asked instead: {}", Failures.state(e));
            } finally {
                listening = false;
                heard = false;
            }
            await(AGAIN_MILLIS);
        }
    }

    /// Waits for what is told, until the next look is due.
    private void listen(Connection connection) throws SQLException {
        long waitMillis = Math.clamp(TimeUnit.NANOSECONDS.toMillis(dueInNanos()), 1, LISTEN_MILLIS);
        boolean told = false;
        for (PGNotification one : connection.unwrap(PGConnection.class).getNotifications((int) waitMillis)) {
            heard |= one.getParameter().equals(greeting);
            told |= one.getParameter().isEmpty();
        }
        if (told || dueInNanos() <= 0) {
            look(new Sql(connection, connections.url().schema()));
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
