package dev.perdure.store;

import dev.perdure.error.UnavailableException;
import dev.perdure.journal.Digest;
import dev.perdure.journal.EncodedEntry;
import dev.perdure.journal.Leaf;
import dev.perdure.journal.RunId;

import java.io.InputStream;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Consumer;

/// A place where runs are kept. Implemented natively for each database; `perdure-store-tck` holds the tests that every
/// implementation passes.
///
/// All methods block, are atomic, and may be called from any thread. They throw
/// [dev.perdure.error.UnavailableException] when the store cannot serve the call now (nothing half-written stays
/// behind) and [dev.perdure.error.CorruptedException] when stored data is not what was written. An interrupt of the
/// calling thread, a virtual one above all, changes nothing about a call and stays set: runs that leave memory are
/// interrupted, and have to be released all the same.
public interface RunStore extends AutoCloseable {

    // Journals

    /// Commits the appends of a batch, durably, in one transaction or few; answers in the order of the batch.
    ///
    /// An append is committed only if, inside the same transaction, the run's epoch is the append's and the head is the
    /// expected one. One that is not leaves the others alone. A run may occur at most once in a batch.
    ///
    /// A repetition of what is the head already is answered Committed, whatever became of the epoch meanwhile. An
    /// append that consumes a message which is not there, or is consumed already, is not committed.
    ///
    /// What an append sends is delivered as [#deliver] does it, in the transaction that commits it, and in its order.
    /// One to a run that does not exist is left out and hinders nothing: the addressee of a run's end, say, may be gone
    /// from the store by then, and the run must be able to end. Whoever must know looks first. A run made by the same
    /// batch may count as not existing. An append that would bring a run above [#MAX_WAITING] by a message that
    /// [InboxMessage#isBounded] is Refused with [#full]; whoever sends such looks first, too ([#isFull]).
    List<AppendOutcome> append(List<RunAppend> batch);

    /// The entries of a run from `fromSequence` on, ascending, at most `limit`.
    List<EncodedEntry> read(RunId run, int branch, long fromSequence, int limit);

    /// The entries of a run from `fromSequence` down, descending, at most `limit`. The cost does not depend on how many
    /// entries lie below.
    List<EncodedEntry> readBack(RunId run, int branch, long fromSequence, int limit);

    /// The shared leaf with this digest.
    Optional<Leaf> shared(Digest digest);

    // The run index

    /// The run as the index shows it.
    Optional<RunRecord> find(RunId run);

    /// Runs that pass the filter, newest first. Those that ask for an approval are found without looking at the others.
    List<RunRecord> list(RunFilter filter);

    /// How many runs have not ended, by version of their workflow, group and status, without those that are zero. Looks
    /// at all of them: for people, not for polling.
    List<OpenRuns> open();

    // Leases

    /// What the store's own clock says, in milliseconds since 1970, if it has one: by it leases run out, and those who
    /// use the store take their times from it. Empty: it goes by the times that callers pass.
    default OptionalLong clockMillis() {
        return OptionalLong.empty();
    }

    /// For how long a worker is remembered whose lease ran out while it held runs that nobody has claimed since.
    long FORGET_AFTER_MILLIS = 24 * 60 * 60 * 1_000L;

    /// Makes a worker known, with a lease of `leaseMillis` that covers all runs it will hold.
    ///
    /// Forgets others at the same time, so that the dead do not pile up: workers whose lease ran out and that hold no
    /// run any more, and, as if by [#retire], those whose lease ran out [#FORGET_AFTER_MILLIS] ago.
    void announce(WorkerRecord worker, long nowMillis, long leaseMillis);

    /// Notes what a worker serves. Unknown workers are ignored. It is for people to look at: what a worker is given is
    /// what its claims ask for.
    void serves(String worker, Serves what);

    /// Extends a worker's lease. False: it had run out and its runs may be with others; the worker must stop them and
    /// announce itself again under a new id.
    boolean renew(String worker, long nowMillis, long leaseMillis);

    /// The runs that this worker holds, whatever their status. A worker asks when the answer to a claim or to a start
    /// was lost: what it holds and does not know of it must give back, since nobody else may take it.
    List<RunRecord> heldBy(String worker);

