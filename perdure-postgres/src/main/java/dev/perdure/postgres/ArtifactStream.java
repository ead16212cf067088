package dev.perdure.postgres;

import dev.perdure.error.PerdureException;
import dev.perdure.journal.Digest;

import java.io.IOException;
import java.io.InputStream;
import java.security.MessageDigest;
import java.util.Objects;
import java.util.Optional;

/// Reads an artifact piece by piece and checks it. The digest covers the whole, so a difference shows when the last
/// piece is read; nothing of that piece is handed out then. Not thread-safe, as is usual for streams.
final class ArtifactStream extends InputStream {
    private final Connections connections;
    private final Artifacts.Row artifact;
    private final Digest digest;
    private final MessageDigest sha = Digest.sha256();
    private byte[] piece = new byte[0];
    private int position;
    private int next;
    private long left;

    ArtifactStream(Connections connections, Artifacts.Row artifact, Digest digest) {
        this.connections = connections;
        this.artifact = artifact;
        this.digest = digest;
        this.left = artifact.size();
    }

    @Override
    public int read() throws IOException {
        return ready() ? piece[position++] & 0xff : -1;
    }

    @Override
    public int read(byte[] target, int offset, int length) throws IOException {
        Objects.checkFromIndexSize(offset, length, target.length);
        if (length == 0) {
            return 0;
        }
        if (!ready()) {
            return -1;
        }
        int count = Math.min(length, piece.length - position);
        System.arraycopy(piece, position, target, offset, count);
        position += count;
        return count;
    }

    @Override
    public int available() {
        return piece.length - position;
    }

    /// Whether there is a byte to hand out.
    private boolean ready() throws IOException {
        if (position < piece.length) {
            return true;
        }
        if (left == 0 && next > 0) {
            return false;
        }
        load();
        return position < piece.length;
    }

    private void load() throws IOException {
        byte[] loaded =
                stored().filter(bytes -> bytes.length == Math.min(left, Artifacts.PIECE))
                        .orElseThrow(() ->
                                new IOException(
                                        where() + ": piece " + next + " is missing or cut. Run `perdure verify`."));
        sha.update(loaded);
        left -= loaded.length;
        next++;
        if (left == 0 && !Digest.finish(sha).equals(digest)) {
            throw new IOException(where() + " was changed after it was saved. Run `perdure verify`.");
        }
        piece = loaded;
        position = 0;
    }

    private Optional<byte[]> stored() throws IOException {
        try {
            return connections.call("read an artifact", sql -> Artifacts.piece(sql, artifact.no(), next));
        } catch (PerdureException e) {
            throw new IOException(e.getMessage(), e);
        }
    }

    private String where() {
        return "artifact " + digest.abbreviated();
    }
}
