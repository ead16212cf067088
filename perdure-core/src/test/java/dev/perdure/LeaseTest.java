package dev.perdure;

import static org.assertj.core.api.Assertions.assertThat;

import dev.perdure.error.CorruptedException;
import dev.perdure.runtime.GroupCommit;
import dev.perdure.store.RunStore;
import dev.perdure.value.Values;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.OptionalLong;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;

final class LeaseTest {
    private static final Duration LENGTH = Duration.ofSeconds(1);

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
                assertThat(System.nanoTime() - announced)
                        .as("others may take its runs")
                        .isLessThan(LENGTH.toNanos() * 3 / 2);
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
    @Timeout(60)
    void isLostWhenTheStoreSaysSo() throws InterruptedException {
        RunStore store = renewing(() -> false);
        try (GroupCommit commits = new GroupCommit(store)) {
            Lease lease = lease(store, commits, LENGTH, () -> {});
            lease.announce();
            while (!lease.isLost()) {
                Thread.sleep(1);
            }
            lease.end();
        }
    }

    @Test
    @Timeout(60)
    void isLostOnceThoughTheStoreSaysSoLater() throws Exception {
        CountDownLatch answers = new CountDownLatch(1);
        CompletableFuture<Thread> asking = new CompletableFuture<>();
        RunStore store =
                renewing(() -> {
                    asking.complete(Thread.currentThread());
                    answers.await();
                    return false;
                });
        try (GroupCommit commits = new GroupCommit(store)) {
            AtomicInteger told = new AtomicInteger();
            Lease lease = lease(store, commits, Duration.ofMillis(300), told::incrementAndGet);
            lease.announce();
            while (!lease.isLost()) {
                Thread.sleep(1);
            }
            answers.countDown();
            asking.get().join();
            assertThat(told).hasValue(1);
            lease.end();
        }
    }

    @Test
    void keepsTheClockRightAndIsGivenBack() throws InterruptedException {
        CountDownLatch compared = new CountDownLatch(3); // when it is made, and with two renewals
        List<Object> retired = new CopyOnWriteArrayList<>();
        RunStore store =
                new AnsweringStore()
                        .on("renew", _ -> true)
                        .on(
                                "clockMillis",
                                _ -> {
                                    compared.countDown();
                                    return OptionalLong.of(Clock.systemUTC().millis());
                                })
                        .on("retire", arguments -> retired.add(arguments[0]) ? null : null)
                        .store();
        PerdureOptions options = PerdureOptions.DEFAULT.withLease(Duration.ofMillis(100));
        try (GroupCommit commits = new GroupCommit(store)) {
            StoreClock clock = new StoreClock(Clock.systemUTC(), store, 0);
            Lease lease =
                    new Lease(new Engine(store, commits, new Values(1_000), options, new Registry(), clock), () -> {});
            lease.announce();
            assertThat(compared.await(1, TimeUnit.MINUTES)).isTrue();
            lease.end();
            assertThat(retired).containsExactly(lease.id());
        }
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
            Lease lease = lease(store, commits, LENGTH.multipliedBy(3), told::incrementAndGet);
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