    /// Ends a worker: its runs are pending again at once, and count as not released cleanly. Unknown workers are
    /// ignored.
    void retire(String worker);

    /// All workers that are known, those whose leases ran out included.
    List<WorkerRecord> workers();

    /// Gives the worker runs that are claimable: pending, or held by a worker whose lease has run out, or waiting and
    /// due or with unconsumed messages that its last holder had not seen. Only those are given whose workflow, version
    /// and group the request names. Each gets the next epoch, and its `idleClaims` counts one up, unless it was
    /// released cleanly before.
    List<RunRecord> claim(ClaimRequest request);

    /// Makes a queue known, or changes its limits.
    ///
    /// A run that was made with a [QueuePlace] is pending until a claim gives it to a worker, and a claim does so only
    /// within the limits of its queue, whichever workers ask at the same time: `concurrency` and `perKey` count the
    /// runs that are held (status [RunStatus#RUNNING]; one whose holder died keeps its place until it is retired or
    /// claimed again), `rate` those whose first claim was within the period. A waiting run that is due is pending
    /// again, and needs a place again; its first claim was before.
    ///
    /// Runs that were claimed before come first. Then keys take turns, in their order, beginning after the key served
    /// last; of one key's runs the highest priority comes first, then the oldest. The cost of a claim does not depend
    /// on how many runs wait in a queue. Neither runs of queues nor others keep the other out, nor does one queue
    /// another: see [ClaimRequest#forQueues] and [ClaimRequest#inTurn].
    ///
    /// A run of a queue that was asked to cancel ([InboxMessage#CANCEL], not consumed) waits for no place: it is given
    /// first, whatever the limits, since it is to end. It is counted while it is held; that claim is not its first, so
    /// that cancelling many uses up no rate.
    ///
    /// @throws dev.perdure.error.InvalidInputException if there are [QueueRecord#MAX_QUEUES] others
    void define(QueueRecord queue);

    /// All queues, by name, as they stand at this time.
    List<QueueState> queues(long nowMillis);

    /// Gives the worker one run that no living worker holds, whatever its status, for an operator's act such as a
    /// retry. Empty: it is held, or there is no such run. The status stays, so that nothing is set off if the operator
    /// dies before releasing it; idle claims are counted anew from here.
    Optional<RunRecord> take(String worker, RunId run, long nowMillis);

    /// Ends the leases of runs and puts each into its status, in one transaction; ignores those whose epoch has passed
    /// on or whose lease was ended before. What a release tells is delivered in the same transaction, as [#append]
    /// delivers what it sends; that of one that is ignored is not.
    void release(List<RunRelease> releases);

    /// As [#release(List)], of one run.
    default void release(
            RunId run, long epoch, RunStatus status, String reason, Optional<Long> wakeAtMillis, long seenArrival) {
        release(List.of(new RunRelease(run, epoch, status, reason, wakeAtMillis, seenArrival)));
    }

    /// Sets the `reason` that the index shows for runs which this worker holds and executes, such as the step they are
    /// in. Others are left alone. It is for people to look at: nothing is lost with it.
    void note(String worker, Map<RunId, String> notes);

    // Messages

    /// How many unconsumed messages a run may have for another signal or update to be delivered.
    int MAX_WAITING = 10_000;

    /// Puts a message into a run's inbox and makes a waiting run claimable. False: a message with this id was delivered
    /// before, consumed or not. The cost of looking at the bound may grow with the messages that wait, and with nothing
    /// else.
    ///
    /// @throws dev.perdure.error.InvalidInputException if there is no such run
    /// @throws dev.perdure.error.UnavailableException for a message that [InboxMessage#isBounded], if the run has
    ///   [#MAX_WAITING] unconsumed ones; see [#full]
    boolean deliver(InboxMessage message);

    /// What a store throws at [#MAX_WAITING].
    static UnavailableException full(RunId run) {
        return new UnavailableException(
                "run "
                        + run
                        + " has "
                        + MAX_WAITING
                        + " messages that it has not taken, and gets no further one. Nothing was sent. Send it again"
                        + " when the run has taken some; `perdure show "
                        + run
                        + "` tells what it does.");
    }

