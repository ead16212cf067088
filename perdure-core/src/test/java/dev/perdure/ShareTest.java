package dev.perdure;

import static org.assertj.core.api.Assertions.assertThat;

import dev.perdure.store.Serves;
import dev.perdure.store.WorkerRecord;
import dev.perdure.store.WorkflowVersion;

import org.junit.jupiter.api.Test;

import java.util.List;
import java.util.Set;

final class ShareTest {
    private static final long NOW = 1_000;
    private static final WorkflowVersion BRIEF = new WorkflowVersion("brief", 1);
    private static final WorkflowVersion SCHEDULE = new WorkflowVersion(SystemRuns.PREFIX + "schedule", 1);
    private static final Serves MINE = new Serves(Set.of("default"), Set.of(BRIEF, SCHEDULE), false);

    private final Share share = new Share();

    private static WorkerRecord worker(String id, long leaseUntil, Serves serves) {
        return new WorkerRecord(id, "host", 1, 1, leaseUntil).serving(serves);
    }

    private int limitBeside(WorkerRecord other) {
        share.look(List.of(worker("me", NOW + 1, MINE), other), "me", MINE, NOW);
        return share.limit(0, 0);
    }

    @Test
    void takesWhatThereIsWhenAlone() {
        assertThat(share.limit(0, 0)).as("before it looked").isEqualTo(Share.ALONE);
        share.look(List.of(worker("me", NOW + 1, MINE)), "me", MINE, NOW);
        share.took(0, 3);
        assertThat(share.limit(0, 0)).isEqualTo(Share.ALONE);
    }

    @Test
    void takesFewBesideOneThatWouldTakeThem() {
        assertThat(limitBeside(worker("peer", NOW + 1, MINE))).isEqualTo(5);
        Serves more = new Serves(Set.of("default", "gpu"), Set.of(BRIEF, new WorkflowVersion("brief", 2)), false);
        assertThat(limitBeside(worker("peer", NOW + 1, more))).isEqualTo(5);
    }

    @Test
    void doesNotCountThoseThatWouldNot() {
        assertThat(limitBeside(worker("dead", NOW, MINE))).isEqualTo(Share.ALONE);
        assertThat(limitBeside(worker("own only", NOW + 1, new Serves(Set.of("default"), Set.of(BRIEF), true))))
                .isEqualTo(Share.ALONE);
        assertThat(limitBeside(worker("elsewhere", NOW + 1, new Serves(Set.of("gpu"), Set.of(BRIEF), false))))
                .isEqualTo(Share.ALONE);
        Serves other = new Serves(Set.of("default"), Set.of(new WorkflowVersion("brief", 2), SCHEDULE), false);
        assertThat(limitBeside(worker("of another version", NOW + 1, other)))
                .as("Perdure's own workflows are everywhere")
                .isEqualTo(Share.ALONE);
    }

    @Test
    void replacesWhatHasEnded() {
        share.look(List.of(worker("peer", NOW + 1, MINE)), "me", MINE, NOW);
        share.took(0, 40);
        assertThat(share.limit(40, 0)).isEqualTo(5);
        assertThat(share.limit(30, 0)).isEqualTo(15);
        assertThat(share.limit(60, 0)).as("started here meanwhile").isEqualTo(5);
        share.took(0, 2 * Share.ALONE);
        assertThat(share.limit(0, 0)).isEqualTo(Share.ALONE);
    }

    @Test
    void takesItsPartOfABurstOnce() {
        share.look(List.of(worker("peer", NOW + 1, MINE), worker("other", NOW + 1, MINE)), "me", MINE, NOW);
        assertThat(share.limit(0, 90)).as("of three").isEqualTo(30);
        share.took(30, 30);
        assertThat(share.limit(30, 60)).as("the rest is for the others").isEqualTo(5);
        assertThat(share.limit(20, 60)).as("but what ended is replaced").isEqualTo(15);
        assertThat(share.limit(30, 360)).as("more came").isEqualTo(100);
        assertThat(share.limit(0, 1_000_000)).isEqualTo(Share.ALONE);
    }

    @Test
    void asksForNoLongerCountThanMatters() {
        share.look(List.of(worker("peer", NOW + 1, MINE)), "me", MINE, NOW);
        assertThat(share.limit(0, share.most())).isEqualTo(Share.ALONE);
        share.took(100, 100);
        assertThat(share.limit(100, share.most())).isEqualTo(Share.ALONE);
    }
}
