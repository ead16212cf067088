package dev.perdure;

import dev.perdure.error.UnavailableException;
import dev.perdure.journal.RunId;
import dev.perdure.store.ClaimRequest;
import dev.perdure.store.InboxMessage;
import dev.perdure.store.QueuePlace;
import dev.perdure.store.RunRecord;
import dev.perdure.store.RunStatus;
import dev.perdure.store.RunStore;
import dev.perdure.store.Serves;

import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.util.List;
import java.util.Optional;
import java.util.Set;

/// Gets runs for this process: claims them, keeps the lease they are held under, and brings them their messages. What
/// happens to them then is the matter of [HeldRuns].
///
/// One platform thread polls. It claims every run it can when [#claimAll] was called, otherwise only those started
/// here. Thread-safe.
final class Worker implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Worker.class);
    private static final long POLL_MILLIS = 20;
    private static final long TROUBLE_MILLIS = 250;

    /// How many of a run's messages are looked at: those that arrived first. Behind as many signals as may wait there
    /// is room for what operators and children say.
    static final int MESSAGES = 2 * RunStore.MAX_WAITING;

    private final Engine engine;
    private final Registry registry;
    private final Lease lease;
    private final StepNotes notes;
    private final WhenToClaim when;
    private final HeldRuns held;
    private final Strays strays;
    private final Share share = new Share();
    private final Wanted wanted = new Wanted();
    private volatile boolean closed;
    private volatile @Nullable Thread polling;
    private Serves told = Serves.NOTHING;
    private String toldBy = "";
    private long claims;

    Worker(Engine engine, Registry registry) {
        this.engine = engine;
        this.registry = registry;
        this.lease = new Lease(engine, this::leaveAll);
        this.notes = new StepNotes(engine);
        this.when = new WhenToClaim(engine);
        this.held = new HeldRuns(engine, this::wantAgain, this::wantChild, this::poke, when::dueAt);
        this.strays = new Strays(engine, held, this::wantAgain);
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
        wanted.all();
        startPolling();
        poke();
    }

    /// Takes this run as soon as nobody else holds it.
    ///
    /// @param place if it waits in a queue: runs of that queue are taken, as their turn comes
    void want(RunId run, Optional<QueuePlace> place) {
        note(run, place);
        startPolling();
    }

    /// Takes a run again that was executed here, once it is free or due. (A worker that takes all runs does anyway.)
    private void wantAgain(RunRecord run) {
        if (!wanted.isAll()) {
            note(run.id(), run.place());
        }
    }

    private void wantChild(RunId child) {
        if (!wanted.isAll()) {
            note(child, engine.store().find(child).flatMap(RunRecord::place));
        }
    }

    private void note(RunId run, Optional<QueuePlace> place) {
        wanted.add(run, place);
        poke();
    }

    /// Takes this run as soon as nobody else holds it, if its workflow is known here.
    void wantIfKnown(RunRecord run) {
        if (registry.find(run.workflow(), run.version()).isPresent()) {
            want(run.id(), run.place());
        } else {
            poke();
        }
    }

    void poke() {
        when.poke();
    }

    /// To be called when a start or a take failed: it may have been done all the same.
    void expectStrays() {
        strays.expect();
    }

    /// The runs that are executed here.
    HeldRuns held() {
        return held;
    }

    /// Frees the runs of workers whose processes are gone, without waiting for their leases.
    void retireTheDead() {
        lease.retireTheDead();
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
        boolean away = false;
        while (!closed) {
            try {
                pollOnce();
                if (away) {
                    LOG.warn("the worker reaches its store again");
                }
                away = false;
            } catch (RuntimeException | Error e) { // without its poller a worker would keep its runs and do nothing
                if (closed) {
                    return;
                }
                away = true;
                strays.expect();
                LOG.warn("the worker could not reach its store and tries again: {}", e.getMessage());
                poke(); // what was to be looked at was not
                pause(TROUBLE_MILLIS);
            }
            pause(POLL_MILLIS);
        }
    }

    private void pollOnce() {
        if (lease.isLost()) {
            held.leave(run -> new Outcome.Stopped(Lease.lost(run))); // also what was claimed while it ran out
            lease.announce();
        }
        strays.look(lease.id());
        notes.look(lease.id(), held::openSteps);
        held.checkDeadlines();
        held.retryReleases();
        tellWhatItServes();
        if (wanted.isAny()) {
            lease.retireTheDeadNowAndThen();
        }
        if (when.isTime()) {
            lease.expectNeighbours();
            claim();
            readMessages();
        }
    }

    private void tellWhatItServes() {
        Serves now = new Serves(engine.options().groups(), registry.all(), !wanted.isAll());
        if (!now.equals(told) || !lease.id().equals(toldBy)) {
            engine.store().serves(lease.id(), now);
            told = now;
            toldBy = lease.id();
        }
    }

    private void leaveAll() {
        LOG.warn("the lease of worker {} ran out; what it executes ({} in number) stops here", lease.id(), held.size());
        held.leave(run -> new Outcome.Stopped(Lease.lost(run)));
    }

    private void claim() {
        share.look(lease.others(), lease.id(), told, engine.clock().millis());
        int room = Math.min(Share.ALONE, engine.options().maxRuns() - held.size());
        if (room <= 0 || closed || !wanted.isAny() || registry.all().isEmpty()) {
            return;
        }
        ClaimRequest request =
                new ClaimRequest(
                        lease.id(),
                        registry.all(),
                        engine.options().groups(),
                        wanted.only(),
                        wanted.queues(),
                        room,
                        engine.clock().millis(),
                        claims++);
        if (when.mayBring(request)) {
            claim(shared(request));
        }
        wanted.forgetEndedNowAndThen(engine.store());
    }

    /// The request, for no more than this worker's part.
    private ClaimRequest shared(ClaimRequest request) {
        if (!wanted.isAll() || !share.hasPeers()) {
            return request;
        }
        int waiting = engine.store().claimable(request, share.most());
        return request.withLimit(Math.min(request.limit(), share.limit(held.size(), waiting)));
    }

    private void claim(ClaimRequest request) {
        List<RunRecord> claimed = engine.store().claim(request);
        Set<RunId> withMessages = claimed.isEmpty() ? Set.of() : Set.copyOf(engine.store().withMessages(lease.id()));
        for (RunRecord run : claimed) {
            wanted.taken(run.id());
            take(run, withMessages.contains(run.id()) ? engine.store().inbox(run.id(), MESSAGES) : List.of());
        }
        share.took(claimed.size(), held.size());
        if (claimed.size() == request.limit()) {
            poke(); // there may be more
        }
    }

    private void take(RunRecord run, List<InboxMessage> messages) {
        Optional<Workflow<?, ?>> workflow = registry.find(run.workflow(), run.version());
        if (workflow.isEmpty()) {
            held.release(run, RunStatus.PENDING, ""); // the store gave what was not asked for
        } else if (run.idleClaims() > engine.options().stuckAfter()) {
            held.release(
                    run,
                    RunStatus.STUCK,
                    "it was taken over "
                            + run.idleClaims()
                            + " times without recording anything: something in it ends its process. `perdure retry "
                            + run.id()
                            + "` lets it try again");
        } else {
            held.execute(run, workflow.get(), engine.journal(run), messages);
        }
    }

    private void readMessages() {
        for (RunId run : engine.store().withMessages(lease.id())) {
            held.find(run).ifPresent(Execution::readInbox);
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
        held.handOver();
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
}
