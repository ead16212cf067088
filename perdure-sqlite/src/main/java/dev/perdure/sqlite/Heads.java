package dev.perdure.sqlite;

import dev.perdure.journal.RunId;

import org.jspecify.annotations.Nullable;

import java.sql.SQLException;
import java.util.LinkedHashMap;
import java.util.Map;

/// The heads of the runs this process appended to last, so that an append needs no query.
///
/// They are only assumed: the statement that moves a head on compares it with the stored one, so another process'
/// writes cost a second attempt and nothing else. Guarded by the writer's lock.
final class Heads {
    private static final int MAX = 16_384;

    private final Map<RunId, Head> assumed =
            new LinkedHashMap<>(256, 0.75f, true) {
                private static final long serialVersionUID = 1L;

                @Override
                protected boolean removeEldestEntry(Map.Entry<RunId, Head> eldest) {
                    return size() > MAX;
                }
            };

    @Nullable Head assumed(RunId run) {
        return assumed.get(run);
    }

    void assume(RunId run, Head head) {
        assumed.put(run, head);
    }

    void forget(RunId run) {
        assumed.remove(run);
    }

    void forgetAll() {
        assumed.clear();
    }

    /// The stored head of a run; null if there is no such run.
    static @Nullable Head load(Sql sql, RunId run) throws SQLException {
        return sql.first(
                        "SELECT head.run, branch, seq, entry, digest, epoch, holder, idle, clean, updated, head.seal"
                                + " FROM run JOIN head ON head.run = run.no WHERE run.id = ?",
                        Head::checked,
                        run.value())
                .orElse(null);
    }
}
