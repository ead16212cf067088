package dev.perdure.tests.fleet;

import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicReference;

/// Stands between a store and its server, and does to the connections what networks do: cuts them at a chosen point of
/// a chosen statement, holds back what was sent, lets nobody in. Thread-safe.
final class Proxy implements AutoCloseable {
    /// Where a connection is cut.
    enum Point {
        /// The server gets nothing of the statement.
        BEFORE,
        /// The server gets the statement, but not the message that lets it act and commit.
        HALF,
        /// The server gets the statement; what it answers is not waited for.
        SENT,
        /// The server has answered, and the answer is lost.
        ANSWERED,
        /// As before, and instead of the answer comes what a server says that cannot write its log any more: it panics,
        /// although the commit may be in the log already.
        PANICKED
    }

    /// @param statement the how manieth from now on, over all connections, from 0
    record Cut(int statement, Point point) {}

    private final int server;
    private final int port;
    private final Set<Link> links = ConcurrentHashMap.newKeySet();
    private final AtomicReference<Cut> cut = new AtomicReference<>();
    private final Object gate = new Object();
    private int statements;
    private boolean held;
    private volatile boolean deaf;
    private ServerSocket listening;

    Proxy(int serverPort) {
        this.server = serverPort;
        this.listening = listen(0);
        this.port = listening.getLocalPort();
    }

    /// A URL of the server, by way of this proxy.
    String through(String url) {
        String direct = ":" + server + "/";
        if (!url.contains(direct)) {
            throw new IllegalArgumentException("the URL is of another server");
        }
        return url.replace(direct, ":" + port + "/");
    }

    private ServerSocket listen(int at) {
        try {
            ServerSocket socket = new ServerSocket();
            socket.setReuseAddress(true);
            socket.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), at));
            Thread.ofPlatform().daemon().name("proxy").start(() -> accept(socket));
            return socket;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void accept(ServerSocket socket) {
        while (!socket.isClosed()) {
            try {
                Socket client = socket.accept();
                Thread.ofPlatform().daemon().name("proxy link").start(() -> serve(client));
            } catch (IOException closed) {
                return;
            }
        }
    }

    private void serve(Socket client) {
        try (client;
                Socket toServer = new Socket(InetAddress.getLoopbackAddress(), server)) {
            client.setTcpNoDelay(true);
            toServer.setTcpNoDelay(true);
            Link link = new Link(client, toServer);
            links.add(link);
            try {
                link.run();
            } finally {
                links.remove(link);
            }
        } catch (IOException gone) {
            // both ends are closed now
        }
    }

    // What is done to the connections

    /// Cuts one connection, once.
    void cut(Cut at) {
        synchronized (gate) {
            statements = 0;
            cut.set(at);
        }
    }

    /// Cuts nothing from here on.
    ///
    /// @return how many statements came since [#cut] or [#count]
    int count() {
        synchronized (gate) {
            cut.set(null);
            int before = statements;
            statements = 0;
            return before;
        }
    }

    /// Cuts all connections that are open.
    void cutAll() {
        links.forEach(Link::cut);
    }

    /// From now on the server is sent nothing; or everything again, first of all what was held back.
    void hold(boolean on) {
        synchronized (gate) {
            held = on;
            gate.notifyAll();
        }
    }

    /// Drops notifications from now on, as a pooler in transaction mode does.
    void dropNotifications() {
        deaf = true;
    }

    /// Refuses connections and cuts those there are.
    void refuse() throws IOException {
        listening.close();
        cutAll();
    }

    /// Lets connections in again.
    void admit() {
        listening = listen(port);
    }

    @Override
    public void close() throws IOException {
        refuse();
        hold(false);
    }

    /// The point at which the statement that begins now is to be cut.
    private Point begin() {
        synchronized (gate) {
            Cut next = cut.get();
            boolean now = next != null && next.statement() == statements;
            statements++;
            return now && cut.compareAndSet(next, null) ? next.point() : null;
        }
    }

    private void awaitFlow() throws IOException {
        synchronized (gate) {
            while (held) {
                try {
                    gate.wait();
                } catch (InterruptedException e) {
                    throw new IOException(e);
                }
            }
        }
    }

    /// One client's connection.
    private final class Link {
        private final Socket client;
        private final Socket toServer;
        private volatile boolean swallowing;
        private volatile boolean panicking;

        private Link(Socket client, Socket toServer) {
            this.client = client;
            this.toServer = toServer;
        }

        private void run() throws IOException {
            Frames fromClient = new Frames(client.getInputStream());
            byte[] startup = fromClient.startup(client.getOutputStream());
            if (startup == null) {
                return;
            }
            toServer.getOutputStream().write(startup);
            Thread answers = Thread.ofPlatform().daemon().name("proxy answers").start(this::answers);
            try {
                requests(fromClient, toServer.getOutputStream());
                toServer.shutdownOutput(); // what it got before this it still reads
                answers.join();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }

        private void requests(Frames fromClient, OutputStream out) throws IOException {
            Point point = null;
            boolean begins = true;
            for (Frames.Frame frame = fromClient.next(); frame != null; frame = fromClient.next()) {
                awaitFlow();
                if (begins && frame.kind() != Frames.TERMINATE && !frame.greets()) {
                    point = begin();
                }
                begins = frame.ends();
                if (point == Point.BEFORE || point == Point.HALF && frame.ends()) {
                    client.close();
                    return;
                }
                panicking |= frame.ends() && point == Point.PANICKED;
                swallowing |= frame.ends() && (point == Point.SENT || point == Point.ANSWERED || panicking);
                out.write(frame.bytes());
                if (point == Point.SENT && frame.ends()) {
                    client.close();
                    return;
                }
            }
        }

        private void answers() {
            try {
                Frames fromServer = new Frames(toServer.getInputStream());
                for (Frames.Frame frame = fromServer.next(); frame != null; frame = fromServer.next()) {
                    if (deaf && frame.kind() == Frames.NOTIFICATION) {
                        continue;
                    }
                    if (!swallowing) {
                        client.getOutputStream().write(frame.bytes());
                    } else if (frame.kind() == Frames.READY) {
                        if (panicking) {
                            client.getOutputStream().write(Frames.panic());
                        }
                        break;
                    }
                }
            } catch (IOException cut) {
                // so be it
            } finally {
                closeClient();
            }
        }

        private void cut() {
            try {
                toServer.close();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            } finally {
                closeClient();
            }
        }

        private void closeClient() {
            try {
                client.close();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }
}
