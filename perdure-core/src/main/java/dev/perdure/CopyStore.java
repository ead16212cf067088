package dev.perdure;

import dev.perdure.error.ConflictException;
import dev.perdure.error.InvalidInputException;
import dev.perdure.runtime.HostIdentity;
import dev.perdure.store.Anchor;
import dev.perdure.store.StorePart;
import dev.perdure.store.StoreProvider;
import dev.perdure.store.StoreStanding;
import dev.perdure.store.StoreStanding.State;
import dev.perdure.store.WholeStore;
import dev.perdure.store.WorkerRecord;

import java.time.Clock;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;

/// Moves a store to another place, of whatever kind, or copies it.
///
/// ```java
/// var report = CopyStore.move("jdbc:sqlite:agents.db", "jdbc:postgresql://db/agents", progress -> {});
/// ```
///
/// A move first closes the source for writing, for good: nobody may go on where a copy was taken from. Whoever has it
/// open can read, and is told where it went. A copy (`keep`) takes a snapshot instead and leaves the source as it is;
/// runs that are held at that moment are in it as if their workers had died.
///
/// Everything is copied: runs with their epochs, entries byte for byte and in the order of their commits, so that the
/// anchor stays the same, messages with the ids of those consumed, payloads, artifacts, queues. Workers are not. At the
/// end the target is verified and compared with the source, and only then opened.
///
/// A move may be killed at any time: called again, it goes on where it was. A copy begins anew then, since its snapshot
/// is gone. Blocks. Stateless and thread-safe.
public final class CopyStore {
    private CopyStore() {}

    /// How far it has come.
    ///
    /// @param part what is being copied; none: the copy is being verified
    /// @param done how many rows of it are in the target
    /// @param total how many there are
    public record Progress(Optional<StorePart> part, long done, long total) {}

    /// What was copied.
    ///
    /// @param rows how many rows of each part the target holds
    /// @param bytes about how many bytes of contents this call copied
    /// @param resumed whether an earlier call had begun it
    /// @param anchor the anchor of source and target
    public record Report(
            String from, String to, Map<StorePart, Long> rows, long bytes, boolean resumed, Anchor anchor) {
        /// Copies the map.
        public Report {
            rows = Map.copyOf(rows);
        }
    }

    /// Moves the store at one URL to another, where there is none yet, or the beginning of this move.
    ///
    /// @throws InvalidInputException if a URL is wrong, both name the same store, or the target is not empty
    /// @throws ConflictException if a worker has the source, or it was moved elsewhere
    /// @throws dev.perdure.error.UnavailableException if a store cannot serve: call it again to go on
    /// @throws dev.perdure.error.CorruptedException if the target does not become what the source is
    public static Report move(String from, String to, Consumer<Progress> progress) {
        Clock clock = Clock.systemUTC();
        return open(
                from, to, source -> refuse(source, clock), (source, target) -> move(source, target, clock, progress));
    }

    /// Copies the store at one URL to another, where there is none yet, and leaves it as it is.
    public static Report keep(String from, String to, Consumer<Progress> progress) {
        return open(from, to, CopyStore::refuseIncomplete, (source, target) -> keep(source, target, progress));
    }

    /// Gives up a move, so that the source can be worked with again. The copy must not be worked with then: whether it
    /// was, nobody can tell.
    ///
    /// @throws InvalidInputException if the store is not being moved and was not
    public static StoreStanding abandon(String from) {
        try (WholeStore source = existing(from)) {
            StoreStanding standing = source.standing();
            if (standing.state() != State.LEAVING && standing.state() != State.LEFT) {
                throw new InvalidInputException(
                        source.name() + " is not being moved. Nothing was changed. There is nothing to give up.");
            }
            source.stay();
            return standing;
        }
    }

    /// To be called after a store was restored from a backup, before workers go on with it: see [WholeStore#fence].
    ///
    /// @return how many runs it holds
    public static long afterRestore(String url) {
        try (WholeStore store = existing(url)) {
            if (store.standing().state() != State.OPEN) {
                throw new ConflictException(store.standing().refusal(store.name()));
            }
            return store.fence();
        }
    }

