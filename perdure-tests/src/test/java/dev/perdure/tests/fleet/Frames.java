package dev.perdure.tests.fleet;

import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/// Reads the messages of PostgreSQL's protocol, version 3
/// (https://www.postgresql.org/docs/current/protocol-message-formats.html): a byte that says which kind, a length that
/// counts itself, and what belongs to it. The first ones of a client have no kind.
final class Frames {
    static final char SYNC = 'S';
    static final char QUERY = 'Q';
    static final char TERMINATE = 'X';
    static final char READY = 'Z';
    static final char KEY = 'K';
    static final char NOTIFICATION = 'A';

    private static final int CANCEL = 80_877_102;
    private static final int TLS = 80_877_103;
    private static final int GSS = 80_877_104;
    private static final int LENGTH = 4;

    /// One message, with its kind and length.
    record Frame(char kind, byte[] bytes) {
        /// Whether the server acts upon it, and answers with [#READY].
        boolean ends() {
            return kind == SYNC || kind == QUERY;
        }

        /// Whether it belongs to what a new connection begins with, whoever uses it then.
        boolean greets() {
            String text = new String(bytes, StandardCharsets.ISO_8859_1);
            return text.contains("SET extra_float_digits")
                    || text.contains("SET application_name")
                    || text.contains("pg_backend_pid()");
        }

        /// The status of a transaction that [#READY] tells: `I` for none.
        char status() {
            return (char) bytes[bytes.length - 1];
        }
    }

    private final DataInputStream in;

    Frames(InputStream in) {
        this.in = new DataInputStream(in);
    }

    /// The message with which a client says who it is; it is told on the way that there is no encryption.
    ///
    /// @return null: it is gone, or wants to cancel something
    byte[] startup(OutputStream client) throws IOException {
        while (true) {
            byte[] message = rest(new byte[0]);
            if (message == null || message.length < 2 * LENGTH) {
                return null;
            }
            int code = ByteBuffer.wrap(message).getInt(LENGTH);
            if (code == TLS || code == GSS) {
                client.write('N');
                client.flush();
            } else {
                return code == CANCEL ? null : message;
            }
        }
    }

    /// The next message.
    ///
    /// @return null: there are no more
    Frame next() throws IOException {
        int kind = in.read();
        if (kind < 0) {
            return null;
        }
        byte[] bytes = rest(new byte[] {(byte) kind});
        return bytes == null ? null : new Frame((char) kind, bytes);
    }

    private byte[] rest(byte[] begun) throws IOException {
        try {
            int length = in.readInt();
            ByteBuffer message = ByteBuffer.allocate(begun.length + length);
            message.put(begun).putInt(length);
            in.readFully(message.array(), message.position(), length - LENGTH);
            return message.array();
        } catch (EOFException gone) {
            return null;
        }
    }

    /// What a server says whose log has no room: as PostgreSQL 18 does.
    static byte[] panic() {
        String fields = "SPANIC\0VPANIC\0C53100\0Mno space left\0Fxlog.c\0L1\0RXLogWrite\0\0";
        byte[] text = fields.getBytes(StandardCharsets.UTF_8);
        ByteBuffer message = ByteBuffer.allocate(1 + LENGTH + text.length);
        return message.put((byte) 'E').putInt(LENGTH + text.length).put(text).array();
    }

    /// A statement without parameters.
    static byte[] query(String sql) {
        byte[] text = sql.getBytes(StandardCharsets.UTF_8);
        ByteBuffer message = ByteBuffer.allocate(1 + LENGTH + text.length + 1);
        message.put((byte) QUERY).putInt(LENGTH + text.length + 1).put(text).put((byte) 0);
        return message.array();
    }
}
