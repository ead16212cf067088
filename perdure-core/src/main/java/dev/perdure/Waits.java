package dev.perdure;

import dev.perdure.store.InboxMessage;

import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;

/// What the strands of a run wait for, and the messages that came for them.
///
/// A run whose strands all wait, for longer than [#KEEP_MILLIS], leaves memory; the store's index says when it is due,
/// and a message makes it due at once. Messages are handed out in order of arrival, each to one wait.
///
/// Thread-safe: guarded by the run's [ReplayGate], which counts the strands at work.
final class Waits {
    /// A shorter wait is not worth the way out of memory and back.
    private static final long KEEP_MILLIS = 1_000;

    /// Wakes in slices, since the clock may be a manual one.
    private static final long SLICE_MILLIS = 50;

    private final Execution execution;
    private final ReplayGate gate;
    private final SeenMessages seen;
    private final List<InboxMessage> arrived = new ArrayList<>();
    private final List<Wait> open = new ArrayList<>();
    private long seenArrival;

    Waits(Execution execution, ReplayGate gate) {
        this.execution = execution;
        this.gate = gate;
        this.seen = execution.seen();
    }

    /// One strand's wait.
    private static final class Wait {
        private final Strand strand;
        private final String what;
        private final Deadline deadline;
        private final Predicate<InboxMessage> matches;
        private @Nullable InboxMessage got;
        private boolean atWork = true;

        private Wait(Strand strand, String what, Deadline deadline, Predicate<InboxMessage> matches) {
            this.strand = strand;
            this.what = what;
            this.deadline = deadline;
            this.matches = matches;
        }
    }

    /// Takes messages that came, those that were offered before left aside.
    void offer(List<InboxMessage> messages) {
        synchronized (gate) {
            if (execution.leaving()) {
                return; // nobody here takes them any more: they make the run due once it is released
            }
            for (InboxMessage message : messages) {
                if (seen.isNew(message)) {
                    seenArrival = Math.max(seenArrival, message.arrival());
                    handOut(message);
                }
            }
            gate.notifyAll();
        }
    }

    /// As [#offer], of what a read of the inbox found.
    ///
    /// @param complete whether there were no more
    void offerRead(List<InboxMessage> messages, boolean complete) {
        synchronized (gate) { // no other read ends in between
            offer(messages);
            seen.readEnds(messages, complete);
        }
    }

    private void handOut(InboxMessage message) {
        for (Wait wait : open) {
            if (wait.got == null && wait.matches.test(message)) {
                wait.got = message;
                work(wait);
                return;
            }
        }
        arrived.add(message);
    }

    /// The highest arrival number of the messages offered so far.
    long seenArrival() {
        synchronized (gate) {
            return seenArrival;
        }
    }

    /// Waits on the strand's thread until a message comes that matches, or the wait is over, or the strand has
    /// something else to look at: the caller looks, and calls again.
    ///
    /// @param what names what is waited for in the run index, such as `signal paid`
    Optional<InboxMessage> await(Strand strand, String what, Deadline deadline, Predicate<InboxMessage> matches) {
        synchronized (gate) {
            Optional<InboxMessage> there = poll(matches);
            if (there.isPresent()) {
                return there;
            }
            Wait wait = new Wait(strand, what, deadline, matches);
            open.add(wait);
            rest(wait);
            try {
                while (wait.got == null && !toLookAt(strand) && !deadline.isOver()) {
                    pause(deadline);
                }
            } finally {
                open.remove(wait);
                work(wait);
            }
            return Optional.ofNullable(wait.got);
        }
    }

    /// Whether a message is there that matches.
    boolean holds(Predicate<InboxMessage> matches) {
        synchronized (gate) {
            return arrived.stream().anyMatch(matches);
        }
    }

    /// A message that is there, if one matches; does not wait.
    Optional<InboxMessage> poll(Predicate<InboxMessage> matches) {
        synchronized (gate) {
            Optional<InboxMessage> first = arrived.stream().filter(matches).findFirst();
            first.ifPresent(arrived::remove);
            return first;
        }
    }

    /// Puts a message back that a strand was given and has not taken.
    void putBack(InboxMessage message) {
        synchronized (gate) {
            arrived.addFirst(message);
        }
    }

    private boolean toLookAt(Strand strand) {
        return execution.leaving() || strand.ended() || strand.hasToLook();
    }

    private void pause(Deadline deadline) {
        try {
            TimeUnit.MILLISECONDS.timedWait(gate, Math.clamp(deadline.leftMillis(), 1, SLICE_MILLIS));
        } catch (InterruptedException e) {
            // whoever interrupted has said why: the strand looks
        }
    }

    private void rest(Wait wait) {
        wait.atWork = false;
        gate.rests();
    }

    private void work(Wait wait) {
        if (!wait.atWork) {
            wait.atWork = true;
            gate.works();
        }
    }

    /// What the strands wait for now that people have to decide, as the run index names it.
    List<String> approvals() {
        synchronized (gate) {
            return open.stream().map(wait -> wait.what).filter(Approvals::isWaiting).distinct().sorted().toList();
        }
    }

    /// Called when no strand is at work: the run leaves memory unless a wait is over soon, or a strand has something
    /// else to look at, such as that a sibling failed: nothing from outside would bring the run back for that.
    void leaveIfWaiting() {
        if (open.isEmpty() || execution.leaving() || execution.stops().isCancelPending()) {
            return;
        }
        if (open.stream().anyMatch(wait -> toLookAt(wait.strand))) {
            return;
        }
        Deadline first =
                open.stream()
                        .map(wait -> wait.deadline)
                        .min(Comparator.comparingLong(Deadline::untilMillis))
                        .orElseThrow();
        if (first.leftMillis() < KEEP_MILLIS || open.stream().anyMatch(wait -> wait.strand.hasToLook())) {
            return;
        }
        Optional<Long> wakeAt = first.isNever() ? Optional.empty() : Optional.of(first.untilMillis());
        if (open.stream().anyMatch(wait -> !wait.strand.hasPassedDeadline())
                && execution.stops().deadline().isPresent()) {
            long deadline = execution.stops().deadline().get();
            wakeAt = Optional.of(Math.min(deadline, wakeAt.orElse(deadline)));
        }
        List<String> all = open.stream().map(wait -> wait.what).distinct().sorted(Approvals.FIRST).toList();
        List<String> what = all.subList(0, Math.min(5, all.size()));
        int more = all.size() - what.size();
        execution.leave(
                new Outcome.Waiting(String.join("; ", what) + (more > 0 ? "; and " + more + " more" : ""), wakeAt));
    }
}
