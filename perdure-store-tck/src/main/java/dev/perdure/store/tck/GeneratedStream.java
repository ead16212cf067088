package dev.perdure.store.tck;

import dev.perdure.journal.Digest;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.SplittableRandom;

/// A stream of deterministic bytes that never stand in one array; it may be made to fail on the way.
///
/// It hands out short reads, as networks do.
final class GeneratedStream extends InputStream {
    private static final int SHORT_READ = 10_007;

    private final SplittableRandom random;
    private final long seed;
    private final long size;
    private long failAt = Long.MAX_VALUE;
    private long position;

    GeneratedStream(long seed, long size) {
        this.seed = seed;
        this.size = size;
        this.random = new SplittableRandom(seed);
    }

    GeneratedStream failingAt(long failingPosition) {
        failAt = failingPosition;
        return this;
    }

    /// The digest of what a fresh stream like this one gives.
    Digest digest() {
        try (InputStream fresh = new GeneratedStream(seed, size)) {
            var sha = Digest.sha256();
            byte[] piece = new byte[8_192];
            for (int n = fresh.read(piece); n >= 0; n = fresh.read(piece)) {
                sha.update(piece, 0, n);
            }
            return Digest.finish(sha);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public int read() throws IOException {
        if (position >= failAt) {
            throw new IOException("the stream broke at " + position);
        }
        if (position >= size) {
            return -1;
        }
        position++;
        return random.nextInt(256);
    }

    @Override
    public int read(byte[] target, int offset, int length) throws IOException {
        int read = 0;
        while (read < Math.min(length, SHORT_READ)) {
            if (read > 0 && position >= failAt) {
                return read;
            }
            int next = read();
            if (next < 0) {
                return read == 0 ? -1 : read;
            }
            target[offset + read++] = (byte) next;
        }
        return read;
    }
}
