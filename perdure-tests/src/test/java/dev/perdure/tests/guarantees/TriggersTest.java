package dev.perdure.tests.guarantees;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.perdure.EndedRun;
import dev.perdure.Perdure;
import dev.perdure.StartOptions;
import dev.perdure.Trigger;
import dev.perdure.Workflow;
import dev.perdure.error.ConflictException;
import dev.perdure.error.InvalidInputException;
import dev.perdure.store.RunFilter;
import dev.perdure.store.RunRecord;
import dev.perdure.store.RunStatus;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.stream.IntStream;

/// Runs that start because something happened: one per firing, whoever is killed.
final class TriggersTest {
    private static final Duration LIMIT = Duration.ofSeconds(30);

    @TempDir Path folder;

    record Placed(String order) {}

    private static Workflow<String, String> order() {
        return Workflow.named("order")
                .takes(String.class)
                .returns(String.class)
                .runs((_, in) -> {
                    if (in.equals("bad")) {
                        throw new IllegalStateException("bad");
                    }
                    return in + "!";
                });
    }

    private static Workflow<EndedRun, String> bill() {
        return Workflow.named("bill")
                .takes(EndedRun.class)
                .returns(String.class)
                .runs((_, ended) -> ended.run() + " " + ended.status() + " " + ended.details().orElseThrow());
    }

    private static Workflow<Placed, String> welcome() {
        return Workflow.named("welcome").takes(Placed.class).returns(String.class).runs((_, p) -> "hello " + p.order());
    }

    private static List<RunRecord> started(Perdure perdure, String workflow, int number) throws InterruptedException {
        List<RunRecord> runs = List.of();
        for (int i = 0; i < 1_000; i++) {
            runs = perdure.administration().runs(RunFilter.newest(100).withWorkflow(workflow));
            if (runs.size() >= number && runs.stream().allMatch(run -> run.status().ended())) {
                return runs;
            }
            Thread.sleep(10);
        }
        throw new AssertionError(number + " runs of " + workflow + " instead of " + runs);
    }

    @Test
    void theEndOfARunStartsAnother() throws Exception {
        try (Perdure perdure = StoreOnDisk.in(folder).open()) {
            perdure.register(order(), bill());
            perdure.register(
                    Trigger.named("done").onEndOf("order", RunStatus.COMPLETED).starts(bill()),
                    Trigger.named("any").onEndOf("order").starts(bill()));
            perdure.start("order", "x", StartOptions.withId("one"));
            perdure.start("order", "bad", StartOptions.withId("two"));
            List<RunRecord> bills = started(perdure, "bill", 3);

            assertThat(bills)
                    .extracting(run -> run.id().value())
                    .containsExactlyInAnyOrder("done:one@0", "any:one@0", "any:two@0");
            assertThat(perdure.run("done:one@0", String.class).result(LIMIT)).isEqualTo("one COMPLETED \"x!\"");
            assertThat(perdure.run("any:two@0", String.class).result(LIMIT))
                    .startsWith("two FAILED {\"step\":\"\",\"failure\":{\"type\":\"IllegalStateException\"");
        }
    }

    @Test
    void anEndThatCameWhileNobodyWorkedFiresLaterAndOnce() throws Exception {
        StoreOnDisk store = StoreOnDisk.in(folder);
        Trigger trigger = Trigger.named("done").onEndOf("order").starts(bill());
        for (int life = 0; life < 3; life++) {
            try (Perdure perdure = store.open()) {
                perdure.register(order());
                perdure.register(trigger);
                perdure.start("order", "x", StartOptions.withId("order-" + life)).result(LIMIT); // then it is closed
            }
        }
        try (Perdure perdure = store.open()) {
            perdure.register(trigger).work();
            assertThat(started(perdure, "bill", 3))
                    .extracting(run -> run.id().value())
                    .containsExactlyInAnyOrder("done:order-0@0", "done:order-1@0", "done:order-2@0");
        }
    }

    @Test
    void aSignalStartsOneRunHoweverOftenItIsSent() throws Exception {
        try (Perdure perdure = StoreOnDisk.in(folder).open()) {
            perdure.register(Trigger.named("orders").onSignal("placed").starts(welcome()));
            for (int i : IntStream.range(0, 6).toArray()) {
                perdure.administration()
                        .signal("trigger:orders", "placed", "{\"order\":\"" + i % 3 + "\"}", "m" + i % 3);
            }
            perdure.administration().signal("trigger:orders", "placed", "{\"nonsense\":1}", "odd");
            perdure.administration().signal("trigger:orders", "placed", "{\"order\":\"last\"}", "with a space");

            List<RunRecord> runs = started(perdure, "welcome", 4);
            assertThat(runs).hasSize(4);
            assertThat(perdure.run("orders:m2", String.class).result(LIMIT)).isEqualTo("hello 2");
            assertThat(perdure.administration().find("trigger:orders").status().ended()).isFalse();
        }
    }

    @Test
    void whatCannotBeATriggerIsRefused() {
        try (Perdure perdure = StoreOnDisk.in(folder).open()) {
            assertThatThrownBy(() -> Trigger.named("a b")).isInstanceOf(InvalidInputException.class);
            assertThatThrownBy(() -> Trigger.named("a").onEndOf("order", RunStatus.WAITING))
                    .isInstanceOf(InvalidInputException.class)
                    .hasMessageContaining("fires on COMPLETED, FAILED and CANCELLED only");
            perdure.register(Trigger.named("a").onEndOf("order").starts(bill()));
            assertThatThrownBy(() -> perdure.register(Trigger.named("a").onEndOf("order").starts(bill())))
                    .isInstanceOf(ConflictException.class)
                    .hasMessageContaining("registered already");
        }
    }
}
