package dev.perdure;

import dev.perdure.error.CorruptedException;
import dev.perdure.error.DivergedException;
import dev.perdure.journal.EncodedEntry;
import dev.perdure.journal.RunId;
import dev.perdure.runtime.RunJournal;
import dev.perdure.store.InboxMessage;
import dev.perdure.store.RunRecord;
import dev.perdure.store.RunRelease;
import dev.perdure.store.RunStatus;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.LongConsumer;

/// The runs that this process holds: each is executed on a thread of its own, and given back to the store when its
/// execution ends here, however it does. What cannot be given back at once is kept for [#retryReleases].
///
/// Thread-safe.
final class HeldRuns {
    private static final Logger LOG = LoggerFactory.getLogger(HeldRuns.class);
    private static final long INTERRUPTED_MILLIS = 2_000;
    private static final int MAX_DIVERGENCES = 1_000;

    private record Held(Execution execution, CompletableFuture<Outcome> outcome) {}

    private final Engine engine;
    private final Consumer<RunRecord> wantAgain;
    private final Consumer<RunId> wantsChild;
    private final Runnable hasRoom;
    private final LongConsumer due;
    private final Map<RunId, Held> held = new ConcurrentHashMap<>();
    private final Map<RunId, DivergedException> diverged = new ConcurrentHashMap<>();
    private final Releases releases;
    private final Stops stops = new Stops();
    private volatile boolean closed;

    /// @param wantAgain called with a run that stopped or waits, and should be taken again
    /// @param wantsChild called with a child that a run here started or waits for
    /// @param hasRoom called whenever a run is held no longer
    /// @param due called with the time at which a run that waits is due, in milliseconds since 1970
    HeldRuns(
            Engine engine,
            Consumer<RunRecord> wantAgain,
            Consumer<RunId> wantsChild,
            Runnable hasRoom,
            LongConsumer due) {
        this.engine = engine;
        this.releases = new Releases(engine);
        this.wantAgain = wantAgain;
        this.wantsChild = wantsChild;
        this.hasRoom = hasRoom;
        this.due = due;
    }

    /// How many runs are executed here, or could not be given back yet: others cannot have those either.
    int size() {
        return held.size() + releases.kept();
    }

    /// Whether a run is executed here, or kept until it can be given back.
    boolean has(RunId run) {
        return held.containsKey(run) || releases.keeps(run);
    }

    Optional<Execution> find(RunId run) {
        return Optional.ofNullable(held.get(run)).map(Held::execution);
    }

    /// How the execution of a run in this process ends, if it is executed here or about to be.
    Optional<CompletableFuture<Outcome>> outcomeOf(RunId run) {
        return Optional.ofNullable(held.get(run)).map(Held::outcome);
    }

    /// How a run that was executed here last diverged, if it did.
    Optional<DivergedException> divergenceOf(RunId run) {
        return Optional.ofNullable(diverged.get(run));
    }

    /// The step a run executed here is in.
    Optional<String> currentStep(RunId run) {
        return find(run).flatMap(Execution::currentStep);
    }

    /// The runs that are in a step or ask for an approval, with its path.
    Map<RunId, String> openSteps() {
        Map<RunId, String> open = new HashMap<>();
        held.forEach((run, mine) -> mine.execution().note().ifPresent(note -> open.put(run, note)));
        return open;
    }

    // Executing

    /// Executes a run this process holds, on a thread of its own.
    ///
    /// @param messages what waits in its inbox
    void execute(RunRecord record, Workflow<?, ?> workflow, RunJournal journal, List<InboxMessage> messages) {
        Execution execution = new Execution(engine, record, workflow, journal, wantsChild);
        execution.offer(messages);
        Held mine = new Held(execution, new CompletableFuture<>());
        diverged.remove(record.id());
        held.put(record.id(), mine);
        start(record, execution, mine);
    }

    /// As [#execute], of a run that was made here; if two calls made it at once, it is executed for one of them.
    ///
    /// @param first its first entry, as it was written, so that it need not be read
    void executeNew(RunRecord record, Workflow<?, ?> workflow, RunJournal journal, EncodedEntry first) {
        Execution execution = new Execution(engine, record, workflow, journal, wantsChild);
        execution.reader().remember(first);
        Held mine = new Held(execution, new CompletableFuture<>());
        if (held.putIfAbsent(record.id(), mine) == null) {
            start(record, execution, mine);
        }
    }

