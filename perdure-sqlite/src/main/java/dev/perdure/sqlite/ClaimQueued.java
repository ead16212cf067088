package dev.perdure.sqlite;

import dev.perdure.store.ClaimRequest;
import dev.perdure.store.ClaimRequest.Kind;
import dev.perdure.store.QueueRecord;
import dev.perdure.store.RunStatus;

import org.jspecify.annotations.Nullable;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/// Finds the runs of one queue whose turn it is, within the queue's limits. The caller holds each before it asks for
/// the next, in one transaction.
///
/// Keys take turns by walking around an index of (key, priority): a step to the next key costs a search, not a look at
/// the runs that wait. Only keys that are at their limit are passed over, and of those there are no more than runs
/// held.
final class ClaimQueued {
    private static final String WAITING =
            " FROM run WHERE queue = ? AND workflow = ? AND version = ? AND grp = ? AND status = "
                    + StatusNumber.of(RunStatus.PENDING);
    private static final String BEGUN = " AND begun IS NOT NULL";
    private static final String NEW = " AND begun IS NULL";

    private final Sql sql;
    private final ClaimRequest request;
    private final QueueRow queue;
    private final Map<String, Long> running;
    private long places;
    private long beginnings;
    private @Nullable String turn;
    private @Nullable String served;
    private boolean begunOnes = true;
    private boolean servedInThisRound = true;

    /// A run that may be held.
    record Next(long run, String key, int priority) {
        static Next read(ResultSet row) throws SQLException {
            return new Next(row.getLong(1), row.getString(2), Sql.integer(row, 3));
        }
    }

    ClaimQueued(Sql sql, ClaimRequest request, QueueRow queue) throws SQLException {
        this.sql = sql;
        this.request = request;
        this.queue = queue;
        this.turn = queue.turn();
        this.served = queue.turn();
        QueueRecord limits = queue.limits();
        boolean counts = limits.concurrency() > 0 || limits.perKey() > 0;
        this.running = counts ? queue.running(sql) : new java.util.HashMap<>();
        long held = running.values().stream().mapToLong(Long::longValue).sum();
        this.places = limits.concurrency() == 0 ? Long.MAX_VALUE : limits.concurrency() - held;
        this.beginnings = limits.rate() == 0 ? Long.MAX_VALUE : limits.rate() - queue.begun(sql, request.nowMillis());
    }

    /// The next run whose turn it is; empty: none may be held now.
    Optional<Next> next() throws SQLException {
        while (places > 0 && (begunOnes || beginnings > 0)) {
            String key = nextKey();
            if (key == null) {
                if (servedInThisRound) { // once around again, from the first key on
                    servedInThisRound = false;
                    turn = null;
                    continue;
                }
                if (!begunOnes) {
                    return Optional.empty();
                }
                begunOnes = false;
                servedInThisRound = true;
                turn = served;
                continue;
            }
            turn = key;
            long perKey = queue.limits().perKey();
            if (perKey == 0 || running.getOrDefault(key, 0L) < perKey) {
                Optional<Next> first = first(key);
                if (first.isPresent()) {
                    return first;
                }
            }
        }
        return Optional.empty();
    }

    /// Takes note that a run was held.
    void held(Next next) {
        servedInThisRound = true;
        served = next.key;
        running.merge(next.key, 1L, Long::sum);
        places--;
        if (!begunOnes) {
            beginnings--;
        }
    }

    /// Keeps whose turn it was.
    void keepTurn() throws SQLException {
        if (!Objects.equals(served, queue.turn())) {
            new QueueRow(queue.no(), queue.limits(), served).write(sql);
        }
    }

    private @Nullable String nextKey() throws SQLException {
        String least = null;
        for (Kind kind : request.kinds()) {
            Optional<String> key =
                    sql.first(
                            "SELECT qkey"
                                    + WAITING
                                    + (begunOnes ? BEGUN : NEW)
                                    + (turn == null ? " AND qkey >= ?" : " AND qkey > ?")
                                    + " ORDER BY qkey LIMIT 1",
                            row -> row.getString(1),
                            queue.limits().name(),
                            kind.workflow(),
                            kind.version(),
                            kind.group(),
                            turn == null ? "" : turn);
            if (key.isPresent() && (least == null || key.get().compareTo(least) < 0)) {
                least = key.get();
            }
        }
        return least;
    }

    private Optional<Next> first(String key) throws SQLException {
        List<Next> firsts = new java.util.ArrayList<>();
        for (Kind kind : request.kinds()) {
            sql.first(
                            "SELECT no, qkey, priority"
                                    + WAITING
                                    + (begunOnes ? BEGUN : NEW)
                                    + " AND qkey = ?"
                                    + ClaimRuns.FREE
                                    + " ORDER BY priority DESC, no LIMIT 1",
                            Next::read,
                            queue.limits().name(),
                            kind.workflow(),
                            kind.version(),
                            kind.group(),
                            key,
                            request.nowMillis())
                    .ifPresent(firsts::add);
        }
        return firsts.stream().min(Comparator.comparingInt((Next n) -> -n.priority).thenComparingLong(Next::run));
    }
}
