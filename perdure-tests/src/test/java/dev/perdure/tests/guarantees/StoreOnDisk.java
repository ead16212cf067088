package dev.perdure.tests.guarantees;

import dev.perdure.Perdure;
import dev.perdure.PerdureOptions;
import dev.perdure.journal.Entry;
import dev.perdure.store.Finding;
import dev.perdure.store.RunStatus;
import dev.perdure.store.RunStore;
import dev.perdure.tests.StoreKind;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.UnaryOperator;

/// A store in a file, or the one on a server that stands for it ([StoreKind]), and what tests look at in it.
record StoreOnDisk(Path file) {
    /// Hands runs over at once when it is closed.
    static final PerdureOptions OPTIONS = PerdureOptions.DEFAULT.withCloseGrace(Duration.ofMillis(50));

    static StoreOnDisk in(Path folder) {
        return new StoreOnDisk(folder.resolve("store.db"));
    }

    String url() {
        return StoreKind.CHOSEN.url(file);
    }

    Perdure open() {
        return open(OPTIONS);
    }

    Perdure open(PerdureOptions options) {
        return Perdure.open(url(), options);
    }

    /// Opens it behind another store, which watches or disturbs.
    Perdure open(PerdureOptions options, UnaryOperator<RunStore> between) {
        return Perdure.on(between.apply(StoreKind.CHOSEN.open(file)), options);
    }

    static List<Entry> journal(Perdure perdure, String run) {
        List<Entry> entries = new ArrayList<>();
        perdure.administration().journal(run, 0, entries::add);
        return entries;
    }

    /// The entries in words: `step completed at a`.
    static List<String> words(Perdure perdure, String run) {
        return journal(perdure, run).stream().map(e -> e.event().describe() + " at " + e.path()).toList();
    }

    static List<String> digests(Perdure perdure, String run) {
        return journal(perdure, run).stream().map(e -> e.digest().hex()).toList();
    }

    static List<String> findings(Perdure perdure) {
        List<Finding> findings = new ArrayList<>();
        perdure.administration().verify(Optional.empty(), Optional.empty(), findings::add);
        return findings.stream().map(Finding::toString).toList();
    }

    /// Waits until a run is in a status, at most ten seconds.
    static void awaitStatus(Perdure perdure, String run, RunStatus status) throws InterruptedException {
        long deadline = System.nanoTime() + Duration.ofSeconds(10).toNanos();
        while (perdure.administration().find(run).status() != status) {
            if (System.nanoTime() > deadline) {
                throw new AssertionError("it is not " + status + " but " + perdure.administration().find(run));
            }
            Thread.sleep(5);
        }
    }
}
