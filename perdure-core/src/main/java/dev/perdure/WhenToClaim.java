package dev.perdure;

import dev.perdure.store.ClaimRequest;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/// Tells a worker when it is time to claim, so that one with nothing to do hardly asks its store: after something
/// changed in the store, after something happened here, and when the store said that there would be something.
///
/// The last covers what time alone brings: timers, and leases that run out. What the store says is asked anew after
/// every change, and every [#LONGEST_NANOS] in any case.
///
/// [#poke] and [#dueAt] are thread-safe; the rest belongs to the worker's polling thread.
final class WhenToClaim {
    /// While there may be something to claim that was not given: whoever holds it may let go of it.
    private static final long AGAIN_NANOS = TimeUnit.MILLISECONDS.toNanos(250);

    private static final long LONGEST_NANOS = TimeUnit.SECONDS.toNanos(10);

    private final Engine engine;
    private final AtomicLong dueHereMillis = new AtomicLong(Long.MAX_VALUE);
    private volatile boolean poked;
    private long seenChange = Long.MIN_VALUE;
    private long dueMillis = Long.MAX_VALUE;
    private long lookedAtNanos = System.nanoTime();
    private long pauseNanos = AGAIN_NANOS;

    WhenToClaim(Engine engine) {
        this.engine = engine;
    }

    /// Something happened here: it is time.
    void poke() {
        poked = true;
    }

    /// A run that was executed here is due at this time, in milliseconds since 1970.
    void dueAt(long millis) {
        dueHereMillis.accumulateAndGet(millis, Math::min);
    }

    /// Whether it is time to look for runs and messages. If so, it is taken as done.
    boolean isTime() {
        long change = engine.store().changeNumber();
        long now = engine.clock().millis();
        if (!poked
                && change == seenChange
                && System.nanoTime() - lookedAtNanos < pauseNanos
                && now < Math.min(dueMillis, dueHereMillis.get())) {
            return false;
        }
        poked = false;
        seenChange = change;
        lookedAtNanos = System.nanoTime();
        pauseNanos = LONGEST_NANOS;
        dueMillis = Long.MAX_VALUE;
        dueHereMillis.getAndUpdate(at -> now >= at ? Long.MAX_VALUE : at);
        return true;
    }

    /// Whether the store may have something for this request now. If not, [#isTime] says when it may.
    boolean mayBring(ClaimRequest request) {
        long at = engine.store().claimableAtMillis(request);
        if (at > request.nowMillis()) {
            dueMillis = at;
            return false;
        }
        pauseNanos = AGAIN_NANOS;
        return true;
    }
}
