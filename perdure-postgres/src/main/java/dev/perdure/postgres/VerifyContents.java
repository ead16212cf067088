package dev.perdure.postgres;

import dev.perdure.journal.Digest;
import dev.perdure.journal.Leaf;

import java.security.MessageDigest;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Optional;

/// Checks what lies outside the entries: shared leaves by their digests; artifacts piece by piece, and that no piece is
/// left over. Unfinished artifacts are left to the process that writes them.
final class VerifyContents {
    private static final String LEFT_OVER =
            """
            SELECT p.artifact, p.piece FROM perdure.artifact_piece p LEFT JOIN perdure.artifact a ON a.no = p.artifact
            WHERE a.no IS NULL OR a.digest IS NOT NULL AND p.piece > 0 AND p.piece::bigint * %d >= a.size OR p.piece < 0
            """
                    .formatted(Artifacts.PIECE);

    private final Sql sql;
    private final Findings findings;

    VerifyContents(Sql sql, Findings findings) {
        this.sql = sql;
        this.findings = findings;
    }

    void verify() {
        findings.rows(
                "shared",
                "SELECT encode(digest, 'hex'), digest, codec, raw_length, bytes FROM perdure.shared",
                0,
                this::checkShared);
        findings.rows(
                "artifact",
                "SELECT no, encode(digest, 'hex'), size, touched, seal, digest FROM perdure.artifact ORDER BY no",
                0,
                this::checkArtifact);
        findings.rows(
                "artifact_piece",
                LEFT_OVER,
                0,
                row ->
                        findings.report(
                                null,
                                "artifact_piece row " + row.getLong(1) + ", " + row.getLong(2),
                                "belongs to no artifact"));
    }

    private void checkShared(ResultSet row) throws SQLException {
        Digest digest = Digest.of(Sql.bytes(row, 2));
        Leaf leaf = new Leaf(row.getInt(3), row.getInt(4), Sql.bytes(row, 5));
        if (!leaf.digest().equals(digest) || leaf.text().length != leaf.rawLength()) {
            findings.report(
                    null,
                    "shared row of payload " + digest.abbreviated(),
                    "was changed after it was written: its bytes do not match its digest");
        }
    }

    private void checkArtifact(ResultSet row) throws SQLException {
        long no = row.getLong(1);
        String where = "artifact row " + no;
        if (!Seal.matches(row.getBytes(5), "artifact", row, 1, 4)) {
            findings.reportSeal(null, where);
        }
        byte[] stored = row.getBytes(6);
        if (stored == null) {
            return;
        }
        Digest digest = Digest.of(stored);
        long size = row.getLong(3);
        MessageDigest sha = Digest.sha256();
        long found = 0;
        for (int piece = 0; piece == 0 || found < size; piece++) {
            Optional<byte[]> bytes = Artifacts.piece(sql, no, piece);
            if (bytes.isEmpty()) {
                findings.report(null, where, "piece " + piece + " is missing");
                return;
            }
            sha.update(bytes.get());
            found += bytes.get().length;
            if (bytes.get().length < Artifacts.PIECE) {
                break;
            }
        }
        if (found != size || !Digest.finish(sha).equals(digest)) {
            findings.report(
                    null,
                    where + " (" + digest.abbreviated() + ")",
                    "was changed after it was saved: its pieces do not match its digest and size");
        }
    }
}
