package dev.perdure;

import static org.assertj.core.api.Assertions.assertThat;

import dev.perdure.error.CorruptedException;
import dev.perdure.runtime.GroupCommit;
import dev.perdure.store.RunStore;
import dev.perdure.store.memory.MemoryStore;
import dev.perdure.value.Values;

import org.junit.jupiter.api.Test;

import java.lang.reflect.Proxy;
import java.time.Duration;

final class LeaseTest {
    private static final Duration LENGTH = Duration.ofMillis(300);

    /// A store that cannot renew leases, for a reason that is not that it is unavailable.
    private static RunStore cannotRenew(RunStore beneath) {
        return (RunStore)
                Proxy.newProxyInstance(
                        RunStore.class.getClassLoader(),
                        new Class<?>[] {RunStore.class},
                        (_, method, args) -> {
                            if (method.getName().equals("renew")) {
                                throw new CorruptedException("the row of the worker is damaged");
                            }
                            return method.invoke(beneath, args);
                        });
    }

    @Test
    void isLostWhenItCouldNotBeRenewedInTimeForWhateverReason() throws InterruptedException {
        RunStore store = cannotRenew(new MemoryStore());
        try (GroupCommit commits = new GroupCommit(store)) {
            PerdureOptions options = PerdureOptions.DEFAULT.withLease(LENGTH);
            Lease lease =
                    new Lease(
                            new Engine(store, commits, new Values(options.maxPayloadBytes()), options, new Registry()));
            long announced = System.nanoTime();
            lease.announce();
            while (lease.keep()) {
                assertThat(System.nanoTime() - announced).isLessThan(LENGTH.toNanos() * 10);
                Thread.sleep(5);
            }
            assertThat(System.nanoTime() - announced).isGreaterThanOrEqualTo(LENGTH.toNanos());
        }
    }
}