    /// Whether a run has [#MAX_WAITING] unconsumed messages. False for one that does not exist.
    boolean isFull(RunId run);

    /// The unconsumed messages of a run, in order of arrival.
    List<InboxMessage> inbox(RunId run, int limit);

    /// The runs held by this worker that have unconsumed messages.
    List<RunId> withMessages(String worker);

    /// A number that changes when there may be something new to claim or to read in an inbox: at once if this handle
    /// did it, within two seconds if another did, and sooner where the database tells; it stays the same while nothing
    /// changes. Cheap enough to ask many times a second.
    long changeNumber();

    /// When [#claim] may give something for this request, in milliseconds since 1970, if [#changeNumber] stays the
    /// same: the first timer, say, or the end of another worker's lease. A time that is not in the future: now,
    /// perhaps. `Long.MAX_VALUE`: not by time alone. A worker with nothing to do asks this instead of claiming all the
    /// time.
    ///
    /// This default says now, and is right for a store that is asked cheaply.
    default long claimableAtMillis(ClaimRequest request) {
        return request.nowMillis();
    }

    /// How many runs [#claim] may give for this request now, were its limit higher, counted up to `most`: workers share
    /// a burst by that. An estimate. Runs that wait in queues are left out, since limits decide about them; runs that
    /// dead workers hold are counted whatever they are. Not asked for requests that name runs.
    int claimable(ClaimRequest request, int most);

    // The user's own tables

    /// How a step writes rows of the user's own in the transaction that commits its entry; empty: this store cannot.
    default Optional<Transactions> transactions() {
        return Optional.empty();
    }

    // Artifacts

    /// Stores a content of any size, reading it once in pieces; contents with equal digests are stored once. If the
    /// stream fails nothing is kept, and its exception is the cause of a [dev.perdure.error.PerdureException].
    ArtifactRecord saveArtifact(InputStream content);

    /// Opens a stored content for reading in pieces; it is checked against its digest while it is read, and the read
    /// that meets a difference fails with an [java.io.IOException].
    Optional<InputStream> openArtifact(Digest content);

    // Pruning

    /// The most runs that one [#prune] takes, and the most rows that one [#sweep] removes.
    int MAX_PRUNED = 1_000;

    /// Runs that have ended, that nobody holds, and whose last entry was written before `beforeMillis`, in the order in
    /// which runs were made.
    ///
    /// @param workflow only runs of this workflow
    /// @param after a place that was shown before; empty: from the first on
    List<PrunableRun> ended(long beforeMillis, Optional<String> workflow, String after, int limit);

    /// Takes runs out of the store, in one short transaction that waits for nobody: what is kept of each is its
    /// [PrunedRun], and the digests of its entries for the chain. From then on nobody finds it, an append that would
    /// make a run of that id is refused with [PrunedRun#taken], and [#verify] misses nothing. Its entries and messages
    /// are removed by [#sweep].
    ///
    /// A run is left as it is if it is held, does not end with the entry that its record shows, or is being written to
    /// at that moment.
    ///
    /// @param runs at most [#MAX_PRUNED], as [#ended] showed them
    /// @return those that were pruned
    List<RunId> prune(List<RunRecord> runs, long nowMillis, String by);

    /// Removes entries and messages that pruned runs left, at most `limit` (1 to [#MAX_PRUNED]), in one short
    /// transaction. Whoever is killed leaves a store in which the next call goes on. Several may be at it at once.
    ///
    /// @return how many were removed; 0: nothing is left that nobody else is removing
    int sweep(int limit);

    /// What is left of a run that was pruned.
    Optional<PrunedRun> pruned(RunId run);

    /// How many runs were pruned, ever.
    long prunedRuns();

    // Care

    /// Checks everything that is stored, or everything of one run, and reports what is not as it was written. Changes
    /// nothing. An anchor of fewer entries than the store has is compared with its head as of then.
    ///
    /// @return the store's anchor as found
    Anchor verify(Optional<RunId> only, Optional<Anchor> anchor, Consumer<Finding> findings);

    /// How much is stored, as of now.
    StoreSize size();

    @Override
    void close();
}
