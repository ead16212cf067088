package dev.perdure.postgres;

import dev.perdure.journal.RunId;
import dev.perdure.store.ClaimRequest;
import dev.perdure.store.ClaimRequest.Kind;
import dev.perdure.store.RunRecord;

import java.sql.Array;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// Hands runs to workers: pending ones in the order in which they were made, then those of workers whose lease ran out,
/// then waiting ones that are due, longest first.
///
/// Candidates are found by an index of their kind and locked as they are found, past those that another claim has
/// locked (`SKIP LOCKED`). What a query sees may have changed until it has the lock; so a second statement, which sees
/// the present, asks all conditions again. What they rest on (status, holder) changes only under the lock of the head.
final class ClaimRuns {
    private static final String FREE =
            " AND NOT EXISTS (SELECT FROM perdure.worker w WHERE w.id = h.holder AND w.lease_until > perdure.clock())";

    private static final String KNOWN = "unnest(?::text[], ?::integer[], ?::text[]) AS k(workflow, version, grp)";

    private static final String PENDING =
            "SELECT c.run FROM "
                    + KNOWN
                    + " CROSS JOIN LATERAL (SELECT h.run FROM perdure.run r JOIN perdure.head h ON h.run = r.no WHERE"
                    + " r.workflow = k.workflow AND r.version = k.version AND r.grp = k.grp AND r.status = 0 AND"
                    + " r.queue IS NULL"
                    + FREE
                    + " ORDER BY r.no LIMIT ? FOR UPDATE OF h SKIP LOCKED) c ORDER BY c.run LIMIT ?";

    /// What dead workers hold comes first, each row by its key: a plan that begins with a status would look at all runs
    /// that wait. Most often there is nobody dead.
    private static final String EXPIRED =
            """
            WITH gone AS MATERIALIZED (
              SELECT h.run FROM perdure.worker w CROSS JOIN LATERAL
                (SELECT o.run FROM perdure.head o WHERE o.holder = w.id OFFSET 0) h
              WHERE w.lease_until <= perdure.clock())
            SELECT h.run FROM gone CROSS JOIN LATERAL (SELECT * FROM perdure.run o WHERE o.no = gone.run OFFSET 0) r
              JOIN KNOWN ON k.workflow = r.workflow AND k.version = r.version AND k.grp = r.grp
              JOIN perdure.head h ON h.run = gone.run
            WHERE (r.status = 1 OR r.status = 2 AND r.due <= ? AND r.queue IS NULL)
              AND (?::text[] IS NULL OR r.queue = ANY (?))
              AND NOT EXISTS (SELECT FROM perdure.worker w WHERE w.id = h.holder AND w.lease_until > perdure.clock())
            ORDER BY h.run LIMIT ? FOR UPDATE OF h SKIP LOCKED
            """
                    .replace("KNOWN", KNOWN);

    private static final String DUE =
            "SELECT c.run FROM "
                    + KNOWN
                    + " CROSS JOIN LATERAL (SELECT h.run, r.due FROM perdure.run r JOIN perdure.head h ON h.run = r.no"
                    + " WHERE r.workflow = k.workflow AND r.version = k.version AND r.grp = k.grp AND r.status = 2 AND"
                    + " r.due <= ? AND r.queue IS NULL"
                    + FREE
                    + " ORDER BY r.due LIMIT ? FOR UPDATE OF h SKIP LOCKED) c ORDER BY c.due LIMIT ?";

    private static final String NAMED =
            "SELECT h.run FROM perdure.run r JOIN perdure.head h ON h.run = r.no JOIN "
                    + KNOWN
                    + " ON k.workflow = r.workflow AND k.version = r.version AND k.grp = r.grp WHERE r.id = ANY (?) AND"
                    + " (r.status = 1 OR r.queue IS NULL AND (r.status = 0 OR r.status = 2 AND r.due <= ?)) ORDER BY"
                    + " h.run LIMIT ? FOR UPDATE OF h SKIP LOCKED";

    /// Runs of queues that were asked to cancel; the index inbox_cancel holds them alone.
    private static final String CANCELLED =
            "SELECT h.run FROM perdure.run r JOIN perdure.head h ON h.run = r.no JOIN "
                    + KNOWN
                    + " ON k.workflow = r.workflow AND k.version = r.version AND k.grp = r.grp WHERE r.no IN (SELECT"
                    + " i.run FROM perdure.inbox i WHERE i.consumed IS NULL AND i.kind = 'cancel') AND r.queue = ANY"
                    + " (?) AND (r.status = 0 OR r.status = 2 AND r.due <= ?)"
                    + FREE
                    + " ORDER BY h.run LIMIT ? FOR UPDATE OF h SKIP LOCKED";

    private static final String QUEUE_DUE =
            "SELECT h.run FROM perdure.run r JOIN perdure.head h ON h.run = r.no JOIN "
                    + KNOWN
                    + " ON k.workflow = r.workflow AND k.version = r.version AND k.grp = r.grp"
                    + " WHERE r.queue = ? AND r.status = 2 AND r.due <= ?"
                    + FREE
                    + " ORDER BY r.due LIMIT ? FOR UPDATE OF h SKIP LOCKED";

    private final Sql sql;
    private final String worker;

    ClaimRuns(Sql sql, String worker) {
        this.sql = sql;
        this.worker = worker;
    }

