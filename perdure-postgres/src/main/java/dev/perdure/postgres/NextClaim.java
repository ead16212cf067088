package dev.perdure.postgres;

import dev.perdure.journal.RunId;
import dev.perdure.store.ClaimRequest;
import dev.perdure.store.ClaimRequest.Kind;

import java.sql.SQLException;
import java.util.List;

/// When there may be something to claim: one statement where a claim needs several, so that an idle worker asks it once
/// after each change. It takes the first entry of an index for each workflow, however many runs wait.
///
/// 0 stands for now: a run that is pending, whatever its queue's limits say of it, or held by a worker whose lease is
/// over. Otherwise it is the time of the first timer, or the end of the first lease of another worker with runs.
final class NextClaim {
    private static final String KNOWN = "unnest(?::text[], ?::integer[], ?::text[]) AS k(workflow, version, grp)";

    // LATERAL with LIMIT: one search of an index for each, whatever the statistics of tables that have just been filled
    // say. A join would be free to look at all rows instead.
    private static final String ANY =
            """
            WITH k AS MATERIALIZED (SELECT * FROM KNOWN)
            SELECT least(
              (SELECT 0::bigint FROM k CROSS JOIN LATERAL (SELECT FROM perdure.run r WHERE r.workflow = k.workflow
                AND r.version = k.version AND r.grp = k.grp AND r.status = 0 AND r.queue IS NULL LIMIT 1) p LIMIT 1),
              (SELECT 0::bigint FROM perdure.queue q CROSS JOIN k CROSS JOIN LATERAL (SELECT FROM perdure.run r
                WHERE r.queue = q.name AND r.workflow = k.workflow AND r.version = k.version AND r.grp = k.grp
                  AND r.status = 0 AND r.begun IS NULL LIMIT 1) p LIMIT 1),
              (SELECT 0::bigint FROM perdure.queue q CROSS JOIN k CROSS JOIN LATERAL (SELECT FROM perdure.run r
                WHERE r.queue = q.name AND r.workflow = k.workflow AND r.version = k.version AND r.grp = k.grp
                  AND r.status = 0 AND r.begun IS NOT NULL LIMIT 1) p LIMIT 1),
              (SELECT min(d.due) FROM k CROSS JOIN LATERAL (SELECT r.due FROM perdure.run r
                WHERE r.workflow = k.workflow
                AND r.version = k.version AND r.grp = k.grp AND r.status = 2 AND r.due IS NOT NULL AND r.queue IS NULL
                ORDER BY r.due LIMIT 1) d),
              (SELECT min(d.due) FROM k CROSS JOIN perdure.queue q CROSS JOIN LATERAL (SELECT r.due FROM perdure.run r
                WHERE r.queue = q.name AND r.workflow = k.workflow AND r.version = k.version
                  AND r.grp = k.grp AND r.status = 2
                  AND r.due IS NOT NULL AND r.queue IS NOT NULL ORDER BY r.due LIMIT 1) d),
              EXPIRY)
            """;

    private static final String ONLY =
            """
            WITH k AS MATERIALIZED (SELECT * FROM KNOWN)
            SELECT least(
              (SELECT min(CASE r.status WHEN 2 THEN r.due ELSE 0 END)
                FROM perdure.run r JOIN k ON k.workflow = r.workflow AND k.version = r.version AND k.grp = r.grp
                WHERE r.id = ANY (?::text[]) AND r.queue IS NULL AND (r.status = 0 OR r.status = 2
                  AND r.due IS NOT NULL)),
              (SELECT 0::bigint FROM k, unnest(?::text[]) AS q(name) WHERE EXISTS (SELECT FROM perdure.run r
                  WHERE r.queue = q.name AND r.workflow = k.workflow AND r.version = k.version
                    AND r.grp = k.grp AND r.status = 0) LIMIT 1),
              (SELECT min(r.due) FROM perdure.run r JOIN k ON k.workflow = r.workflow
                AND k.version = r.version AND k.grp = r.grp
                WHERE r.queue = ANY (?::text[]) AND r.status = 2 AND r.due IS NOT NULL AND r.queue IS NOT NULL),
              EXPIRY)
            """;

