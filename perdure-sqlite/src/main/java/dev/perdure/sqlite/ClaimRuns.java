package dev.perdure.sqlite;

import dev.perdure.journal.RunId;
import dev.perdure.store.ClaimRequest;
import dev.perdure.store.ClaimRequest.Kind;
import dev.perdure.store.RunRecord;
import dev.perdure.store.RunStatus;
import dev.perdure.store.WorkerRecord;

import java.sql.SQLException;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/// Hands runs to workers: pending ones in the order in which they were made, then those of workers whose lease ran out,
/// then waiting ones that are due, longest first.
///
/// Each kind is found by an index of its own and only as many as are wanted, so that a claim costs the same with a
/// million runs that wait or have ended.
final class ClaimRuns {
    /// What a worker gets a run for.
    private enum To {
        EXECUTE,
        /// To let it end: it does not begin, and counts against no rate.
        CANCEL,
        OPERATE
    }

    /// Leaves out what a living worker holds, lest runs that cannot be claimed fill the page of those that can.
    static final String FREE =
            " AND NOT EXISTS (SELECT 1 FROM head JOIN worker ON worker.no = head.holder"
                    + " WHERE head.run = run.no AND worker.lease_until > ?)";

    private final Sql sql;
    private final Heads heads;
    private final ClaimRequest request;

    ClaimRuns(Sql sql, Heads heads, ClaimRequest request) {
        this.sql = sql;
        this.heads = heads;
        this.request = request;
    }

    List<RunRecord> claim() throws SQLException {
        Optional<WorkerRecord> worker = Workers.find(sql, request.worker());
        if (worker.isEmpty() || worker.get().leaseUntilMillis() <= request.nowMillis()) {
            return List.of(); // what it got now would be free for others at once
        }
        long holder = Workers.numberOf(sql, request.worker());
        List<RunRecord> claimed = new ArrayList<>();
        List<QueueRow> queues = request.inTurn(QueueRow.all(sql));
        queues.removeIf(queue -> request.only().isPresent() && !request.queues().contains(queue.limits().name()));
        claimCancelled(queues, holder, claimed);
        for (QueueRow queue : queues) {
            makeDueOnesPending(queue);
            claimQueued(queue, holder, request.forQueues(), claimed);
        }
        for (long run : candidates()) {
            if (claimed.size() >= request.limit()) {
                return claimed;
            }
            hold(sql, heads, run, holder, request.nowMillis(), To.EXECUTE).ifPresent(claimed::add);
        }
        for (QueueRow queue : queues.isEmpty() ? queues : request.inTurn(QueueRow.all(sql))) {
            if (queues.stream().anyMatch(wanted -> wanted.no() == queue.no())) {
                claimQueued(queue, holder, request.limit(), claimed);
            }
        }
        return claimed;
    }

    /// Runs of queues that were asked to cancel wait for no place. An index holds them alone.
    private void claimCancelled(List<QueueRow> queues, long holder, List<RunRecord> claimed) throws SQLException {
        if (queues.isEmpty()) {
            return;
        }
        List<Long> cancelled =
                sql.all(
                        "SELECT DISTINCT inbox.run FROM inbox JOIN run ON run.no = inbox.run"
                                + " WHERE inbox.consumed = 0 AND inbox.kind = 'cancel' AND run.queue IS NOT NULL"
                                + " AND run.status IN ("
                                + StatusNumber.of(RunStatus.PENDING)
                                + ", "
                                + StatusNumber.WAITING
                                + ")"
                                + FREE
                                + " ORDER BY inbox.run LIMIT ?",
                        row -> row.getLong(1),
                        request.nowMillis(),
                        request.limit());
        for (long run : cancelled) {
            RunRow row = Runs.row(sql, run);
            if (claimed.size() < request.limit()
                    && isClaimable(row)
                    && queues.stream().anyMatch(queue -> queue.limits().name().equals(row.queue()))) {
                hold(sql, heads, run, holder, request.nowMillis(), To.CANCEL).ifPresent(claimed::add);
            }
        }
    }

    /// A run of a queue that is due waits for a place in it.
    private void makeDueOnesPending(QueueRow queue) throws SQLException {
        for (Kind kind : request.kinds()) {
            List<Long> due =
                    sql.all(
                            "SELECT no FROM run WHERE queue = ? AND workflow = ? AND version = ? AND grp = ? AND status"
                                    + " = "
                                    + StatusNumber.WAITING
                                    + " AND due IS NOT NULL AND due <= ?"
                                    + FREE
                                    + " ORDER BY due LIMIT ?",
                            row -> row.getLong(1),
                            queue.limits().name(),
                            kind.workflow(),
                            kind.version(),
                            kind.group(),
                            request.nowMillis(),
                            request.nowMillis(),
                            request.limit());
            for (long run : due) {
                Runs.row(sql, run).in(RunStatus.PENDING, "", null, false).write(sql);
            }
        }
    }

    private void claimQueued(QueueRow queue, long holder, int limit, List<RunRecord> claimed) throws SQLException {
        if (claimed.size() >= limit) {
            return;
        }
        ClaimQueued turns = new ClaimQueued(sql, request, queue);
        Optional<ClaimQueued.Next> next = turns.next();
        while (next.isPresent()) {
            Optional<RunRecord> held = hold(sql, heads, next.get().run(), holder, request.nowMillis(), To.EXECUTE);
            if (held.isPresent()) {
                claimed.add(held.get());
                turns.held(next.get());
            }
            next = claimed.size() < limit ? turns.next() : Optional.empty();
        }
        turns.keepTurn();
    }

