package dev.perdure.tests.fleet;

import dev.perdure.testing.Postmaster;
import dev.perdure.tests.fleet.Fleet.Member;
import dev.perdure.tests.fleet.Proxy.Cut;
import dev.perdure.tests.fleet.Proxy.Point;

import java.time.Duration;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;

/// Lets things go wrong in a fleet, one after the other, as chance in the form of a seed has it.
final class FleetChaos {
    /// What goes wrong.
    enum Fault {
        /// A worker is killed, and another one started.
        KILL,
        /// A worker's process sleeps for longer than its lease, and wakes up.
        SLEEP,
        /// What a worker sends is held back for longer than its lease, and then comes.
        HOLD,
        /// What a worker sends is held back until others have taken over its runs, and then comes.
        ZOMBIE,
        /// All connections of a worker are cut at once.
        CUT_ALL,
        /// One connection of a worker is cut at some statement.
        CUT,
        /// The server is stopped and started.
        RESTART,
        /// The server crashes and recovers.
        CRASH
    }

    private static final int PAUSE_MILLIS = 300;
    private static final int STATEMENTS = 12;
    private static final int LOOK_MILLIS = 20;
    private static final int ZOMBIE_MILLIS = 50;
    private static final Duration ALL_TAKEN = Duration.ofMillis(250);
    private static final int TAKE_OVER_LEASES = 4;

    private final Fleet fleet;
    private final Postmaster postmaster;
    private final long leaseMillis;
    private final Random random;
    private final Map<Fault, Integer> done = new EnumMap<>(Fault.class);

    FleetChaos(Fleet fleet, Postmaster postmaster, Duration lease, Random random) {
        this.fleet = fleet;
        this.postmaster = postmaster;
        this.leaseMillis = lease.toMillis();
        this.random = random;
    }

    /// How often what went wrong.
    Map<Fault, Integer> done() {
        return done;
    }

    /// One of these faults, to a worker that is at work.
    void strike(List<Fault> faults) throws Exception {
        Thread.sleep(random.nextInt(PAUSE_MILLIS));
        Member victim = fleet.members().get(random.nextInt(fleet.members().size()));
        victim.process().awaitFirstLine();
        if (!victim.process().isAlive()) {
            throw new AssertionError(victim.name() + " ended by itself: " + victim.process().lines());
        }
        Fault fault = faults.get(random.nextInt(faults.size()));
        long beyond = leaseMillis + random.nextLong(leaseMillis / 2);
        switch (fault) {
            case KILL -> {
                fleet.kill(victim);
                fleet.add();
            }
            case SLEEP -> {
                victim.process().signal("STOP");
                Thread.sleep(beyond);
                victim.process().signal("CONT");
            }
            case HOLD -> {
                victim.proxy().hold(true);
                Thread.sleep(beyond);
                victim.proxy().hold(false);
            }
            case ZOMBIE -> zombie(victim);
            case CUT_ALL -> victim.proxy().cutAll();
            case CUT -> {
                Point[] points = Point.values();
                victim.proxy().cut(new Cut(random.nextInt(STATEMENTS), points[random.nextInt(points.length)]));
            }
            case RESTART -> restart(Postmaster.Mode.FAST);
            case CRASH -> restart(Postmaster.Mode.IMMEDIATE);
        }
        done.merge(fault, 1, Integer::sum);
    }

    private void zombie(Member victim) throws Exception {
        Set<String> running = awaitWork(victim);
        victim.proxy().hold(true);
        try {
            TakeOver others = new TakeOver(fleet, victim, running);
            others.await(Duration.ofMillis(TAKE_OVER_LEASES * leaseMillis), ALL_TAKEN);
            Thread.sleep(random.nextInt(ZOMBIE_MILLIS));
        } finally {
            victim.proxy().hold(false);
        }
    }

    /// The runs that workers execute, as soon as this one executes some of them; or after a lease.
    private Set<String> awaitWork(Member victim) throws Exception {
        long end = System.nanoTime() + Duration.ofMillis(leaseMillis).toNanos();
        Set<String> running = fleet.running();
        while (TakeOver.heldBy(victim, running).isEmpty() && System.nanoTime() < end) {
            Thread.sleep(LOOK_MILLIS);
            running = fleet.running();
        }
        return running;
    }

    private void restart(Postmaster.Mode mode) throws Exception {
        postmaster.stop(mode);
        postmaster.start();
    }
}
