package dev.perdure.cli;

import dev.perdure.CopyStore;
import dev.perdure.cli.console.Console;
import dev.perdure.cli.console.Progress;
import dev.perdure.store.StorePart;

import java.util.Optional;
import java.util.concurrent.TimeUnit;

/// Says how far a copy has come: in one line that changes on a terminal, else in lines for each part and every ten
/// seconds. Used by one thread.
final class CopyProgress implements AutoCloseable {
    private static final long GLANCE = TimeUnit.MILLISECONDS.toNanos(100);
    private static final long LINE = TimeUnit.SECONDS.toNanos(10);

    private final Console console;
    private final Progress line;
    private Optional<StorePart> part = Optional.of(StorePart.QUEUES);
    private long saidAt = System.nanoTime();

    CopyProgress(Console console) {
        this.console = console;
        this.line = new Progress(console);
    }

    void see(CopyStore.Progress now) {
        boolean another = !part.equals(now.part());
        long since = System.nanoTime() - saidAt;
        if (!another && since < (console.interactive() ? GLANCE : LINE)) {
            return;
        }
        part = now.part();
        saidAt = System.nanoTime();
        if (console.interactive()) {
            if (now.part().isEmpty()) {
                line.say("verifying the copy ...");
            } else {
                line.say(words(now), now.total() == 0 ? 1 : (double) now.done() / now.total());
            }
        } else if (now.part().isEmpty()) {
            console.say("verify  the copy");
        } else if (now.total() > 0) {
            console.say("copy    " + words(now));
        }
    }

    private static String words(CopyStore.Progress now) {
        return "%,d of %,d %s".formatted(now.done(), now.total(), now.part().map(StorePart::words).orElse(""));
    }

    @Override
    public void close() {
        line.close();
    }
}
