package dev.perdure.sqlite;

import dev.perdure.journal.Digest;

import java.security.MessageDigest;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Optional;

/// Checks artifacts piece by piece, and that no piece is left over. Unfinished ones are left to the process that writes
/// them.
final class VerifyArtifacts {
    private final Sql sql;
    private final Findings findings;

    VerifyArtifacts(Sql sql, Findings findings) {
        this.sql = sql;
        this.findings = findings;
    }

    void verify() {
        findings.rows(
                "artifact",
                "SELECT no, digest, size, host, pid, process_start, seal FROM artifact WHERE no > ? ORDER BY no",
                0,
                this::check);
        findings.guard("artifact_piece", _ -> checkOwners());
    }

    private void check(ResultSet stored) throws SQLException {
        Artifacts.Row artifact = Artifacts.Row.read(stored);
        String where = "artifact row " + artifact.no();
        if (artifact.seal() != stored.getLong(7)) {
            findings.reportSeal(null, where);
        }
        byte[] digest = artifact.digest();
        if (digest == null) {
            return;
        }
        MessageDigest sha = Digest.sha256();
        long size = 0;
        for (long piece = 0; piece == 0 || size < artifact.size(); piece++) {
            Optional<byte[]> found = Artifacts.piece(sql, artifact.no(), piece);
            if (found.isEmpty()) {
                findings.report(null, where, "piece " + piece + " is missing");
                return;
            }
            byte[] bytes = found.get();
            sha.update(bytes);
            size += bytes.length;
            if (bytes.length < Artifacts.PIECE) {
                break;
            }
        }
        if (size != artifact.size() || !Digest.finish(sha).equals(Digest.of(digest))) {
            findings.report(
                    null,
                    where + " (" + Digest.of(digest).abbreviated() + ")",
                    "was changed after it was saved: its pieces do not match its digest and size");
        }
    }

    // A finished artifact has as many pieces as its size tells, numbered from 0.
    private boolean checkOwners() throws SQLException {
        sql.visit(
                """
                SELECT p.id FROM artifact_piece p LEFT JOIN artifact a ON a.no = p.id / ?1
                WHERE a.no IS NULL
                  OR (a.digest IS NOT NULL AND p.id % ?1 > 0 AND p.id % ?1 * ?2 >= a.size)\
                """,
                row -> {
                    findings.report(null, "artifact_piece row " + row.getLong(1), "belongs to no artifact");
                    return true;
                },
                Artifacts.MAX_PIECES,
                (long) Artifacts.PIECE);
        return true;
    }
}
