package dev.perdure.journal;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.HexFormat;

/// A SHA-256 digest (FIPS 180-4): 32 bytes, compared by value. Immutable and thread-safe.
public final class Digest {
    /// Length of a digest in bytes.
    public static final int LENGTH = 32;

    /// The parent of a journal's first entry: 32 zero bytes.
    public static final Digest ZERO = new Digest(new byte[LENGTH]);

    private static final VarHandle INT = MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.BIG_ENDIAN);

    private final byte[] bytes;

    private Digest(byte[] bytes) {
        this.bytes = bytes;
    }

    /// A digest from its 32 bytes, which are copied.
    public static Digest of(byte[] bytes) {
        if (bytes.length != LENGTH) {
            throw new IllegalArgumentException("a digest has 32 bytes, not " + bytes.length);
        }
        return new Digest(bytes.clone());
    }

    static Digest at(byte[] source, int offset) {
        return new Digest(Arrays.copyOfRange(source, offset, offset + LENGTH));
    }

    /// A digest from its 64 hexadecimal digits.
    public static Digest parse(String hex) {
        byte[] parsed = HexFormat.of().parseHex(hex);
        if (parsed.length != LENGTH) {
            throw new IllegalArgumentException("a digest has 64 hexadecimal digits, not " + hex.length());
        }
        return new Digest(parsed);
    }

    /// SHA-256 over the parts, one after the other. The caller makes the boundary between parts unambiguous.
    public static Digest over(byte[]... parts) {
        MessageDigest sha = sha256();
        for (byte[] part : parts) {
            sha.update(part);
        }
        return finish(sha);
    }

    /// A fresh SHA-256, for contents too large for one array.
    public static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError("every Java platform has SHA-256", e);
        }
    }

    /// Ends `sha` and wraps what it computed.
    public static Digest finish(MessageDigest sha) {
        return new Digest(sha.digest());
    }

    /// Its 32 bytes; a copy.
    public byte[] toBytes() {
        return bytes.clone();
    }

    void feed(MessageDigest sha) {
        sha.update(bytes);
    }

    void copyTo(byte[] target, int offset) {
        System.arraycopy(bytes, 0, target, offset, LENGTH);
    }

    /// The first 64 bits, for deriving deterministic random numbers.
    public long firstLong() {
        return ((long) (int) INT.get(bytes, 0) << 32) | ((int) INT.get(bytes, 4) & 0xffffffffL);
    }

    /// All 64 hexadecimal digits, in lower case.
    public String hex() {
        return HexFormat.of().formatHex(bytes);
    }

    /// The first twelve hexadecimal digits, as shown to people.
    public String abbreviated() {
        return hex().substring(0, 12);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Digest that && Arrays.equals(bytes, that.bytes);
    }

    @Override
    public int hashCode() {
        return (int) INT.get(bytes, 0);
    }

    @Override
    public String toString() {
        return hex();
    }
}
