package dev.perdure.journal;

import dev.perdure.error.CorruptedException;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/// Reads what [WireWriter] wrote. Every read is bounded by the array, so damaged bytes end in a [CorruptedException]
/// and never in a huge allocation.
final class WireReader {
    private final byte[] buffer;
    private int position;

    WireReader(byte[] buffer) {
        this.buffer = buffer;
    }

    int u8() {
        need(1);
        return buffer[position++] & 0xff;
    }

    long varint() {
        long value = 0;
        for (int shift = 0; shift < 63; shift += 7) {
            int next = u8();
            value |= (long) (next & 0x7f) << shift;
            if (next < 0x80) {
                if (next == 0 && shift > 0) {
                    throw damaged("an integer written with more bytes than it needs");
                }
                return value;
            }
        }
        throw damaged("an integer of more than 63 bits");
    }

    int length() {
        long value = varint();
        if (value > buffer.length - position) {
            throw damaged("a length of " + value + " where " + (buffer.length - position) + " bytes are left");
        }
        return (int) value;
    }

    int smallInt() {
        long value = varint();
        if (value > Integer.MAX_VALUE) {
            throw damaged("an integer of more than 31 bits");
        }
        return (int) value;
    }

    String string() {
        int size = length();
        String value = new String(buffer, position, size, StandardCharsets.UTF_8);
        position += size;
        return value;
    }

    byte[] bytes() {
        return raw(length());
    }

    byte[] raw(int size) {
        need(size);
        byte[] value = Arrays.copyOfRange(buffer, position, position + size);
        position += size;
        return value;
    }

    Digest digest() {
        need(Digest.LENGTH);
        Digest value = Digest.at(buffer, position);
        position += Digest.LENGTH;
        return value;
    }

    void end() {
        if (position != buffer.length) {
            throw damaged((buffer.length - position) + " bytes too many");
        }
    }

    private void need(int size) {
        if (size > buffer.length - position) {
            throw damaged("an end after " + buffer.length + " bytes where more were expected");
        }
    }

    private static CorruptedException damaged(String what) {
        return new CorruptedException("damaged encoding: " + what + ". Run `perdure verify`.");
    }
}
