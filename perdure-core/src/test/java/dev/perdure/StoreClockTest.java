package dev.perdure;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.perdure.store.RunStore;
import dev.perdure.store.memory.MemoryStore;

import org.junit.jupiter.api.Test;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.OptionalLong;
import java.util.concurrent.atomic.AtomicReference;

final class StoreClockTest {
    private static final Clock SYSTEM = Clock.systemUTC();

    private static RunStore storeWith(Clock clock) {
        return new AnsweringStore().on("clockMillis", _ -> OptionalLong.of(clock.millis())).store();
    }

    private static void assertTells(Clock clock, Clock expected) {
        assertThat(clock.millis()).isCloseTo(expected.millis(), within(StoreClock.TOLERATED_MILLIS));
        assertThat(clock.instant().toEpochMilli()).isCloseTo(expected.millis(), within(StoreClock.TOLERATED_MILLIS));
    }

    @Test
    void clockOfAMachineThatIsAnHourOffIsSetByTheStores() {
        for (Duration off : new Duration[] {Duration.ofHours(1), Duration.ofHours(-1), Duration.ofSeconds(5)}) {
            assertTells(new StoreClock(Clock.offset(SYSTEM, off), storeWith(SYSTEM)), SYSTEM);
        }
    }

    @Test
    void clockThatIsNearlyRightIsLeftAlone() {
        Clock behind = Clock.offset(SYSTEM, Duration.ofMillis(-500));
        long before = behind.millis();
        long told = new StoreClock(behind, storeWith(SYSTEM)).millis();

        assertThat(told).isBetween(before, behind.millis());
    }

    @Test
    void clockOfATestTellsItsOwnTime() {
        Clock fixed = Clock.fixed(Instant.EPOCH, ZoneOffset.UTC);
        Clock own =
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
                        return Instant.EPOCH;
                    }
                };

        assertThat(new StoreClock(fixed, storeWith(SYSTEM)).instant()).isEqualTo(Instant.EPOCH);
        assertThat(new StoreClock(own, storeWith(SYSTEM)).instant()).isEqualTo(Instant.EPOCH);
    }

    @Test
    void isComparedAgainNowAndThen() {
        AtomicReference<Duration> off = new AtomicReference<>(Duration.ZERO);
        RunStore store =
                new AnsweringStore()
                        .on("clockMillis", _ -> OptionalLong.of(SYSTEM.millis() + off.get().toMillis()))
                        .store();
        StoreClock seldom = new StoreClock(SYSTEM, store);
        StoreClock always = new StoreClock(SYSTEM, store, 0);

        off.set(Duration.ofHours(1)); // somebody set the server's
        seldom.compareNowAndThen();
        always.compareNowAndThen();
        assertTells(seldom, SYSTEM);
        assertTells(always, Clock.offset(SYSTEM, Duration.ofHours(1)));
        off.set(Duration.ZERO);
        always.compareNowAndThen();
        assertTells(always, SYSTEM);
    }

    @Test
    void answerThatIsSlowOnBothWaysIsTakenForOneOfTheMiddle() {
        Duration way = Duration.ofMillis(400);
        RunStore slow =
                new AnsweringStore()
                        .on(
                                "clockMillis",
                                _ -> {
                                    Thread.sleep(way);
                                    long there = SYSTEM.millis();
                                    Thread.sleep(way);
                                    return OptionalLong.of(there);
                                })
                        .store();

        long told = new StoreClock(Clock.offset(SYSTEM, Duration.ofHours(1)), slow).millis();
        assertThat(told).isCloseTo(SYSTEM.millis(), within(way.toMillis() / 2));
    }

    @Test
    void storeWithoutAClockLeavesTheMachines() {
        Clock ahead = Clock.offset(SYSTEM, Duration.ofHours(1));

        assertTells(new StoreClock(ahead, new MemoryStore()), ahead);
    }
}
