package dev.perdure.sqlite;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.sqlite.BusyHandler;

import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.Statement;
import java.util.concurrent.CountDownLatch;

class PollForLockTest {
    @TempDir Path folder;

    @Test
    void asksAgainUntilItsTimeIsOverEachTime() {
        PollForLock poll = new PollForLock(100);
        for (int wait = 0; wait < 2; wait++) {
            int asked = 0;
            while (poll.callback(asked) != 0) {
                asked++;
            }
            assertThat(asked).isGreaterThan(1);
        }
        assertThat(new PollForLock(0).callback(0)).isZero();
    }

    @Test
    void keepsAnInterruptForAfterwards() {
        PollForLock poll = new PollForLock(10_000);
        Thread.currentThread().interrupt();
        assertThat(poll.callback(0)).isNotZero();
        assertThat(Thread.interrupted()).isTrue();
    }

    @Test
    void getsTheLockOnceItIsFree() throws Exception {
        String url = "jdbc:sqlite:" + folder.resolve("file.db");
        CountDownLatch asks = new CountDownLatch(3);
        try (Connection holder = DriverManager.getConnection(url);
                Connection waiter = DriverManager.getConnection(url);
                Statement held = holder.createStatement();
                Statement waits = waiter.createStatement()) {
            held.execute("PRAGMA journal_mode=WAL");
            PollForLock poll = new PollForLock(60_000);
            BusyHandler.setHandler(
                    waiter,
                    new BusyHandler() {
                        @Override
                        protected int callback(int asked) {
                            asks.countDown();
                            return poll.callback(asked);
                        }
                    });
            held.execute("BEGIN IMMEDIATE");
            Thread release =
                    Thread.ofPlatform()
                            .start(() -> {
                                try {
                                    asks.await();
                                    held.execute("ROLLBACK");
                                } catch (Exception e) {
                                    throw new IllegalStateException(e);
                                }
                            });
            waits.execute("BEGIN IMMEDIATE");
            waits.execute("ROLLBACK");
            release.join();
            assertThat(asks.getCount()).isZero();
        }
    }
}
