package dev.perdure;

import static org.assertj.core.api.Assertions.assertThat;

import dev.perdure.journal.RunId;
import dev.perdure.store.QueuePlace;

import org.junit.jupiter.api.Test;

import java.util.Optional;

final class WantedTest {
    private static final RunId RUN = new RunId("a");

    private final Wanted wanted = new Wanted();

    @Test
    void namesRunsUntilTheyAreTaken() {
        assertThat(wanted.isAny()).isFalse();
        wanted.add(RUN, Optional.empty());
        assertThat(wanted.isAny()).isTrue();
        assertThat(wanted.only().orElseThrow()).containsExactly(RUN);
        wanted.taken(RUN);
        assertThat(wanted.isAny()).isFalse();
    }

    @Test
    void keepsNoNamesOnceAllRunsAreWanted() {
        wanted.add(RUN, Optional.empty());
        var named = wanted.only().orElseThrow();
        wanted.all();
        wanted.add(new RunId("b"), Optional.empty());
        assertThat(wanted.only()).isEmpty();
        assertThat(named).as("what others may take, and end, unseen here").isEmpty();
        assertThat(wanted.isAny()).isTrue();
    }

    @Test
    void namesAQueueInPlaceOfItsRuns() {
        for (int i = 0; i < 3; i++) {
            wanted.add(new RunId("queued-" + i), Optional.of(new QueuePlace("mail", "", 0)));
        }
        assertThat(wanted.only().orElseThrow()).isEmpty();
        assertThat(wanted.queues()).containsExactly("mail");
        assertThat(wanted.isAny()).isTrue();
    }
}