    List<RunRecord> claim(ClaimRequest request) throws SQLException {
        if (request.limit() < 1 || request.workflows().isEmpty()) {
            return List.of();
        }
        List<String> queues = queues(request);
        List<Long> claimed = new ArrayList<>();
        if (!queues.isEmpty()) {
            hold(cancelled(queues, request), request, false, claimed);
        }
        for (String queue : queues) {
            makeDueOnesPending(queue, request);
            pick(queue, request, request.forQueues(), claimed);
        }
        hold(candidates(request, request.limit() - claimed.size()), request, true, claimed);
        for (String queue : queues) {
            pick(queue, request, request.limit(), claimed);
        }
        return claimed.isEmpty() ? List.of() : Runs.inOrder(sql, claimed.toArray());
    }

    private List<String> queues(ClaimRequest request) throws SQLException {
        List<String> all = sql.all("SELECT name FROM perdure.queue ORDER BY name", row -> row.getString(1));
        all.removeIf(name -> request.only().isPresent() && !request.queues().contains(name));
        return request.inTurn(all);
    }

    private List<Long> cancelled(List<String> queues, ClaimRequest request) throws SQLException {
        return sql.all(
                CANCELLED,
                row -> row.getLong(1),
                names(request),
                versions(request),
                groups(request),
                sql.array("text", queues.toArray()),
                request.nowMillis(),
                request.limit());
    }

    /// A run of a queue that is due waits for a place in it. It is looked at again once it is locked.
    private void makeDueOnesPending(String queue, ClaimRequest request) throws SQLException {
        List<Long> due =
                sql.all(
                        QUEUE_DUE,
                        row -> row.getLong(1),
                        names(request),
                        versions(request),
                        groups(request),
                        queue,
                        request.nowMillis(),
                        request.limit());
        if (!due.isEmpty()) {
            sql.run(
                    "SELECT perdure.show(no, 0::smallint, '', null, 0) FROM perdure.run"
                            + " WHERE no = ANY (?) AND status = 2 AND due <= ?",
                    sql.array("int8", due.toArray()),
                    request.nowMillis());
        }
    }

    private void pick(String queue, ClaimRequest request, int limit, List<Long> claimed) throws SQLException {
        if (claimed.size() >= limit) {
            return;
        }
        List<Long> picked = new ArrayList<>();
        sql.first(
                        "SELECT perdure.pick(?, ?, ?, ?, ?, ?)",
                        row -> (Long[]) row.getArray(1).getArray(),
                        queue,
                        names(request),
                        versions(request),
                        groups(request),
                        limit - claimed.size(),
                        request.nowMillis())
                .ifPresent(runs -> picked.addAll(List.of(runs)));
        hold(picked, request, true, claimed);
    }

    /// @param begins whether those of queues begin, and count against rates
    private void hold(List<Long> candidates, ClaimRequest request, boolean begins, List<Long> claimed)
            throws SQLException {
        if (candidates.isEmpty()) {
            return;
        }
        List<Long> held = hold(candidates, true, begins, request.nowMillis());
        List<Long> inOrder = new ArrayList<>(candidates);
        inOrder.retainAll(held);
        claimed.addAll(inOrder);
    }

    private Array names(ClaimRequest request) throws SQLException {
        return sql.array("text", request.kinds().stream().map(Kind::workflow).toArray());
    }

    private Array versions(ClaimRequest request) throws SQLException {
        return sql.array("int4", request.kinds().stream().mapToInt(Kind::version).toArray());
    }

    private Array groups(ClaimRequest request) throws SQLException {
        return sql.array("text", request.kinds().stream().map(Kind::group).toArray());
    }

    /// See [dev.perdure.store.RunStore#take].
    Optional<RunRecord> take(RunId run) throws SQLException {
        List<Long> found =
                sql.all(
                        "SELECT h.run FROM perdure.run r JOIN perdure.head h ON h.run = r.no WHERE r.id = ?"
                                + " FOR UPDATE OF h",
                        row -> row.getLong(1),
                        run.value());
        return found.isEmpty() || hold(found, false, false, 0).isEmpty() ? Optional.empty() : Runs.find(sql, run);
    }

    private List<Long> hold(List<Long> runs, boolean toExecute, boolean begins, long nowMillis) throws SQLException {
        return sql.first(
                        "SELECT perdure.hold(?, ?, ?, ?, ?)",
                        row -> List.of((Long[]) row.getArray(1).getArray()),
                        sql.array("int8", runs.toArray()),
                        worker,
                        toExecute,
                        begins,
                        nowMillis)
                .orElse(List.of());
    }

    private List<Long> candidates(ClaimRequest request, int limit) throws SQLException {
        List<Long> found = new ArrayList<>();
        if (limit < 1) {
            return found;
        }
        Array names = names(request);
        Array versions = versions(request);
        Array groups = groups(request);
        long now = request.nowMillis();
        if (request.only().isPresent()) {
            Array only = sql.array("text", request.only().get().stream().map(RunId::value).toArray());
            found.addAll(sql.all(NAMED, row -> row.getLong(1), names, versions, groups, only, now, limit));
            if (!request.queues().isEmpty() && found.size() < limit) {
                Array queues = sql.array("text", request.queues().toArray());
                List<Long> expired =
                        sql.all(
                                EXPIRED,
                                row -> row.getLong(1),
                                names,
                                versions,
                                groups,
                                now,
                                queues,
                                queues,
                                limit - found.size());
                expired.removeAll(found);
                found.addAll(expired);
            }
            return found;
        }
        found.addAll(sql.all(PENDING, row -> row.getLong(1), names, versions, groups, limit, limit));
        if (found.size() < limit) {
            found.addAll(
                    sql.all(
                            EXPIRED,
                            row -> row.getLong(1),
                            names,
                            versions,
                            groups,
                            now,
                            null,
                            null,
                            limit - found.size()));
        }
        if (found.size() < limit) {
            int rest = limit - found.size();
            found.addAll(sql.all(DUE, row -> row.getLong(1), names, versions, groups, now, rest, rest));
        }
        return found;
    }
}
