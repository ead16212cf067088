package dev.perdure.sqlite;

import dev.perdure.store.ClaimRequest;
import dev.perdure.store.ClaimRequest.Kind;
import dev.perdure.store.RunStatus;

import java.sql.SQLException;

/// Counts runs that may be claimed, by the indexes that claims go by, and no further than it is asked to.
final class CountClaimable {
    private static final String PENDING =
            "SELECT count(*) FROM (SELECT 1 FROM run WHERE workflow = ? AND version = ? AND grp = ? AND status = "
                    + StatusNumber.of(RunStatus.PENDING)
                    + " AND queue IS NULL LIMIT ?)";

    private static final String DUE =
            "SELECT count(*) FROM (SELECT 1 FROM run WHERE workflow = ? AND version = ? AND grp = ? AND status = "
                    + StatusNumber.WAITING
                    + " AND queue IS NULL AND due IS NOT NULL AND due <= ? LIMIT ?)";

    private static final String OF_THE_DEAD =
            "SELECT count(*) FROM (SELECT 1 FROM worker CROSS JOIN head ON head.holder = worker.no AND head.holder <> 0"
                    + " WHERE worker.lease_until <= ? LIMIT ?)";

    private CountClaimable() {}

    /// See [dev.perdure.store.RunStore#claimable].
    static int count(Sql sql, ClaimRequest request, int most) throws SQLException {
        long now = request.nowMillis();
        long count = sql.number(OF_THE_DEAD, now, most);
        for (Kind kind : request.kinds()) {
            count += sql.number(PENDING, kind.workflow(), kind.version(), kind.group(), most);
            count += sql.number(DUE, kind.workflow(), kind.version(), kind.group(), now, most);
        }
        return (int) Math.min(most, count);
    }
}
