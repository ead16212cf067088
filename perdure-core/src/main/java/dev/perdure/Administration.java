package dev.perdure;

import dev.perdure.error.ConflictException;
import dev.perdure.error.InvalidInputException;
import dev.perdure.journal.Content;
import dev.perdure.journal.Digest;
import dev.perdure.journal.Entry;
import dev.perdure.journal.Resolution;
import dev.perdure.journal.RunId;
import dev.perdure.runtime.JournalReader;
import dev.perdure.store.Anchor;
import dev.perdure.store.Finding;
import dev.perdure.store.PrunedRun;
import dev.perdure.store.QueueState;
import dev.perdure.store.RunFilter;
import dev.perdure.store.RunRecord;
import dev.perdure.store.StoreSize;
import dev.perdure.store.WorkerRecord;

import org.jspecify.annotations.Nullable;

import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/// Looking at runs, and an operator's acts on them. Reached by [Perdure#administration]. Thread-safe.
public final class Administration {
    /// How many runs a list of approvals looks at, at most.
    public static final int MAX_ASKING = 1_000;

    private final Engine engine;
    private final Worker worker;
    private final Operator operator;
    private final CancelRun cancels;
    private final RetryRun retries;
    private final Queues queues;
    private final Approvals approvals;
    private final Schedules schedules;
    private @Nullable JournalReader lastReader;

    Administration(Engine engine, Worker worker, Registry registry) {
        this.engine = engine;
        this.worker = worker;
        this.operator = new Operator(engine, worker);
        this.cancels = new CancelRun(engine, worker, operator);
        this.retries = new RetryRun(engine, worker);
        this.queues = new Queues(engine);
        this.approvals = new Approvals(engine, worker);
        this.schedules = new Schedules(engine, worker, registry, operator);
    }

    /// The schedules, which start runs by the clock.
    public Schedules schedules() {
        return schedules;
    }

    /// Runs that pass the filter, newest first; Perdure's own are among them ([SystemRuns]). One that waits in a queue
    /// says in its reason for what.
    public List<RunRecord> runs(RunFilter filter) {
        return queues.withReasons(engine.store().list(filter));
    }

    /// All queues, by name, with what runs and waits in them.
    public List<QueueState> queueStates() {
        return queues.states();
    }

    Queues queues() {
        return queues;
    }

    /// One run.
    ///
    /// @throws InvalidInputException if there is none with this id
    public RunRecord find(String id) {
        RunId run = new RunId(id);
        return engine.store().find(run).orElseThrow(() -> missing(run));
    }

    private InvalidInputException missing(RunId run) {
        return engine.store()
                .pruned(run)
                .map(PrunedRun::gone)
                .orElseGet(() ->
                        new InvalidInputException(
                                "there is no run \"" + run + "\" in this store. `perdure runs` lists what there is."));
    }

    /// What a run has done so far, from its journal.
    public RunView view(String id) {
        RunRecord run = queues.withReasons(List.of(find(id))).getFirst();
        JournalReader reader = new JournalReader(engine.store(), run.id(), run.branch());
        return RunViews.of(
                run,
                reader,
                engine.values(),
                worker.held().currentStep(run.id()),
                other -> engine.store().find(other).map(RunRecord::status));
    }

    /// The entries of a run from a sequence on, in order, each checked against its digest.
    public void journal(String id, long fromSequence, Consumer<Entry> consumer) {
        RunRecord run = find(id);
        if (fromSequence <= run.headSequence()) {
            new JournalReader(engine.store(), run.id(), run.branch()).forEach(fromSequence, consumer);
        }
    }

    /// The JSON text of a content of an entry. Contents of one run asked for one after the other share what is read.
    public String json(Entry entry, Content content) {
        return new String(readerOf(entry.run(), entry.branch()).json(entry, content), StandardCharsets.UTF_8);
    }

    private synchronized JournalReader readerOf(RunId run, int branch) {
        JournalReader last = lastReader;
        if (last == null || !last.reads(run, branch)) {
            last = new JournalReader(engine.store(), run, branch);
            lastReader = last;
        }
        return last;
    }

    /// Checks everything that is stored, or one run, and reports whatever is not as it was written.
    ///
    /// @param anchor a head of the store kept elsewhere, which the store must still contain
    /// @return the store's head now, to be kept elsewhere
    public Anchor verify(Optional<String> run, Optional<Anchor> anchor, Consumer<Finding> findings) {
        run.ifPresent(this::find);
        return engine.store().verify(run.map(RunId::new), anchor, findings);
    }

    /// Removes runs that ended long ago, with all that is stored of them, in batches, while workers go on. What is kept
    /// of each is its id, how it ended, and the digests of its entries: [#verify] still proves all the rest, also
    /// against anchors of before. Its id is never used again.
    ///
    /// Runs are left that something still needs: children whose parents may go on, Perdure's own, what the rate of a
    /// queue counts, the last of debounced runs. May be killed or interrupted at any time, and called again; several
    /// may be at it at once.
    ///
    /// ```java
    /// administration.prune(Pruning.endedBefore(Duration.ofDays(30)), "nightly job", progress -> {});
    /// ```
    ///
    /// @param by who asks for it, kept with what is left of each run
    /// @param progress told after each batch, on the calling thread
    public Pruning.Report prune(Pruning what, String by, Consumer<Pruning.Report> progress) {
        return new PruneRuns(engine, what, by, progress).prune();
    }

    /// How many runs were pruned from this store, ever.
    public long prunedRuns() {
        return engine.store().prunedRuns();
    }

    /// The workers that are alive as far as can be told from here: their leases hold, and their processes are not known
    /// to be gone.
    public List<WorkerRecord> workers() {
        return new Fleet(engine.store().workers(), List.of(), engine.clock().millis()).alive();
    }

