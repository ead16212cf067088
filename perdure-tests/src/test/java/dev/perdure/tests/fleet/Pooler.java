package dev.perdure.tests.fleet;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.atomic.AtomicInteger;

/// A pooler in transaction mode, as PgBouncer is with `pool_mode = transaction`: clients share a few connections, each
/// has one only for the time of a transaction, and what a session holds besides (settings, prepared statements,
/// `LISTEN`) is gone afterwards. It tells made-up process ids, and passes no notification on.
///
/// All clients are to give the same user, database and settings, of which the server is told those of the first.
final class Pooler implements AutoCloseable {
    private static final int MADE_UP_PROCESS = 1_000_000;
    private static final byte[] DISCARD = Frames.query("DISCARD ALL");

    /// A connection to the server, and what it said when it was made.
    private record Session(Socket socket, Frames answers, byte[] greeting) {}

    private final int server;
    private final int size;
    private final ServerSocket listening;
    private final BlockingQueue<Session> free;
    private final List<Session> all = new ArrayList<>();
    private final AtomicInteger clients = new AtomicInteger();
    private final AtomicInteger transactions = new AtomicInteger();

    Pooler(int serverPort, int size) throws IOException {
        this.server = serverPort;
        this.size = size;
        this.free = new ArrayBlockingQueue<>(size);
        this.listening = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        Thread.ofPlatform().daemon().name("pooler").start(this::accept);
    }

    /// A URL of the server, by way of this pooler.
    String through(String url) {
        return url.replace(":" + server + "/", ":" + listening.getLocalPort() + "/");
    }

    /// How many clients there were.
    int clients() {
        return clients.get();
    }

    /// How many transactions there were.
    int transactions() {
        return transactions.get();
    }

    private void accept() {
        while (!listening.isClosed()) {
            try {
                Socket client = listening.accept();
                clients.incrementAndGet();
                Thread.ofPlatform().daemon().name("pooler client").start(() -> serve(client));
            } catch (IOException closed) {
                return;
            }
        }
    }

    private void serve(Socket client) {
        try (client) {
            client.setTcpNoDelay(true);
            Frames requests = new Frames(client.getInputStream());
            OutputStream out = client.getOutputStream();
            byte[] startup = requests.startup(out);
            if (startup == null) {
                return;
            }
            out.write(open(startup).greeting());
            for (Frames.Frame first = requests.next(); first != null; first = requests.next()) {
                if (first.kind() == Frames.TERMINATE) {
                    return;
                }
                transaction(first, requests, out);
            }
        } catch (IOException | InterruptedException gone) {
            // a client that leaves in the middle of a transaction takes its session along: see close
        }
    }

    /// Lends the client a session until the server says that it is in no transaction.
    private void transaction(Frames.Frame first, Frames requests, OutputStream out)
            throws IOException, InterruptedException {
        Session session = free.take();
        transactions.incrementAndGet();
        char status = 'T';
        Frames.Frame request = first;
        while (true) {
            if (request == null) {
                session.socket().close();
                throw new IOException("the client left in a transaction");
            }
            session.socket().getOutputStream().write(request.bytes());
            if (request.ends()) {
                status = answer(session, out);
                if (status == 'I') {
                    session.socket().getOutputStream().write(DISCARD);
                    answer(session, OutputStream.nullOutputStream());
                    free.add(session);
                    return;
                }
            }
            request = requests.next();
        }
    }

    private static char answer(Session session, OutputStream out) throws IOException {
        while (true) {
            Frames.Frame answer = session.answers().next();
            if (answer == null) {
                throw new IOException("the server has gone");
            }
            if (answer.kind() != Frames.NOTIFICATION) {
                out.write(answer.bytes());
            }
            if (answer.kind() == Frames.READY) {
                return answer.status();
            }
        }
    }

    /// Connects to the server as the first client wants it, once; answers one of the sessions.
    private synchronized Session open(byte[] startup) throws IOException {
        while (all.size() < size) {
            Socket socket = new Socket(InetAddress.getLoopbackAddress(), server);
            socket.setTcpNoDelay(true);
            socket.getOutputStream().write(startup);
            Frames answers = new Frames(socket.getInputStream());
            Session session = new Session(socket, answers, greeting(answers));
            all.add(session);
            free.add(session);
        }
        return all.getFirst();
    }

    private static byte[] greeting(Frames answers) throws IOException {
        ByteArrayOutputStream greeting = new ByteArrayOutputStream();
        while (true) {
            Frames.Frame answer = answers.next();
            if (answer == null) {
                throw new IOException("the server did not let the pooler in");
            }
            if (answer.kind() == Frames.KEY) {
                ByteBuffer.wrap(answer.bytes()).putInt(1 + Integer.BYTES, MADE_UP_PROCESS);
            }
            greeting.write(answer.bytes());
            if (answer.kind() == Frames.READY) {
                return greeting.toByteArray();
            }
        }
    }

    @Override
    public void close() throws IOException {
        listening.close();
        for (Session session : all) {
            session.socket().close();
        }
    }
}
