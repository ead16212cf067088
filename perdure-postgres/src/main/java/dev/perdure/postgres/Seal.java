package dev.perdure.postgres;

import dev.perdure.journal.Digest;

import org.jspecify.annotations.Nullable;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Arrays;

/// The checksum over columns of a row, as the function `seal` of format-1.sql computes it. Here again because a
/// verification must not ask the functions of the place it verifies.
final class Seal {
    private static final int LENGTH = 8;
    private static final char SEPARATOR = 31;
    private static final char NULL = 30;

    private Seal() {}

    /// Whether `seal` is that of a row of `table`, whose other columns stand in `row` from `first` to `last`.
    static boolean matches(byte @Nullable [] seal, String table, ResultSet row, int first, int last)
            throws SQLException {
        StringBuilder text = new StringBuilder(table);
        for (int i = first; i <= last; i++) {
            String column = row.getString(i);
            text.append(SEPARATOR).append(column == null ? String.valueOf(NULL) : column);
        }
        MessageDigest sha = Digest.sha256();
        byte[] all = sha.digest(text.toString().getBytes(StandardCharsets.UTF_8));
        return Arrays.equals(seal, Arrays.copyOf(all, LENGTH));
    }
}