    // A lease that is over matters only if one of its runs could be executed here.
    private static final String EXPIRY =
            """
              (SELECT min(w.lease_until) FROM perdure.worker w
                CROSS JOIN LATERAL (SELECT FROM perdure.head h WHERE h.holder = w.id LIMIT 1) h
                WHERE w.id <> ? AND w.lease_until > perdure.clock()),
              (SELECT 0::bigint FROM perdure.worker w
                CROSS JOIN LATERAL (SELECT h.run FROM perdure.head h WHERE h.holder = w.id OFFSET 0) h
                CROSS JOIN LATERAL (SELECT * FROM perdure.run r WHERE r.no = h.run OFFSET 0) r
                JOIN k ON k.workflow = r.workflow AND k.version = r.version AND k.grp = r.grp
                WHERE w.id <> ? AND w.lease_until <= perdure.clock()
                  AND (r.status = 1 OR r.status = 2 AND r.due <= ?) LIMIT 1)
            """;

    private static final String COUNT =
            """
            SELECT count(*) FROM (
              SELECT FROM KNOWN CROSS JOIN LATERAL (SELECT FROM perdure.run r WHERE r.workflow = k.workflow
                AND r.version = k.version AND r.grp = k.grp AND r.status = 0 AND r.queue IS NULL LIMIT ?) p
              UNION ALL
              SELECT FROM KNOWN CROSS JOIN LATERAL (SELECT FROM perdure.run r WHERE r.workflow = k.workflow
                AND r.version = k.version AND r.grp = k.grp AND r.status = 2 AND r.due <= ? AND r.queue IS NULL LIMIT ?) d
              UNION ALL
              SELECT FROM perdure.worker w CROSS JOIN LATERAL
                (SELECT FROM perdure.head h WHERE h.holder = w.id LIMIT ?) h WHERE w.lease_until <= perdure.clock()
              LIMIT ?) c
            """;

    private static final long NEVER = Long.MAX_VALUE;

    private NextClaim() {}

    /// See [dev.perdure.store.RunStore#claimableAtMillis].
    static long millis(Sql sql, ClaimRequest request) throws SQLException {
        List<Kind> kinds = request.kinds();
        Object names = sql.array("text", kinds.stream().map(Kind::workflow).toArray());
        Object versions = sql.array("int4", kinds.stream().mapToInt(Kind::version).toArray());
        Object groups = sql.array("text", kinds.stream().map(Kind::group).toArray());
        String mine = request.worker();
        if (request.only().isEmpty()) {
            return first(sql, ANY, names, versions, groups, mine, mine, request.nowMillis());
        }
        Object only = sql.array("text", request.only().get().stream().map(RunId::value).toArray());
        Object queues = sql.array("text", request.queues().toArray());
        return first(sql, ONLY, names, versions, groups, only, queues, queues, mine, mine, request.nowMillis());
    }

    /// See [dev.perdure.store.RunStore#claimable].
    static int count(Sql sql, ClaimRequest request, int most) throws SQLException {
        List<Kind> kinds = request.kinds();
        Object names = sql.array("text", kinds.stream().map(Kind::workflow).toArray());
        Object versions = sql.array("int4", kinds.stream().mapToInt(Kind::version).toArray());
        Object groups = sql.array("text", kinds.stream().map(Kind::group).toArray());
        long now = request.nowMillis();
        return (int) first(sql, COUNT, names, versions, groups, most, names, versions, groups, now, most, most, most);
    }

    private static long first(Sql sql, String text, Object... values) throws SQLException {
        String whole = text.replace("KNOWN", KNOWN).replace("EXPIRY", EXPIRY);
        Long at = sql.first(whole, row -> row.getObject(1) == null ? NEVER : row.getLong(1), values).orElse(NEVER);
        return at;
    }
}