    /// See [dev.perdure.store.RunStore#take].
    static Optional<RunRecord> take(Sql sql, Heads heads, String worker, RunId run, long nowMillis)
            throws SQLException {
        long no = RunRow.number(sql, run);
        Optional<WorkerRecord> known = Workers.find(sql, worker);
        if (no == 0 || known.isEmpty() || known.get().leaseUntilMillis() <= nowMillis) {
            return Optional.empty();
        }
        return hold(sql, heads, no, Workers.numberOf(sql, worker), nowMillis, To.OPERATE);
    }

    /// Gives a run to a worker unless a living one holds it.
    private static Optional<RunRecord> hold(Sql sql, Heads heads, long run, long holder, long nowMillis, To what)
            throws SQLException {
        Head head = Head.load(sql, run);
        if (head == null || Workers.isAlive(sql, head.holder(), nowMillis)) {
            return Optional.empty();
        }
        head.heldBy(holder, what != To.OPERATE).writeHolder(sql);
        RunRow row = Runs.row(sql, run);
        if (what != To.OPERATE) {
            RunRow held = what == To.CANCEL ? row : row.begunAt(nowMillis);
            held.in(RunStatus.RUNNING, "", null, false).write(sql);
        }
        heads.forget(new RunId(row.id()));
        return sql.first(RunRow.WITH_HEAD + "WHERE run.no = ?", RunRow::record, run);
    }

    private Set<Long> candidates() throws SQLException {
        Set<Long> found = new LinkedHashSet<>();
        if (request.only().isPresent()) {
            addNamed(request.only().get(), found);
            if (!request.queues().isEmpty()) {
                addExpired(found);
            }
            return found;
        }
        found.addAll(pending());
        if (found.size() < request.limit()) {
            addExpired(found);
        }
        if (found.size() < request.limit()) {
            addDue(found);
        }
        return found;
    }

    private void addNamed(Set<RunId> only, Set<Long> found) throws SQLException {
        Set<Long> inOrder = new TreeSet<>();
        for (RunId run : only) {
            long no = RunRow.number(sql, run);
            RunRow row = no == 0 ? null : Runs.row(sql, no);
            if (row != null && isClaimable(row) && (row.queue() == null || row.status() == RunStatus.RUNNING)) {
                inOrder.add(no);
            }
        }
        found.addAll(inOrder);
    }

    /// Whether a run whose holder died is given: one of a queue has kept its place, or waits for another.
    private boolean isWanted(RunRow run) {
        return run.queue() == null
                ? request.only().isEmpty()
                : run.status() == RunStatus.RUNNING
                        && (request.only().isEmpty() || request.queues().contains(run.queue()));
    }

    private boolean isClaimable(RunRow run) {
        return request.takes(run.workflow(), run.version(), run.group())
                && switch (run.status()) {
                    case PENDING, RUNNING -> true;
                    case WAITING -> {
                        Long due = run.due();
                        yield due != null && due <= request.nowMillis();
                    }
                    case PAUSED, STUCK, COMPLETED, FAILED, CANCELLED -> false;
                };
    }

    private Set<Long> pending() throws SQLException {
        Set<Long> inOrder = new TreeSet<>();
        for (Kind kind : request.kinds()) {
            inOrder.addAll(
                    sql.all(
                            "SELECT no FROM run WHERE workflow = ? AND version = ? AND grp = ? AND status = "
                                    + StatusNumber.of(RunStatus.PENDING)
                                    + " AND queue IS NULL"
                                    + FREE
                                    + " ORDER BY no LIMIT ?",
                            row -> row.getLong(1),
                            kind.workflow(),
                            kind.version(),
                            kind.group(),
                            request.nowMillis(),
                            request.limit()));
        }
        return inOrder;
    }

    private void addExpired(Set<Long> found) throws SQLException {
        List<Long> dead =
                sql.all(
                        "SELECT no FROM worker WHERE lease_until <= ? ORDER BY lease_until",
                        row -> row.getLong(1),
                        request.nowMillis());
        for (long worker : dead) {
            sql.visit(
                    "SELECT "
                            + RunRow.COLUMNS
                            + " FROM head CROSS JOIN run ON run.no = head.run"
                            + " WHERE head.holder = ? AND head.holder <> 0 ORDER BY head.run",
                    row -> {
                        RunRow run = RunRow.read(row);
                        if (isClaimable(run) && isWanted(run)) {
                            found.add(run.no());
                        }
                        return found.size() < request.limit();
                    },
                    worker);
        }
    }

    private void addDue(Set<Long> found) throws SQLException {
        for (Kind kind : request.kinds()) {
            found.addAll(
                    sql.all(
                            "SELECT no FROM run WHERE workflow = ? AND version = ? AND grp = ? AND status = "
                                    + StatusNumber.WAITING
                                    + " AND queue IS NULL AND due IS NOT NULL AND due <= ?"
                                    + FREE
                                    + " ORDER BY due LIMIT ?",
                            row -> row.getLong(1),
                            kind.workflow(),
                            kind.version(),
                            kind.group(),
                            request.nowMillis(),
                            request.nowMillis(),
                            request.limit()));
        }
    }
}