    /// As [#move(String, String, Consumer)], of stores that are open as wholes; closes neither.
    public static Report move(WholeStore source, WholeStore target, Clock clock, Consumer<Progress> progress) {
        StoreStanding left = source.standing();
        StoreStanding there = target.standing();
        refuseSame(source, target);
        boolean leaving = left.state() == State.LEAVING || left.state() == State.LEFT;
        if (leaving && !left.isWith(there.id())) {
            throw new ConflictException(left.refusal(source.name()));
        }
        boolean complete = leaving && there.state() == State.OPEN && there.isWith(left.id());
        if (!complete) {
            prepare(source, target, leaving);
            retireGone(source);
            source.leave(there.id(), target.name(), clock.millis());
            target.receive(left.id(), source.name());
        }
        boolean resumed = complete || (there.state() == State.RECEIVING && leaving);
        Report report =
                source.look(contents -> {
                    CopyRows copy = new CopyRows(source.name(), contents, target, progress);
                    return complete ? copy.report(resumed) : copy.copy(resumed);
                });
        source.left();
        return report;
    }

    /// As [#keep(String, String, Consumer)], of stores that are open as wholes; closes neither.
    public static Report keep(WholeStore source, WholeStore target, Consumer<Progress> progress) {
        refuseSame(source, target);
        refuseIncomplete(source);
        prepare(source, target, false);
        target.receive(source.standing().id(), source.name());
        return source.look(contents -> new CopyRows(source.name(), contents, target, progress).copy(false));
    }

    /// What is in the target must be nothing, or what this very move put there: the source was closed for writing then.
    private static void prepare(WholeStore source, WholeStore target, boolean leaving) {
        StoreStanding there = target.standing();
        refuseIncomplete(source);
        boolean begun = there.state() == State.RECEIVING && there.isWith(source.standing().id());
        if (begun && !leaving) {
            target.clear();
        } else if (!begun && (there.state() != State.OPEN || !target.isEmpty())) {
            throw new InvalidInputException(
                    "the store "
                            + target.name()
                            + (there.state() == State.OPEN
                                    ? " is not empty. Nothing was changed."
                                    : " is not empty: " + there.refusal("it"))
                            + " Name a place where there is no store yet.");
        }
    }

    private static void refuseIncomplete(WholeStore source) {
        if (source.standing().state() == State.RECEIVING) {
            throw new ConflictException(source.standing().refusal(source.name()));
        }
    }

    /// What would refuse a move to a place that is not made yet, so that none is made for nothing.
    private static void refuse(WholeStore source, Clock clock) {
        StoreStanding standing = source.standing();
        if (standing.state() != State.OPEN) {
            throw new ConflictException(standing.refusal(source.name()));
        }
        retireGone(source);
        source.refuseWorkers(clock.millis());
    }

    private static void refuseSame(WholeStore source, WholeStore target) {
        if (source.standing().id().equals(target.standing().id())) {
            throw new InvalidInputException(
                    source.name()
                            + " and "
                            + target.name()
                            + " are the same store, or one is a copy of the other's files. Nothing was changed. Name a"
                            + " place where there is no store yet.");
        }
    }

    /// A worker that was killed on this machine is not waited for.
    private static void retireGone(WholeStore source) {
        for (WorkerRecord worker : source.workers()) {
            if (HostIdentity.isGone(worker.host(), worker.pid(), worker.processStart())) {
                source.retire(worker.id());
            }
        }
    }

    private interface Work {
        Report with(WholeStore source, WholeStore target);
    }

    /// @param refusal what is looked at before a target is made
    private static Report open(String from, String to, Consumer<WholeStore> refusal, Work work) {
        StoreProvider place = StoreProviders.of(to);
        try (WholeStore source = existing(from)) {
            if (!place.exists(to)) {
                refusal.accept(source);
            }
            try (WholeStore target = place.openWhole(to)) {
                return work.with(source, target);
            }
        }
    }

    private static WholeStore existing(String url) {
        StoreProvider provider = StoreProviders.of(url);
        if (!provider.exists(url)) {
            throw new InvalidInputException("there is no store to copy from. Nothing was changed. Correct --from.");
        }
        return provider.openWhole(url);
    }
}
