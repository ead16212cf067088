package dev.perdure.tests.fleet;

import dev.perdure.tests.fleet.Fleet.Member;
import dev.perdure.tests.fleet.HistoryFile.Line;

import java.io.IOException;
import java.time.Duration;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;

/// Looks when the others take over what one worker holds, in what they write down.
final class TakeOver {
    private static final int LOOK_MILLIS = 5;

    private final Set<String> left = new HashSet<>();
    private final Map<Member, Long> read = new LinkedHashMap<>();
    private final int all;

    /// From now on.
    ///
    /// @param running the runs that somebody executes
    TakeOver(Fleet fleet, Member from, Set<String> running) throws IOException {
        left.addAll(heldBy(from, running));
        all = left.size();
        for (Member member : fleet.members()) {
            if (member != from) {
                read.put(member, HistoryFile.size(member.history()));
            }
        }
    }

    /// Which of these runs a worker holds.
    static Set<String> heldBy(Member worker, Set<String> running) throws IOException {
        Set<String> held = new HashSet<>();
        for (Line line : worker.lines()) {
            switch (line) {
                case Line.Claimed claimed -> held.add(claimed.run());
                case Line.Released released -> held.remove(released.run());
                case Line.Acknowledged _, Line.Executed _, Line.Transacting _ -> {}
            }
        }
        held.retainAll(running);
        return held;
    }

    /// Waits until they have taken over a first run, and then until they have all, each at most so long: they may be
    /// asleep themselves.
    void await(Duration first, Duration rest) throws IOException, InterruptedException {
        long end = System.nanoTime() + first.toNanos();
        while (left.size() == all && !left.isEmpty() && System.nanoTime() < end) {
            look();
        }
        end = System.nanoTime() + rest.toNanos();
        while (!left.isEmpty() && System.nanoTime() < end) {
            look();
        }
    }

    private void look() throws IOException, InterruptedException {
        Thread.sleep(LOOK_MILLIS);
        for (Map.Entry<Member, Long> other : read.entrySet()) {
            for (Line line : HistoryFile.read(other.getKey().history(), other.getValue())) {
                if (line instanceof Line.Claimed claimed) {
                    left.remove(claimed.run());
                }
            }
        }
    }
}
