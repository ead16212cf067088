package dev.perdure.journal;

import dev.perdure.error.CorruptedException;

import java.util.Arrays;
import java.util.zip.DataFormatException;
import java.util.zip.Deflater;
import java.util.zip.Inflater;

/// The smallest piece of a payload: bytes as they are stored, and how to read them.
///
/// The digest of a leaf is taken over the stored bytes, so a leaf whose bytes were erased leaves everything that names
/// its digest verifiable. Treat the array as immutable.
///
/// @param codec how the bytes are encoded: [#RAW] or [#DEFLATE] (RFC 1951)
/// @param rawLength length of the plain text in bytes
/// @param bytes the stored bytes
@SuppressWarnings("ArrayRecordComponent") // compared by digest, never by equals
public record Leaf(int codec, int rawLength, byte[] bytes) {
    /// The bytes are the plain text.
    public static final int RAW = 0;

    /// The bytes are the plain text, deflated.
    public static final int DEFLATE = 1;

    private static final int COMPRESS_FROM = 1_024;

    /// @throws dev.perdure.error.CorruptedException if the codec is unknown
    public Leaf {
        if (codec != RAW && codec != DEFLATE) {
            throw new CorruptedException(
                    "unknown codec "
                            + codec
                            + " of a payload: it was written by a newer version of Perdure, or is damaged. Upgrade, or"
                            + " run `perdure verify`.");
        }
    }

    static Leaf raw(byte[] text) {
        return new Leaf(RAW, text.length, text);
    }

    /// A leaf for `text`, deflated where that saves at least a tenth.
    static Leaf compressed(byte[] text) {
        if (text.length < COMPRESS_FROM) {
            return raw(text);
        }
        byte[] target = new byte[text.length - text.length / 10];
        try (Deflater deflater = new Deflater(Deflater.BEST_SPEED, true)) {
            deflater.setInput(text);
            deflater.finish();
            int size = deflater.deflate(target);
            return deflater.finished() ? new Leaf(DEFLATE, text.length, Arrays.copyOf(target, size)) : raw(text);
        }
    }

    /// The plain text.
    public byte[] text() {
        if (codec == RAW) {
            return bytes;
        }
        if ((long) bytes.length * 1_100 < rawLength) { // deflate cannot expand by more than about 1,032
            throw new CorruptedException(
                    "a payload of "
                            + bytes.length
                            + " deflated bytes claims "
                            + rawLength
                            + " plain ones. Run `perdure verify`.");
        }
        byte[] text = new byte[rawLength];
        try (Inflater inflater = new Inflater(true)) {
            inflater.setInput(bytes);
            int size = inflater.inflate(text);
            if (size != rawLength) {
                throw new CorruptedException(
                        "a deflated payload ends after " + size + " of " + rawLength + " bytes. Run `perdure verify`.");
            }
            return text;
        } catch (DataFormatException e) {
            throw new CorruptedException("a deflated payload cannot be read. Run `perdure verify`.", e);
        }
    }

    /// SHA-256 over the encoded leaf, by which payloads name it.
    public Digest digest() {
        return codec == RAW ? PayloadDigests.rawLeaf(bytes) : PayloadDigests.encodedLeaf(codec, rawLength, bytes);
    }
}
