package dev.perdure.cli.demo;

import dev.perdure.CancelledException;
import dev.perdure.Perdure;
import dev.perdure.PerdureOptions;
import dev.perdure.RunFailedException;
import dev.perdure.StartOptions;
import dev.perdure.cli.console.StoreAddress;
import dev.perdure.error.InvalidInputException;
import dev.perdure.error.UnavailableException;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.Semaphore;

/// Plays all conversations of a file, many at the same time.
final class PlayChats {
    /// How many are played at the same time.
    private static final int WIDTH = 128;

    private static final int PAYLOAD_LIMIT = 1 << 30;

    private PlayChats() {}

    /// The id of the run that plays a line.
    static String id(String session, Recordings.Line line) {
        return session + "-" + line.number();
    }

    /// Starts the runs, or goes on with them, and waits until all have ended.
    static void all(StoreAddress store, Work.ChatsJob job, Witness witness) {
        Recordings recordings = Recordings.of(Path.of(job.file()));
        try (Perdure perdure = store.open(options(recordings));
                ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            perdure.register(new PlayChat(recordings, witness).workflow());
            Semaphore room = new Semaphore(WIDTH);
            List<Future<?>> played = new ArrayList<>();
            for (Recordings.Line line : recordings.lines()) {
                room.acquireUninterruptibly();
                played.add(
                        threads.submit(() -> {
                            try {
                                play(perdure, recordings, line, job.session());
                            } finally {
                                room.release();
                            }
                        }));
            }
            for (Future<?> each : played) {
                each.get();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new UnavailableException("interrupted while chats were played", e);
        } catch (ExecutionException e) {
            throw new UnavailableException("a chat could not be played: " + e.getCause(), e);
        }
    }

    /// A conversation is one value: the longest line must fit.
    private static PerdureOptions options(Recordings recordings) {
        long longest = recordings.lines().stream().mapToLong(Recordings.Line::length).max().orElse(0);
        PerdureOptions usual = PerdureOptions.DEFAULT;
        return usual.withMaxPayloadBytes(Math.clamp(longest * 2, usual.maxPayloadBytes(), PAYLOAD_LIMIT));
    }

    private static void play(Perdure perdure, Recordings recordings, Recordings.Line line, String session) {
        byte[] bytes = recordings.bytes(line);
        try {
            Recording.parse(bytes);
        } catch (InvalidInputException malformed) {
            return; // the process that asked has said so
        }
        String id = id(session, line);
        try {
            perdure.start(
                            PlayChat.WORKFLOW,
                            new PlayChat.Chat(line.number(), Recording.digest(bytes)),
                            StartOptions.withId(id).session(session))
                    .result();
        } catch (RunFailedException | CancelledException e) {
            System.err.println(e.getMessage()); // counted from the store by the process that asked
        }
    }
}
