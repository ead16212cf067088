package dev.perdure.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.FutureTask;
import java.util.concurrent.atomic.AtomicInteger;

@Timeout(30)
final class CommitLaneTest {
    private static <T> Future<T> virtually(Callable<T> work) {
        FutureTask<T> task = new FutureTask<>(work);
        Thread.ofVirtual().start(task);
        return task;
    }

    @Test
    void worksOnAPlatformThreadForAVirtualOne() throws Exception {
        try (CommitLane lane = new CommitLane()) {
            Thread worked = virtually(() -> lane.call(Thread::currentThread)).get();

            assertThat(worked.isVirtual()).isFalse();
            assertThat(virtually(() -> lane.call(Thread::currentThread)).get()).as("the next time").isSameAs(worked);
            assertThat(lane.call(Thread::currentThread)).isSameAs(Thread.currentThread());
            assertThatThrownBy(() ->
                            virtually(() ->
                                            lane.call(() -> {
                                                throw new IllegalStateException("as planned");
                                            }))
                                    .get())
                    .hasRootCauseMessage("as planned");
            assertThatThrownBy(() ->
                            virtually(() ->
                                            lane.call(() -> {
                                                throw new AssertionError("an error, too");
                                            }))
                                    .get())
                    .hasRootCauseMessage("an error, too");
        }
    }

    @Test
    void endsItsThreadWhenItIsClosed() throws Exception {
        CommitLane lane = new CommitLane();
        Thread worked = virtually(() -> lane.call(Thread::currentThread)).get();
        lane.close();
        worked.join();
    }

    @Test
    void keepsAnInterruptFromTheWorkForTheCaller() throws Exception {
        try (CommitLane lane = new CommitLane()) {
            CountDownLatch working = new CountDownLatch(1);
            CountDownLatch interrupted = new CountDownLatch(1);
            List<Boolean> seen = new ArrayList<>();
            Thread caller =
                    Thread.ofVirtual()
                            .start(() -> {
                                seen.add(
                                        lane.call(() -> {
                                            working.countDown();
                                            return waited(interrupted);
                                        }));
                                seen.add(Thread.interrupted());
                            });
            working.await();
            caller.interrupt();
            interrupted.countDown();
            caller.join();

            assertThat(seen).as("the work was left alone, and the caller knows").containsExactly(true, true);
        }
    }

    private static boolean waited(CountDownLatch latch) {
        try {
            latch.await();
            return true;
        } catch (InterruptedException e) {
            return false;
        }
    }

    @Test
    void answersEverybodyThoughItIsClosedMeanwhile() throws Exception {
        for (int round = 0; round < 200; round++) {
            CommitLane lane = new CommitLane();
            AtomicInteger done = new AtomicInteger();
            List<Future<Integer>> calls = new ArrayList<>();
            try (ExecutorService callers = Executors.newVirtualThreadPerTaskExecutor()) {
                for (int i = 0; i < 4; i++) {
                    calls.add(callers.submit(() -> lane.call(done::incrementAndGet)));
                }
                lane.close();
            }
            for (Future<Integer> call : calls) {
                assertThat(call.get()).isBetween(1, 4);
            }
            assertThat(done).as("each once").hasValue(4);
        }
    }
}
