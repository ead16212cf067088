package dev.perdure.postgres;

import dev.perdure.journal.RunId;
import dev.perdure.store.PrunedRun;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.sql.SQLException;
import java.util.LinkedHashMap;
import java.util.Map;

/// Writes what another store kept of pruned runs, in the caller's transaction.
final class ReceivePruned {
    private static final String RUN =
            """
            INSERT INTO perdure.pruned (no, id, workflow, status, entries, digest, ended, pruned, who, seal)
            SELECT n.*, perdure.seal('pruned', n.no::text, n.id, n.workflow, n.status::text, n.entries::text,
              encode(n.digest, 'hex'), n.ended::text, n.pruned::text, n.who)
            FROM (SELECT nextval('perdure.run_no') AS no, ?::text AS id, ?::text AS workflow, ?::smallint AS status,
              ?::bigint AS entries, ?::bytea AS digest, ?::bigint AS ended, ?::bigint AS pruned, ?::text AS who) n
            """;

    private static final String LINKS =
            """
            INSERT INTO perdure.link (run, first, links)
            SELECT p.no, coalesce((SELECT max(l.first + length(l.links) / 40) FROM perdure.link l WHERE l.run = p.no), 0),
              ?::bytea
            FROM perdure.pruned p WHERE p.id = ?
            """;

    private final Sql sql;
    private final Map<RunId, ByteArrayOutputStream> links = new LinkedHashMap<>();

    ReceivePruned(Sql sql) {
        this.sql = sql;
    }

    void add(PrunedRun run) throws SQLException {
        sql.update(
                RUN,
                run.id().value(),
                run.workflow(),
                StatusNumber.of(run.status()),
                run.entries(),
                run.headDigest().toBytes(),
                run.endedMillis(),
                run.prunedMillis(),
                run.by());
    }

    /// Gathers the link of an entry; see [#write].
    void link(RunId run, long pos, byte[] digest) {
        ByteArrayOutputStream of = links.computeIfAbsent(run, _ -> new ByteArrayOutputStream());
        of.writeBytes(ByteBuffer.allocate(Long.BYTES).putLong(pos).array());
        of.writeBytes(digest);
    }

    /// Writes the links gathered. False: they are of a run that is not among those pruned.
    boolean write() throws SQLException {
        for (Map.Entry<RunId, ByteArrayOutputStream> one : links.entrySet()) {
            if (sql.update(LINKS, one.getValue().toByteArray(), one.getKey().value()) != 1) {
                return false;
            }
        }
        return true;
    }
}
