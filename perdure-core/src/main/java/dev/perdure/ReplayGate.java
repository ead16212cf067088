package dev.perdure;

import dev.perdure.journal.Entry;
import dev.perdure.journal.History;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;

/// Holds a run's strands back from going live until all of them have replayed what is recorded, so that changed code is
/// found before any strand writes anything.
///
/// A strand that has nothing left to replay waits here at its next live call. When every strand waits here, or in a
/// join, the replay is over: what is not consumed then never will be, and is divergence; otherwise the gate opens for
/// good. It also opens if a strand makes no call on its run for longer than [#PATIENCE_NANOS], because it computes, or
/// waits for another one outside of Perdure.
///
/// Thread-safe.
final class ReplayGate {
    private static final Logger LOG = LoggerFactory.getLogger(ReplayGate.class);
    private static final long PATIENCE_NANOS = TimeUnit.SECONDS.toNanos(3);

    private final Execution execution;
    private final History history;
    private final Map<Strand, Strands> joining = new HashMap<>();
    private final Set<Strand> waiting = new HashSet<>();
    private int active;
    private volatile boolean open;
    private final Waits waits;

    /// @param open whether there is nothing to replay
    ReplayGate(Execution execution, History history, boolean open) {
        this.execution = execution;
        this.history = history;
        this.open = open;
        this.waits = new Waits(execution, this);
    }

    /// What the strands wait for.
    Waits waits() {
        return waits;
    }

    /// Counts a strand that begins to wait for something outside of the run.
    synchronized void rests() {
        active--;
        settle();
    }

    /// Counts a strand that waits no more.
    synchronized void works() {
        active++;
    }

    boolean isOpen() {
        return open;
    }

    synchronized void began() {
        active++;
    }

    /// Counts a strand that nobody waits for and that ended.
    synchronized void ended() {
        active--;
        settle();
    }

    /// Counts a strand that ended, and puts it where `scope` waits for it: in one, since its owner may go on at once
    /// and wait for the next.
    synchronized void ended(Strands scope, Runnable put) {
        put.run();
        goesOn(scope.owner(), scope);
        ended();
    }

    /// Counts a strand that is about to wait for one of `scope` to end.
    ///
    /// @return false if one has ended
    synchronized boolean joins(Strand owner, Strands scope) {
        if (scope.anyFinished()) {
            return false;
        }
        joining.put(owner, scope);
        active--;
        settle();
        return true;
    }

    /// Counts a strand that waits no more.
    synchronized void goesOn(Strand owner, Strands scope) {
        if (joining.remove(owner, scope)) {
            active++;
        }
    }

    /// Returns when `strand` may go live, has ended, or its run leaves.
    void pass(Strand strand) {
        if (!open) {
            await(strand);
        }
    }

    private synchronized void await(Strand strand) {
        long since = System.nanoTime();
        waiting.add(strand);
        active--;
        settle();
        while (!open && !strand.ended() && !execution.leaving()) {
            long left = PATIENCE_NANOS - (System.nanoTime() - since);
            if (left <= 0) {
                LOG.warn(
                        "run {}: strand {} and others go on although another one has made no call on its run for {} s",
                        execution.id(),
                        strand.path(),
                        TimeUnit.NANOSECONDS.toSeconds(PATIENCE_NANOS));
                open = true;
                notifyAll();
                break;
            }
            try {
                TimeUnit.NANOSECONDS.timedWait(this, left);
            } catch (InterruptedException e) {
                // whoever interrupted has said why: the strand looks at its next call
            }
        }
        waiting.remove(strand);
        active++;
    }

    /// Lets those who wait look again: a strand was ended, or the run leaves.
    synchronized void wake() {
        notifyAll();
    }

    private void settle() {
        if (active > 0 || execution.leaving()) {
            return;
        }
        if (waiting.isEmpty()) {
            waits.leaveIfWaiting();
            return;
        }
        Optional<Strand> ahead =
                joining.keySet().stream()
                        .filter(owner -> owner.cursor().next().isPresent())
                        .min(Comparator.comparingLong(owner -> owner.cursor().next().orElseThrow().sequence()));
        Optional<Entry> notOpened = history.neverOpened();
        if (ahead.isPresent()) {
            Entry recorded = ahead.get().cursor().next().orElseThrow();
            Strand behind = firstWaiting();
            execution.diverge(
                    behind.path(),
                    recorded.describeInRun(),
                    "more on strand " + behind.path() + ", which ended before that");
        } else if (notOpened.isPresent()) {
            execution.diverge(
                    notOpened.get().path(),
                    notOpened.get().describeInRun(),
                    "something that is not recorded, before opening that strand");
        } else {
            open = true;
        }
        notifyAll();
    }

    private Strand firstWaiting() {
        return waiting.stream().min(Comparator.comparing(strand -> strand.path().text())).orElseThrow();
    }
}
