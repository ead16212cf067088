package dev.perdure.sqlite;

import dev.perdure.journal.Digest;

import org.jspecify.annotations.Nullable;

import java.nio.charset.StandardCharsets;
import java.util.zip.CRC32C;

/// The checksum of a row that changes: the CRC-32C (RFC 3720) over a letter for its table and all its other columns.
///
/// It reveals damage, not malice: what must withstand malice is covered by SHA-256. Every value is preceded by its
/// length, so that no two rows feed the same bytes. Not thread-safe.
final class Seal {
    private final CRC32C crc = new CRC32C();
    private final byte[] word = new byte[8];

    Seal(char table) {
        crc.update(table);
    }

    Seal with(long value) {
        for (int i = 0; i < 8; i++) {
            word[i] = (byte) (value >>> (8 * i));
        }
        crc.update(word);
        return this;
    }

    Seal with(@Nullable Long value) {
        return value == null ? with(-1L) : with(1L).with(value.longValue());
    }

    Seal with(@Nullable String value) {
        return value == null ? with(-1L) : with(value.getBytes(StandardCharsets.UTF_8));
    }

    Seal with(byte @Nullable [] value) {
        if (value == null) {
            return with(-1L);
        }
        with((long) value.length);
        crc.update(value);
        return this;
    }

    Seal with(Digest value) {
        return with(value.toBytes());
    }

    long value() {
        return crc.getValue();
    }
}
