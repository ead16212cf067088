package dev.perdure.tests.guarantees;

import static org.assertj.core.api.Assertions.assertThat;

import dev.perdure.Perdure;
import dev.perdure.PerdureOptions;
import dev.perdure.StartOptions;
import dev.perdure.Workflow;
import dev.perdure.journal.Digest;
import dev.perdure.journal.Leaf;
import dev.perdure.store.RunStatus;
import dev.perdure.store.RunStore;
import dev.perdure.store.memory.MemoryStore;
import dev.perdure.tests.PassingStore;

import org.junit.jupiter.api.Test;

import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;

/// A record that a replay cannot read is no failure of a step: code must not get hold of it.
final class DamagedRecordsTest {
    private final AtomicBoolean damaged = new AtomicBoolean();
    private final AtomicInteger executed = new AtomicInteger();

    private final class Damaged extends PassingStore {
        Damaged(RunStore beneath) {
            super(beneath);
        }

        @Override
        public Optional<Leaf> shared(Digest digest) {
            return damaged.get() ? Optional.empty() : super.shared(digest);
        }
    }

    private Workflow<String, String> flow() {
        return Workflow.named("flow")
                .takes(String.class)
                .returns(String.class)
                .runs((run, _) -> {
                    String found;
                    try {
                        found =
                                run.step(
                                        "large",
                                        String.class,
                                        () -> {
                                            executed.incrementAndGet();
                                            return "x".repeat(50_000);
                                        });
                    } catch (RuntimeException swallowed) {
                        found = "nothing";
                    }
                    run.awaitSignal("on", String.class);
                    return "found " + found.length();
                });
    }

    @Test
    void aRunWhoseRecordsAreDamagedIsStuckAndGoesOnWhenTheyAreMended() throws Exception {
        try (Perdure first = Perdure.on(new Damaged(new MemoryStore()), PerdureOptions.DEFAULT)) {
            first.start(flow(), "", StartOptions.withId("run"));
            StoreOnDisk.awaitStatus(first, "run", RunStatus.WAITING);
            damaged.set(true);
            first.run("run", String.class).signal("on", "");
            StoreOnDisk.awaitStatus(first, "run", RunStatus.STUCK);
            assertThat(first.administration().find("run").reason())
                    .contains("run run names the shared payload", "which is not in the store", "perdure verify run");
            assertThat(StoreOnDisk.words(first, "run")).noneMatch(word -> word.contains("run failed"));

            damaged.set(false);
            first.administration().retry("run", "a test", "mended");
            assertThat(first.run("run", String.class).result(java.time.Duration.ofSeconds(30)))
                    .isEqualTo("found 50000");
        }
        assertThat(executed).hasValue(1);
    }
}