    /// All workers that are known, and what has not ended. Counts runs: for people, not for polling.
    public Fleet fleet() {
        return new Fleet(engine.store().workers(), engine.store().open(), engine.clock().millis());
    }

    /// How large the store is.
    public StoreSize size() {
        return engine.store().size();
    }

    /// The bytes of an artifact, checked against the digest while they are read.
    public Optional<InputStream> artifact(Digest content) {
        return engine.store().openArtifact(content);
    }

    /// Asks a run to cancel. See [RunHandle#cancel].
    ///
    /// @return whether this was the first request
    /// @throws ConflictException if the run has ended
    public boolean cancel(String id, String reason) {
        return cancels.cancel(find(id), reason);
    }

    /// Sends a signal whose payload is JSON text. See [RunHandle#signal].
    ///
    /// @param dedupeId a signal with an id that was sent before, to this run, is not sent again
    /// @return whether it was sent, now
    /// @throws ConflictException if the run has ended
    /// @throws InvalidInputException if there is no such run, or `json` is not JSON
    public boolean signal(String id, String name, String json, String dedupeId) {
        byte[] bytes = json.getBytes(StandardCharsets.UTF_8);
        engine.values().read(bytes, tools.jackson.databind.JsonNode.class, "the payload of signal " + name);
        return operator.signal(find(id), name, bytes, dedupeId);
    }

    /// Sends an update whose payload is JSON text, and waits for the answer. See [RunHandle#update].
    ///
    /// @return the JSON text of the answer
    /// @throws UpdateRefusedException if the run refused it
    /// @throws ConflictException if the run has ended without taking it
    /// @throws InvalidInputException if there is no such run, or `json` is not JSON
    /// @throws RunNotEndedException if the run did not answer in time
    public String update(String id, String name, String json, String dedupeId, Duration limit) {
        byte[] bytes = json.getBytes(StandardCharsets.UTF_8);
        engine.values().read(bytes, tools.jackson.databind.JsonNode.class, "the payload of update " + name);
        RunRecord run = find(id);
        return new String(
                new SendUpdate(engine, worker, run.id(), name, dedupeId).send(run, bytes, limit),
                StandardCharsets.UTF_8);
    }

    /// Stops a run until [#resume]. Steps under way are finished and recorded first.
    ///
    /// @param by who asks for it, recorded in the journal
    /// @param reason why, recorded in the journal
    /// @throws ConflictException if the run has ended, is paused or stuck
    public void pause(String id, String by, String reason) {
        operator.pause(find(id), by, reason);
    }

    /// Lets a paused run go on where it was.
    ///
    /// @param by who asks for it, recorded in the journal
    /// @param reason why, recorded in the journal
    /// @throws ConflictException if the run is not paused
    public void resume(String id, String by, String reason) {
        operator.resume(find(id), by, reason);
    }

    /// Says what became of a step that may have run and must not run twice.
    ///
    /// @param path the step's path, as the run's reason for waiting names it
    /// @param result JSON of what it returned if it [Resolution#HAPPENED]; null otherwise
    /// @param by who says so, recorded in the journal
    /// @param reason why, recorded in the journal
    /// @throws ConflictException if the step is not in doubt, or somebody said so before
    public void resolve(
            String id, String path, Resolution resolution, @Nullable String result, String by, String reason) {
        if (result != null) {
            engine.values()
                    .read(
                            result.getBytes(StandardCharsets.UTF_8),
                            tools.jackson.databind.JsonNode.class,
                            "the result of step " + path);
        }
        operator.resolve(find(id), path, resolution, result, by, reason);
    }

    /// Approvals that wait for somebody to decide, of the newest runs that pass the filter, in all workflows: what
    /// people have to look at. Of a run whose other strands are at work they are listed about a second later.
    ///
    /// @param filter at most [#MAX_ASKING] runs are looked at; see [RunFilter#startedBefore] for the next page
    public List<OpenApproval> approvals(RunFilter filter) {
        if (filter.limit() > MAX_ASKING) {
            throw new InvalidInputException(
                    "a list of approvals looks at 1 to "
                            + MAX_ASKING
                            + " runs; got a limit of "
                            + filter.limit()
                            + ".");
        }
        return engine.store().list(filter.thatAsk()).stream().flatMap(run -> approvals.of(run).stream()).toList();
    }

    /// The approvals of one run that wait for somebody to decide, also if it is paused.
    public List<OpenApproval> approvals(String id) {
        return approvals.of(find(id));
    }

    /// Decides about an approval of a run, from any process. It is durable when this returns; whoever executes the run
    /// takes note of it.
    ///
    /// @param nameOrPath the approval's path, or its name if the run has one of that name
    /// @return the approval as it was decided upon
    /// @throws ConflictException if it is decided already, its proposal is another than was seen, the person may not
    ///   decide it or did before, or the run has ended
    /// @throws InvalidInputException if there is no such approval or run, the name is of several, or an edit does not
    ///   fit
    public OpenApproval decide(String id, String nameOrPath, Verdict verdict, Identity by) {
        return approvals.decide(() -> find(id), nameOrPath, verdict, by);
    }

    /// Lets a failed run go on from the step that failed, or a stuck one try again. If it failed because a child did,
    /// the child is retried first, and the run waits for it again. A worker takes it from there; in a process that has
    /// registered its workflow, that is this one.
    ///
    /// @param by who asks for it, recorded in the journal
    /// @param reason why, recorded in the journal
    /// @throws ConflictException if the run is neither failed nor stuck, or is held by a worker
    public void retry(String id, String by, String reason) {
        find(id);
        retries.retry(new RunId(id), by, reason);
    }
}
