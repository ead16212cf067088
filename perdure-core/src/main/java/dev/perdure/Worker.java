package dev.perdure;

import dev.perdure.error.CorruptedException;
import dev.perdure.error.DivergedException;
import dev.perdure.error.UnavailableException;
import dev.perdure.journal.RunId;
import dev.perdure.runtime.RunJournal;
import dev.perdure.store.ClaimRequest;
import dev.perdure.store.InboxMessage;
import dev.perdure.store.RunRecord;
import dev.perdure.store.RunStatus;

import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;

/// Executes runs in this process: claims them, keeps the lease, and gives back what it cannot finish.
///
/// One platform thread polls. It claims every run it can when [#claimAll] was called, otherwise only those started
/// here. Thread-safe.
final class Worker implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Worker.class);
    private static final long POLL_MILLIS = 20;
    private static final long CLAIM_MILLIS = 250;
    private static final int CLAIM_BATCH = 256;
    private static final int MESSAGES = 100;
    private static final long RELEASE_AFTER_NANOS = TimeUnit.SECONDS.toNanos(1);
    private static final int MAX_DIVERGENCES = 1_000;

    private record Held(Execution execution, CompletableFuture<Outcome> outcome) {}

    private record Release(RunRecord run, RunStatus status, String reason, long dueNanos) {}

    private final Engine engine;
    private final Registry registry;
    private final Lease lease;
    private final StepNotes notes;
    private final Map<RunId, Held> held = new ConcurrentHashMap<>();
    private final Set<RunId> wanted = ConcurrentHashMap.newKeySet();
    private final Map<RunId, DivergedException> diverged = new ConcurrentHashMap<>();
    private final Map<RunId, Release> unreleased = new ConcurrentHashMap<>();
    private volatile boolean claimsAll;
    private volatile boolean poked;
    private volatile boolean closed;
    private volatile @Nullable Thread polling;
    private long seenChange = Long.MIN_VALUE;
    private long claimedAtNanos = System.nanoTime();

    Worker(Engine engine, Registry registry) {
        this.engine = engine;
        this.registry = registry;
        this.lease = new Lease(engine);
        this.notes = new StepNotes(engine);
    }

    /// The id under which this process holds runs; makes it known on first use.
    String id() {
        startPolling();
        return lease.id();
    }

    boolean hasRoom() {
        if (closed) {
            throw closedAlready();
        }
        return held.size() < engine.options().maxRuns();
    }

    static UnavailableException closedAlready() {
        return new UnavailableException("this Perdure was closed. Open the store again to go on.");
    }

    boolean isClosed() {
        return closed;
    }

    void claimAll() {
        claimsAll = true;
        startPolling();
        poke();
    }

    /// Takes this run as soon as nobody else holds it.
    void want(RunId run) {
        wanted.add(run);
        startPolling();
        poke();
    }

    /// Takes this run as soon as nobody else holds it, if its workflow is known here.
    void wantIfKnown(RunRecord run) {
        if (registry.find(run.workflow(), run.version()).isPresent()) {
            want(run.id());
        } else {
            poke();
        }
    }

    void poke() {
        poked = true;
    }

    /// How the execution of a run in this process ends, if it is executed here or about to be.
    Optional<CompletableFuture<Outcome>> outcomeOf(RunId run) {
        return Optional.ofNullable(held.get(run)).map(Held::outcome);
    }

    /// How a run that was executed here last diverged, if it did.
    Optional<DivergedException> divergenceOf(RunId run) {
        return Optional.ofNullable(diverged.get(run));
    }

    /// Frees the runs of workers whose processes are gone, without waiting for their leases.
    void retireTheDead() {
        lease.retireTheDead();
    }

    /// The step a run executed here is in.
    Optional<String> currentStep(RunId run) {
        return Optional.ofNullable(held.get(run)).flatMap(h -> h.execution().currentStep());
    }

    /// Executes a run this worker holds, on a thread of its own.
    void execute(RunRecord record, Workflow<?, ?> workflow, RunJournal journal) {
        Execution execution = new Execution(engine, record, workflow, journal);
        Held mine = new Held(execution, new CompletableFuture<>());
        diverged.remove(record.id());
        held.put(record.id(), mine);
        start(record, execution, mine);
    }

    /// As [#execute], of a run that was made here; if two calls made it at once, it is executed for one of them.
    void executeNew(RunRecord record, Workflow<?, ?> workflow, RunJournal journal) {
        Execution execution = new Execution(engine, record, workflow, journal);
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
                    try {
                        giveBack(execution, outcome);
                    } catch (RuntimeException | Error e) {
                        LOG.error("run {} could not be given back", record.id(), e);
                    } finally {
                        held.remove(record.id(), mine);
                        mine.outcome().complete(outcome);
                        poke();
                    }
                });
        if (closed) {
            execution.leave(new Outcome.HandedOver());
        }
    }

    private void giveBack(Execution execution, Outcome outcome) {
        RunRecord run = execution.record();
        execution.journal().drain();
        switch (outcome) {
            case Outcome.Ended(RunStatus status) -> LOG.info("run {} is {}", run.id(), status);
            case Outcome.Waiting(String reason) -> release(run, RunStatus.WAITING, reason);
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
                    releaseLater(run, RunStatus.PENDING, "");
                    wanted.add(run.id());
                }
            }
        }
    }

    /// Gives a run back after a while: what stopped it would stop it again at once.
    private void releaseLater(RunRecord run, RunStatus status, String reason) {
        unreleased.put(run.id(), new Release(run, status, reason, System.nanoTime() + RELEASE_AFTER_NANOS));
    }

    private void release(RunRecord run, RunStatus status, String reason) {
        try {
            engine.store().release(run.id(), run.epoch(), status, reason, Optional.empty());
        } catch (RuntimeException e) {
            LOG.warn("run {} could not be released now: {}", run.id(), e.getMessage());
            releaseLater(run, status, reason);
        }
    }

    // Polling

    private void startPolling() {
        if (polling != null) {
            return;
        }
        synchronized (this) {
            if (polling == null) {
                if (closed) {
                    throw closedAlready();
                }
                lease.announce();
                polling = Thread.ofPlatform().daemon().name("perdure-worker").start(this::poll);
            }
        }
    }

    private void poll() {
        while (!closed) {
            try {
                pollOnce();
            } catch (RuntimeException | Error e) { // without its poller a worker would keep its runs and do nothing
                if (closed) {
                    return;
                }
                LOG.warn("the worker could not reach its store and tries again: {}", e.getMessage());
                pause(CLAIM_MILLIS);
            }
            pause(POLL_MILLIS);
        }
    }

    private void pollOnce() {
        if (!lease.keep()) {
            loseAll();
        }
        notes.look(lease.id(), this::openSteps);
        long change = engine.store().changeNumber();
        boolean due = System.nanoTime() - claimedAtNanos > TimeUnit.MILLISECONDS.toNanos(CLAIM_MILLIS);
        if (!poked && change == seenChange && !due) {
            return;
        }
        poked = false;
        seenChange = change;
        claimedAtNanos = System.nanoTime();
        retryReleases();
        claim();
        readMessages();
    }

    private Map<RunId, String> openSteps() {
        Map<RunId, String> open = new HashMap<>();
        held.forEach((run, mine) -> mine.execution().currentStep().ifPresent(step -> open.put(run, step)));
        return open;
    }

    private void loseAll() {
        LOG.warn("the lease of worker {} ran out; {} runs stop here", lease.id(), held.size());
        held.values().forEach(mine -> mine.execution().leave(new Outcome.Stopped(Lease.lost(mine.execution().id()))));
        lease.announce();
    }

    private void retryReleases() {
        for (Release release : List.copyOf(unreleased.values())) {
            if (System.nanoTime() - release.dueNanos() >= 0) {
                unreleased.remove(release.run().id());
                release(release.run(), release.status(), release.reason());
            }
        }
    }

    private void claim() {
        int room = Math.min(CLAIM_BATCH, engine.options().maxRuns() - held.size());
        if (room <= 0 || closed || (!claimsAll && wanted.isEmpty()) || registry.all().isEmpty()) {
            return;
        }
        Optional<Set<RunId>> only = claimsAll ? Optional.empty() : Optional.of(wanted);
        lease.retireTheDeadNowAndThen();
        List<RunRecord> claimed =
                engine.store().claim(new ClaimRequest(lease.id(), registry.all(), only, room, engine.clock().millis()));
        for (RunRecord run : claimed) {
            wanted.remove(run.id());
            take(run);
        }
        if (claimed.size() == room) {
            poke(); // there may be more
        }
        if (!claimsAll) {
            wanted.removeIf(id -> engine.store().find(id).map(r -> r.status().ended()).orElse(true));
        }
    }

    private void take(RunRecord run) {
        Optional<Workflow<?, ?>> workflow = registry.find(run.workflow(), run.version());
        if (workflow.isEmpty()) {
            release(run, RunStatus.PENDING, ""); // the store gave what was not asked for
        } else if (run.idleClaims() > engine.options().stuckAfter()) {
            release(
                    run,
                    RunStatus.STUCK,
                    "it was taken over "
                            + run.idleClaims()
                            + " times without recording anything: something in it ends its process. `perdure retry "
                            + run.id()
                            + "` lets it try again");
        } else {
            RunJournal journal =
                    new RunJournal(
                            run.id(),
                            run.branch(),
                            run.epoch(),
                            run.headSequence(),
                            run.headDigest(),
                            run.updatedMillis(),
                            engine.commits(),
                            engine.clock());
            execute(run, workflow.get(), journal);
        }
    }

    private void readMessages() {
        for (RunId run : engine.store().withMessages(lease.id())) {
            Held mine = held.get(run);
            if (mine != null) {
                engine.store().inbox(run, MESSAGES).stream()
                        .filter(message -> message.kind().equals(InboxMessage.CANCEL))
                        .findFirst()
                        .ifPresent(mine.execution()::requestCancel);
            }
        }
    }

    private static void pause(long millis) {
        try {
            Thread.sleep(millis);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    // Closing

    /// Hands all runs over and ends the worker.
    @Override
    public void close() {
        synchronized (this) {
            if (closed) {
                return;
            }
            closed = true;
        }
        held.values().forEach(mine -> mine.execution().leave(new Outcome.HandedOver()));
        awaitHeld(engine.options().closeGrace().toMillis());
        held.values().forEach(mine -> mine.execution().interruptSteps());
        awaitHeld(2_000);
        held.values().forEach(mine -> mine.execution().journal().die(closedAlready()));
        Thread poller = polling;
        if (poller != null) {
            joinUninterrupted(poller);
            lease.end();
        }
    }

    private static void joinUninterrupted(Thread poller) {
        try {
            poller.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void awaitHeld(long millis) {
        CompletableFuture<?>[] all = held.values().stream().map(Held::outcome).toArray(CompletableFuture<?>[]::new);
        try {
            CompletableFuture.allOf(all).get(millis, TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (java.util.concurrent.ExecutionException | java.util.concurrent.TimeoutException e) {
            LOG.debug("steps of {} runs are still under way", held.size());
        }
    }
}