    private void start(RunRecord record, Execution execution, Held mine) {
        Thread.ofVirtual()
                .name("run " + record.id())
                .start(() -> {
                    Outcome outcome = execution.execute();
                    Thread.interrupted(); // which made it leave, and is not to disturb what gives it back
                    try {
                        giveBack(execution, outcome);
                    } catch (RuntimeException | Error e) {
                        LOG.error("run {} could not be given back", record.id(), e);
                    } finally {
                        held.remove(record.id(), mine);
                        mine.outcome().complete(outcome);
                        hasRoom.run();
                    }
                });
        if (closed) {
            execution.leave(new Outcome.HandedOver());
        }
    }

    /// Looks which runs have had their time. Called often.
    void checkDeadlines() {
        held.values().forEach(mine -> mine.execution().stops().checkDeadline());
    }

    // Giving back

    private void giveBack(Execution execution, Outcome outcome) {
        RunRecord run = execution.record();
        execution.journal().drain();
        if (!(outcome instanceof Outcome.Stopped)) {
            stops.forget(run.id());
        }
        switch (outcome) {
            case Outcome.Ended(RunStatus status, _, _) -> log(run, status);
            case Outcome.Waiting(String reason, Optional<Long> wakeAt) -> {
                releases.now(
                        new RunRelease(
                                run.id(), run.epoch(), RunStatus.WAITING, reason, wakeAt, execution.seenArrival()));
                wantAgain.accept(run);
                wakeAt.ifPresent(due::accept);
            }
            case Outcome.Paused(InboxMessage request) -> Operator.pause(execution, request);
            case Outcome.Diverged(var divergence) -> {
                LOG.error("{}", divergence.getMessage());
                if (diverged.size() >= MAX_DIVERGENCES) {
                    diverged.clear();
                }
                diverged.put(run.id(), divergence);
                release(run, RunStatus.STUCK, String.valueOf(divergence.getMessage()));
            }
            case Outcome.HandedOver _ -> release(run, RunStatus.PENDING, "");
            case Outcome.Stopped(RuntimeException reason) -> {
                LOG.error("run {} stopped here: {}", run.id(), reason.getMessage());
                execution.journal().die(reason);
                if (reason instanceof CorruptedException) {
                    release(run, RunStatus.STUCK, String.valueOf(reason.getMessage()));
                } else {
                    releases.later(asIs(run, RunStatus.PENDING, ""), stops.pauseNanos(run));
                    wantAgain.accept(run);
                }
            }
        }
    }

    // That a run completed is what is expected, a thousand times a second.
    private static void log(RunRecord run, RunStatus status) {
        if (status == RunStatus.COMPLETED) {
            LOG.debug("run {} is completed", run.id());
        } else {
            LOG.info("run {} is {}", run.id(), status.name().toLowerCase(Locale.ROOT));
        }
    }

    /// Ends the lease of one run, now or when [#retryReleases] is called later.
    void release(RunRecord run, RunStatus status, String reason) {
        releases.now(asIs(run, status, reason));
    }

    /// Ends the lease of a run that is not executed here.
    void releaseNow(RunRelease release) {
        releases.now(release);
    }

    private RunRelease asIs(RunRecord run, RunStatus status, String reason) {
        List<InboxMessage> told = status == RunStatus.STUCK ? new WebhookEvents(engine).stuck(run, reason) : List.of();
        return new RunRelease(run.id(), run.epoch(), status, reason, Optional.empty(), 0, told);
    }

    void retryReleases() {
        releases.retry();
    }

    // Leaving

    /// Makes every run leave this process.
    void leave(Function<RunId, Outcome> how) {
        held.values().forEach(mine -> mine.execution().leave(how.apply(mine.execution().id())));
    }

    /// Hands all runs over, and whatever is executed from now on: lets steps under way end for a while, then interrupts
    /// them, then lets nothing be written any more.
    void handOver() {
        closed = true;
        leave(_ -> new Outcome.HandedOver());
        await(engine.options().closeGrace().toMillis());
        held.values().forEach(mine -> mine.execution().interruptSteps());
        await(INTERRUPTED_MILLIS);
        held.values().forEach(mine -> mine.execution().journal().die(Worker.closedAlready()));
    }

    private void await(long millis) {
        CompletableFuture<?>[] all = held.values().stream().map(Held::outcome).toArray(CompletableFuture<?>[]::new);
        try {
            CompletableFuture.allOf(all).get(millis, TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (ExecutionException | TimeoutException e) {
            LOG.debug("steps of {} runs are still under way", held.size());
        }
    }
}
