package dev.perdure.tests.kill;

import dev.perdure.Identity;
import dev.perdure.OpenApproval;
import dev.perdure.Perdure;
import dev.perdure.RunNotEndedException;
import dev.perdure.StartOptions;
import dev.perdure.Verdict;
import dev.perdure.error.ConflictException;
import dev.perdure.error.UnavailableException;
import dev.perdure.store.RunFilter;
import dev.perdure.store.RunRecord;

import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;

/// The people and systems that the runs of [WaitingWork] wait for: they send signals, each several times under the same
/// id, decide, ask for updates, and start bursts. They work in the test's own process, beside those that are killed,
/// and execute nothing.
final class Outside implements AutoCloseable {
    private static final Identity ANN = Identity.verified("ann", Set.of());
    private static final Identity BOB = Identity.verified("bob", Set.of());
    private static final Duration QUIET = Duration.ofSeconds(20);

    private final Perdure perdure;
    private final Random random = new Random();
    private final Map<String, Integer> answers = new HashMap<>();
    private final Map<String, Integer> lastOfBursts = new HashMap<>();
    private final Thread thread = Thread.ofPlatform().daemon().name("outside").unstarted(this::act);
    private volatile boolean closed;
    private volatile boolean startsBursts = true;
    private volatile Optional<Throwable> failure = Optional.empty();
    private int bursts;

    /// @param perdure knows no workflow but that of bursts
    Outside(Perdure perdure) {
        this.perdure = perdure;
        thread.start();
    }

    /// What was answered to the update of each run.
    Map<String, Integer> answers() {
        return Map.copyOf(answers);
    }

    /// The run of each burst, and the last input it was started with.
    Map<String, Integer> lastOfBursts() {
        return Map.copyOf(lastOfBursts);
    }

    /// Starts no more of them.
    void endBursts() {
        startsBursts = false;
    }

    private void act() {
        try {
            while (!closed) {
                for (RunRecord run : perdure.administration().runs(RunFilter.newest(RunFilter.MAX_LIMIT))) {
                    if (run.workflow().equals(WaitingWork.WAITS) && !run.status().ended() && !closed) {
                        answer(run.id().value(), run.reason());
                    }
                }
                if (startsBursts && random.nextInt(4) == 0) {
                    burst();
                }
                Thread.sleep(random.nextInt(40));
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (RuntimeException | Error e) {
            failure = Optional.of(e);
        }
    }

    private void answer(String run, String reason) {
        try {
            if (reason.contains("word") || random.nextInt(10) == 0) { // early, in time, and again
                for (int i = 0; i < WaitingWork.WORDS; i++) {
                    perdure.administration().signal(run, "word", "\"word " + i + "\"", "word-" + i);
                }
            }
            if (reason.contains("approval")) {
                perdure.administration().approvals(run).forEach(this::decide);
            }
            if (reason.contains("limit")) {
                ask(run);
            }
        } catch (ConflictException ended) {
            // it needed no more
        } catch (UnavailableException busy) {
            // the next round comes
        }
    }

    /// Both decide; the first edits. What one of them said before is refused.
    private void decide(OpenApproval open) {
        for (Identity who : Set.of(ANN, BOB)) {
            boolean first = who.equals(ANN) && open.votes().isEmpty();
            if (who.equals(BOB) && open.votes().isEmpty()) {
                continue; // a decision on what is being edited would not count
            }
            try {
                Verdict verdict = Verdict.approve();
                perdure.administration()
                        .decide(open.run(), open.path(), first ? verdict.edit("\"edited\"") : verdict, who);
            } catch (ConflictException e) {
                // said, edited or decided before
            }
        }
    }

    private void ask(String run) {
        try {
            int number = Integer.parseInt(run.substring(run.indexOf('-') + 1));
            answers.put(
                    run,
                    perdure.run(run, String.class)
                            .update("limit", number, Integer.class, "limit-1", Duration.ofMillis(250)));
        } catch (RunNotEndedException late) {
            // asked again under the same id
        }
    }

    private void burst() {
        int input = ++bursts;
        StartOptions options = StartOptions.DEFAULT.forAWorker().debounce("key-" + input / 6, QUIET);
        lastOfBursts.put(perdure.start(WaitingWork.BURST, input, options).id().value(), input);
    }

    @Override
    public void close() throws InterruptedException {
        closed = true;
        thread.join();
        perdure.close();
        if (failure.isPresent()) {
            throw new AssertionError("the world outside failed", failure.get());
        }
    }
}
