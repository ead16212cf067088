package dev.perdure.cli;

import java.io.Closeable;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;

/// Stands before a server, and answers as that does while it starts: the first connections are refused with a SQLSTATE
/// each, later ones are passed on.
final class BusyServer implements Closeable {
    private static final int SSL_REQUEST = 80877103;

    private final ServerSocket listening = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    private final int server;
    private final Queue<String> refusals;

    BusyServer(int server, String... sqlStates) throws IOException {
        this.server = server;
        this.refusals = new ConcurrentLinkedQueue<>(java.util.List.of(sqlStates));
        Thread.ofPlatform().daemon().start(this::accept);
    }

    int port() {
        return listening.getLocalPort();
    }

    private void accept() {
        while (!listening.isClosed()) {
            try {
                Socket client = listening.accept();
                Thread.ofPlatform().daemon().start(() -> serve(client));
            } catch (IOException closed) {
                return;
            }
        }
    }

    private void serve(Socket client) {
        String state = refusals.poll();
        try (client;
                Socket to = state == null ? new Socket(InetAddress.getLoopbackAddress(), server) : new Socket()) {
            if (state != null) {
                refuse(client, state);
                return;
            }
            Thread.ofPlatform().daemon().start(() -> copy(to, client));
            copy(client, to);
        } catch (IOException gone) {
            // both are closed
        }
    }

    private static void copy(Socket from, Socket to) {
        try {
            from.getInputStream().transferTo(to.getOutputStream());
            to.shutdownOutput();
        } catch (IOException gone) {
            // the other direction closes both
        }
    }

    private static void refuse(Socket client, String state) throws IOException {
        DataInputStream in = new DataInputStream(client.getInputStream());
        OutputStream out = client.getOutputStream();
        int length = in.readInt();
        int code = in.readInt();
        if (code == SSL_REQUEST) {
            out.write('N');
            length = in.readInt();
            code = in.readInt();
        }
        in.skipNBytes(length - 8);
        byte[] fields = ("SFATAL\0VFATAL\0C" + state + "\0Mnot now\0\0").getBytes(StandardCharsets.US_ASCII);
        out.write(ByteBuffer.allocate(5 + fields.length).put((byte) 'E').putInt(4 + fields.length).put(fields).array());
        out.flush();
    }

    @Override
    public void close() throws IOException {
        listening.close();
    }
}
