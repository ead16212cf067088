package dev.perdure.postgres;

import dev.perdure.error.InvalidInputException;
import dev.perdure.journal.Digest;
import dev.perdure.store.ArtifactRecord;

import java.io.IOException;
import java.io.InputStream;
import java.security.MessageDigest;
import java.sql.SQLException;
import java.util.Arrays;
import java.util.Optional;

/// Saves one artifact, piece by piece, each in a transaction of its own, so that the heap holds one piece at a time.
/// Until its digest is known the artifact is unfinished; if the process dies, whoever opens the store an hour later
/// removes it.
final class SaveArtifact {
    private static final String ACT = "save an artifact";

    private final Connections connections;
    private final MessageDigest sha = Digest.sha256();

    SaveArtifact(Connections connections) {
        this.connections = connections;
    }

    ArtifactRecord save(InputStream content) {
        byte[] first = next(content);
        if (first.length < Artifacts.PIECE) {
            Digest digest = Digest.over(first);
            if (isKnown(digest)) {
                return new ArtifactRecord(digest, first.length);
            }
        }
        long artifact = connections.call(ACT, Artifacts::begin);
        boolean kept = false;
        try {
            long size = 0;
            int count = 0;
            byte[] piece = first;
            do {
                sha.update(piece);
                add(artifact, count++, piece);
                size += piece.length;
                piece = piece.length < Artifacts.PIECE ? new byte[0] : next(content);
            } while (piece.length > 0);
            Digest digest = Digest.finish(sha);
            kept = complete(artifact, digest, size);
            return new ArtifactRecord(digest, size);
        } finally {
            if (!kept) {
                Artifacts.remove(connections, artifact);
            }
        }
    }

    private void add(long artifact, int number, byte[] piece) {
        if (number >= Artifacts.MAX_PIECES) {
            throw new InvalidInputException(
                    "an artifact has at most "
                            + (long) Artifacts.MAX_PIECES * Artifacts.PIECE
                            + " bytes. Nothing was stored. Divide it.");
        }
        connections.call(
                ACT,
                sql -> {
                    Artifacts.addPiece(sql, artifact, number, piece);
                    return true;
                });
    }

    /// False: another process has saved the same content meanwhile.
    private boolean complete(long artifact, Digest digest, long size) {
        return connections.call(
                ACT,
                sql -> {
                    try {
                        Artifacts.complete(sql, artifact, digest, size);
                        return true;
                    } catch (SQLException e) {
                        if (Failures.isDuplicate(e)) {
                            return false;
                        }
                        throw e;
                    }
                });
    }

    private boolean isKnown(Digest digest) {
        Optional<Artifacts.Row> known = connections.call(ACT, sql -> Artifacts.find(sql, digest));
        return known.isPresent();
    }

    private static byte[] next(InputStream content) {
        try {
            byte[] piece = new byte[Artifacts.PIECE];
            int length = content.readNBytes(piece, 0, piece.length);
            return length == piece.length ? piece : Arrays.copyOf(piece, length);
        } catch (IOException e) {
            throw new InvalidInputException(
                    "the content of an artifact could not be read to its end. Nothing was stored. Save it again.", e);
        }
    }
}
