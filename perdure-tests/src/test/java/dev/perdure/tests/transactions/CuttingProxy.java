package dev.perdure.tests.transactions;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.atomic.AtomicReference;

/// Stands in front of a server and cuts one connection, at the first message to it that contains a text: instead of
/// passing it on, or when the server has answered. Only connections that carry transactions of steps are cut.
final class CuttingProxy implements AutoCloseable {
    private record Cut(String text, boolean afterTheAnswer) {}

    private final ServerSocket door;
    private final int port;
    private final AtomicReference<Cut> cut = new AtomicReference<>();

    CuttingProxy(int port) throws IOException {
        this.port = port;
        this.door = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        Thread.ofPlatform().daemon().start(this::accept);
    }

    int port() {
        return door.getLocalPort();
    }

    /// Cuts the next connection that sends this.
    void cutAt(String text, boolean afterTheAnswer) {
        cut.set(new Cut(text, afterTheAnswer));
    }

    boolean hasCut() {
        return cut.get() == null;
    }

    private void accept() {
        try {
            while (true) {
                Socket client = door.accept();
                Socket server = new Socket(InetAddress.getLoopbackAddress(), port);
                client.setTcpNoDelay(true);
                server.setTcpNoDelay(true);
                AtomicReference<Boolean> mute = new AtomicReference<>(false);
                Thread.ofPlatform().daemon().start(() -> pass(client, server, true, mute));
                Thread.ofPlatform().daemon().start(() -> pass(server, client, false, mute));
            }
        } catch (IOException e) {
            // the test is over
        }
    }

    private void pass(Socket from, Socket to, boolean toServer, AtomicReference<Boolean> mute) {
        byte[] buffer = new byte[1 << 16];
        boolean transactions = false;
        try (from;
                to) {
            InputStream in = from.getInputStream();
            OutputStream out = to.getOutputStream();
            for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
                if (toServer) {
                    Cut wanted = cut.get();
                    String text = new String(buffer, 0, read, StandardCharsets.ISO_8859_1);
                    transactions |= text.contains("perdure.transaction");
                    if (wanted != null
                            && transactions
                            && text.contains(wanted.text())
                            && cut.compareAndSet(wanted, null)) {
                        if (!wanted.afterTheAnswer()) {
                            return;
                        }
                        mute.set(true);
                    }
                } else if (mute.get()) {
                    return; // the server has answered
                }
                out.write(buffer, 0, read);
                out.flush();
            }
        } catch (IOException e) {
            // one side has ended it
        }
    }

    @Override
    public void close() throws IOException {
        door.close();
    }
}
