package dev.perdure;

import static org.assertj.core.api.Assertions.assertThat;

import dev.perdure.runtime.GroupCommit;
import dev.perdure.store.ClaimRequest;
import dev.perdure.store.RunStore;
import dev.perdure.value.Values;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import java.time.Clock;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;

@Timeout(60)
final class WhenToClaimTest {
    private long now = 10_000;
    private long change = 1;
    private long claimableAt = Long.MAX_VALUE;

    private final RunStore store =
            new AnsweringStore().on("changeNumber", _ -> change).on("claimableAtMillis", _ -> claimableAt).store();
    private final PerdureOptions options =
            PerdureOptions.DEFAULT.withClock(
                    new Clock() {
                        @Override
                        public ZoneId getZone() {
                            return ZoneOffset.UTC;
                        }

                        @Override
                        public Clock withZone(ZoneId zone) {
                            return this;
                        }

                        @Override
                        public Instant instant() {
                            return Instant.ofEpochMilli(now);
                        }
                    });
    private final GroupCommit commits = new GroupCommit(store);
    private final WhenToClaim when =
            new WhenToClaim(new Engine(store, commits, new Values(1_000), options, new Registry()));

    @BeforeEach
    void lookOnce() {
        assertThat(when.isTime()).as("the first time").isTrue();
        assertThat(mayBring()).isFalse();
        assertThat(when.isTime()).isFalse();
    }

    @AfterEach
    void end() {
        commits.close();
    }

    private boolean mayBring() {
        return when.mayBring(new ClaimRequest("worker", Set.of(), Optional.empty(), 1, now));
    }

    private void assertOnce() {
        assertThat(when.isTime()).isTrue();
        assertThat(mayBring()).isFalse();
        assertThat(when.isTime()).as("again").isFalse();
    }

    @Test
    void whenSomethingHappenedHere() {
        when.poke();
        assertOnce();
    }

    @Test
    void whenTheStoreChanged() {
        change++;
        assertOnce();
    }

    @Test
    void whenARunOfThisProcessIsDue() {
        when.dueAt(now + 100);
        when.dueAt(now + 300);
        now += 99;
        assertThat(when.isTime()).isFalse();
        now++;
        assertOnce();
    }

    @Test
    void whenTheStoreSaidThatThereWouldBeSomething() {
        claimableAt = now + 100;
        when.poke();
        assertThat(when.isTime()).isTrue();
        assertThat(mayBring()).isFalse();
        now += 99;
        assertThat(when.isTime()).isFalse();
        now++;
        assertThat(when.isTime()).isTrue();
        assertThat(mayBring()).isTrue();
    }

    @Test
    void soonAgainWhileThereMayBeWhatWasNotGiven() throws InterruptedException {
        claimableAt = now;
        when.poke();
        assertThat(when.isTime()).isTrue();
        assertThat(mayBring()).isTrue();
        long looked = System.nanoTime();
        while (!when.isTime()) {
            Thread.sleep(5);
        }
        assertThat(System.nanoTime() - looked)
                .as("not at once again, and long before it looks in any case")
                .isBetween(TimeUnit.MILLISECONDS.toNanos(100), TimeUnit.SECONDS.toNanos(8));
    }
}
