package dev.perdure.journal;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/// Grows a byte array by the primitives of the journal's encoding: unsigned LEB128 integers, and strings and byte
/// arrays prefixed by their length.
final class WireWriter {
    private byte[] buffer = new byte[128];
    private int length;

    WireWriter u8(int value) {
        ensure(1);
        buffer[length++] = (byte) value;
        return this;
    }

    WireWriter varint(long value) {
        if (value < 0) {
            throw new IllegalArgumentException("negative integer in the journal's encoding: " + value);
        }
        ensure(10);
        long rest = value;
        while (rest >= 0x80) {
            buffer[length++] = (byte) (rest | 0x80);
            rest >>>= 7;
        }
        buffer[length++] = (byte) rest;
        return this;
    }

    WireWriter string(String value) {
        return bytes(value.getBytes(StandardCharsets.UTF_8));
    }

    WireWriter bytes(byte[] value) {
        varint(value.length);
        return raw(value);
    }

    WireWriter raw(byte[] value) {
        ensure(value.length);
        System.arraycopy(value, 0, buffer, length, value.length);
        length += value.length;
        return this;
    }

    WireWriter digest(Digest value) {
        ensure(Digest.LENGTH);
        value.copyTo(buffer, length);
        length += Digest.LENGTH;
        return this;
    }

    byte[] toBytes() {
        return Arrays.copyOf(buffer, length);
    }

    private void ensure(int more) {
        if (buffer.length - length < more) {
            buffer = Arrays.copyOf(buffer, Math.max(buffer.length * 2, length + more));
        }
    }
}
