package dev.perdure.sqlite;

import dev.perdure.error.InvalidInputException;
import dev.perdure.journal.Digest;
import dev.perdure.store.ArtifactRecord;

import java.io.IOException;
import java.io.InputStream;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.Optional;

/// Saves one artifact, piece by piece, each in a transaction of its own: steps go on between them, and the heap holds
/// one piece at a time. Until its digest is known the artifact is unfinished; if the process dies, whoever opens the
/// store next removes it.
final class SaveArtifact {
    private final Writer writer;
    private final Readers readers;
    private final MessageDigest sha = Digest.sha256();

    SaveArtifact(Writer writer, Readers readers) {
        this.writer = writer;
        this.readers = readers;
    }

    ArtifactRecord save(InputStream content) {
        byte[] first = next(content);
        return first.length < Artifacts.PIECE ? saveSmall(first) : saveLarge(first, content);
    }

    private ArtifactRecord saveSmall(byte[] bytes) {
        Digest digest = Digest.over(bytes);
        Optional<ArtifactRecord> known = known(digest);
        return known.orElseGet(() ->
                writer.change(
                        "save an artifact",
                        bytes.length,
                        sql -> {
                            if (Artifacts.find(sql, digest).isEmpty()) {
                                Artifacts.Row begun = Artifacts.begin(sql, ThisProcess.find());
                                Artifacts.addPiece(sql, begun.no(), 0, bytes);
                                Artifacts.complete(sql, begun, digest, bytes.length);
                            }
                            return new ArtifactRecord(digest, bytes.length);
                        }));
    }

    private ArtifactRecord saveLarge(byte[] first, InputStream content) {
        Artifacts.Row begun = writer.change("save an artifact", sql -> Artifacts.begin(sql, ThisProcess.find()));
        boolean kept = false;
        try {
            long size = 0;
            long count = 0;
            byte[] piece = first;
            while (piece.length > 0) {
                sha.update(piece);
                add(begun.no(), count++, piece);
                size += piece.length;
                piece = piece.length < Artifacts.PIECE ? new byte[0] : next(content);
            }
            Digest digest = Digest.finish(sha);
            long total = size;
            kept =
                    writer.change(
                            "save an artifact",
                            sql -> {
                                boolean isNew = Artifacts.find(sql, digest).isEmpty();
                                if (isNew) {
                                    Artifacts.complete(sql, begun, digest, total);
                                }
                                return isNew;
                            });
            return new ArtifactRecord(digest, size);
        } finally {
            if (!kept) {
                Artifacts.remove(writer, begun.no());
            }
        }
    }

    private void add(long artifact, long number, byte[] piece) {
        if (number >= Artifacts.MAX_PIECES) {
            throw new InvalidInputException(
                    "an artifact has at most "
                            + Artifacts.MAX_PIECES * Artifacts.PIECE
                            + " bytes. Nothing was stored. Divide it.");
        }
        writer.change(
                "save an artifact",
                piece.length,
                sql -> {
                    Artifacts.addPiece(sql, artifact, number, piece);
                    return true;
                });
    }

    private Optional<ArtifactRecord> known(Digest digest) {
        return readers.read("look for an artifact", sql -> Artifacts.find(sql, digest))
                .map(row -> new ArtifactRecord(digest, row.size()));
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
