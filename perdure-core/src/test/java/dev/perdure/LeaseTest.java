package dev.perdure;

import static org.assertj.core.api.Assertions.assertThat;

import dev.perdure.error.CorruptedException;
import dev.perdure.runtime.GroupCommit;
import dev.perdure.store.RunStore;
import dev.perdure.value.Values;

import org.junit.jupiter.api.Test;

import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;

final class LeaseTest {
    private static final Duration LENGTH = Duration.ofMillis(300);

    /// A store whose answer to a renewal is another.
    private static RunStore renewing(Callable<Boolean> answer) {
        return new AnsweringStore().on("renew", _ -> answer.call()).store();
    }

    private static Lease lease(RunStore store, GroupCommit commits, Duration length, Runnable onLost) {
        PerdureOptions options = PerdureOptions.DEFAULT.withLease(length);
        return new Lease(
                new Engine(store, commits, new Values(options.maxPayloadBytes()), options, new Registry()), onLost);
    }

    private static void losesItInTime(RunStore store) throws InterruptedException {
        try (GroupCommit commits = new GroupCommit(store)) {
            AtomicInteger told = new AtomicInteger();
            Lease lease = lease(store, commits, LENGTH, told::incrementAndGet);
            long announced = System.nanoTime();
            lease.announce();
            while (!lease.isLost()) {
                assertThat(System.nanoTime() - announced).isLessThan(LENGTH.toNanos() * 10);
                Thread.sleep(5);
            }
            assertThat(System.nanoTime() - announced).isGreaterThanOrEqualTo(LENGTH.toNanos() * 8 / 10);
            assertThat(told).hasValue(1);
            String first = lease.id();
            lease.announce();
            assertThat(lease.isLost()).isFalse();
            assertThat(lease.id()).isNotEqualTo(first);
            lease.end();
        }
    }

    @Test
    void isLostWhenItCouldNotBeRenewedInTimeForWhateverReason() throws InterruptedException {
        losesItInTime(
                renewing(() -> {
                    throw new CorruptedException("the row of the worker is damaged");
                }));
    }

    @Test
    void isLostWhenTheStoreDoesNotAnswer() throws InterruptedException {
        CountDownLatch answers = new CountDownLatch(1);
        losesItInTime(
                renewing(() -> {
                    answers.await();
                    return true;
                }));
        answers.countDown();
    }

    @Test
    void isKeptWhileAllCarriersOfVirtualThreadsAreOccupied() throws InterruptedException {
        CountDownLatch renewed = new CountDownLatch(3);
        RunStore store =
                renewing(() -> {
                    renewed.countDown();
                    return true;
                });
        AtomicBoolean over = new AtomicBoolean();
        try (GroupCommit commits = new GroupCommit(store)) {
            AtomicInteger told = new AtomicInteger();
            Lease lease = lease(store, commits, LENGTH.multipliedBy(10), told::incrementAndGet);
            lease.announce();
            for (int i = 0; i < 2 * Runtime.getRuntime().availableProcessors(); i++) {
                Thread.ofVirtual()
                        .start(() -> {
                            while (!over.get()) {
                                Thread.onSpinWait();
                            }
                        });
            }
            assertThat(renewed.await(1, TimeUnit.MINUTES)).as("renewed three times").isTrue();
            assertThat(told).as("times it was lost").hasValue(0);
            lease.end();
        } finally {
            over.set(true);
        }
    }
}
