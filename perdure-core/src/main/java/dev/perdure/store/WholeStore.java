package dev.perdure.store;

import dev.perdure.error.ConflictException;

import java.util.List;
import java.util.function.Consumer;
import java.util.function.Function;

/// A store as a whole: how it is moved to another place, and made fit for work after it was restored from a backup.
/// Opened by [StoreProvider#openWhole]; not for the way of a run. Methods are atomic; not thread-safe.
///
/// A move needs no more of a store than this: it is read part by part in a fixed order, and each transaction of the
/// copy holds some rows and how far they reach ([#add]). So whoever is killed leaves a copy that another can go on
/// with.
public interface WholeStore extends AutoCloseable {
    /// How far [#fence] moves epochs on: more than a run is ever claimed between a backup and its restore.
    long EPOCHS_OF_A_LOST_FUTURE = 1L << 20;

    /// Where it is, as messages say it; no secrets.
    String name();

    /// What it knows of itself.
    StoreStanding standing();

    /// Whether nothing was ever put into it.
    boolean isEmpty();

    /// All workers that are known.
    List<WorkerRecord> workers();

    /// As [RunStore#retire].
    void retire(String worker);

    /// Refuses what [#leave] would refuse; changes nothing. For whoever is about to make a place to leave for.
    ///
    /// @throws ConflictException if a worker's lease has not run out
    void refuseWorkers(long nowMillis);

    /// Allows reading only, for all who have it open, in one transaction: whatever was under way is committed before,
    /// and whoever writes later gets [StoreStanding#refusal]. Must not cost the appends of an open store anything.
    ///
    /// @throws ConflictException if a worker's lease has not run out
    void leave(String toId, String toName, long nowMillis);

    /// Tells that the store it leaves for is complete.
    void left();

    /// Allows everything again.
    void stay();

    /// Reads all of it as of one moment. What is written meanwhile is not seen.
    <T> T look(Function<Contents, T> reader);

    /// Makes it a copy that is not complete. It is open for nobody until [#received].
    void receive(String fromId, String fromName);

    /// Adds rows to a copy, and notes how far they reach, in one transaction. Entries of a run come in order.
    ///
    /// @throws ConflictException if it is not a copy that is not complete, or rows do not follow those that are there
    void add(StorePart part, String place, List<StoredRow> rows);

    /// What [#add] throws when rows are there already.
    ///
    /// @param name where the copy is
    static ConflictException crowded(String name, Exception cause) {
        return new ConflictException(
                "what was to be copied to "
                        + name
                        + " next is there already: another process copies to it, too. Nothing was changed here. Let one"
                        + " of them come to its end; the same command then says so, or goes on.",
                cause);
    }

    /// Removes everything from a copy that is not complete.
    void clear();

    /// Makes a copy a store like others. It remembers whom it was received from.
    void received();

    /// As [RunStore#verify], of everything.
    Anchor verify(Consumer<Finding> findings);

    /// To be called after the store was restored from a backup, before anybody works with it. Retires all workers and
    /// raises every run's epoch by [#EPOCHS_OF_A_LOST_FUTURE], in one transaction: who still holds runs of the future
    /// that was lost commits nothing here, and no epoch is given out twice.
    ///
    /// @return how many runs it holds
    long fence();

    @Override
    void close();

    /// What a store holds at one moment.
    interface Contents {
        /// How many rows a part has.
        long count(StorePart part);

        /// Shows the rows of a part behind a place, in order, until the visitor wants no more.
        ///
        /// @param after a place that an earlier visit showed; empty: from the first on
        void visit(StorePart part, String after, Visitor visitor);

        /// The anchor, as [RunStore#verify] would find it; entries themselves need not be checked.
        Anchor anchor();
    }

    /// Sees rows.
    interface Visitor {
        /// Looks at one row.
        ///
        /// @param place names the row as long as nothing is written
        /// @return whether more rows are wanted
        boolean see(String place, StoredRow row);
    }
}
