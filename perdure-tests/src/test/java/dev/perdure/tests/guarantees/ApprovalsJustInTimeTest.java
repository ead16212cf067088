package dev.perdure.tests.guarantees;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.perdure.Approval;
import dev.perdure.Arm;
import dev.perdure.Identity;
import dev.perdure.Perdure;
import dev.perdure.Run;
import dev.perdure.RunHandle;
import dev.perdure.StartOptions;
import dev.perdure.Verdict;
import dev.perdure.Workflow;
import dev.perdure.WorkflowBody;
import dev.perdure.error.ConflictException;
import dev.perdure.store.InboxMessage;
import dev.perdure.store.RunStore;
import dev.perdure.tests.PassingStore;

import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;

/// A decision in the very moment in which the time is up: of the two, what the store took first counts, and whoever was
/// second hears of it.
final class ApprovalsJustInTimeTest {
    private static final Duration LIMIT = Duration.ofSeconds(30);

    /// The time that is up.
    enum Of {
        THE_APPROVAL {
            @Override
            String ask(Run run, Approval<String> approval) {
                return approval.within(SHORT).await().choice();
            }
        },
        THE_APPROVAL_AS_AN_ARM {
            @Override
            String ask(Run run, Approval<String> approval) {
                return run.first("race", Arm.approval(approval.within(SHORT), said -> said.choice()));
            }
        },
        THE_WAIT {
            @Override
            String ask(Run run, Approval<String> approval) {
                return run.first(
                        "race", Arm.approval(approval, said -> said.choice()), Arm.after(SHORT, () -> "reject"));
            }
        };

        private static final Duration SHORT = Duration.ofMillis(40);

        abstract String ask(Run run, Approval<String> approval);
    }

    @TempDir Path folder;

    private static WorkflowBody<String, String> body(Of of) {
        return (run, _) -> {
            String said = of.ask(run, run.approval("publish", "x"));
            run.awaitSignal("go", String.class);
            return said;
        };
    }

    private static void decide(StoreOnDisk store) {
        Clock late = Clock.offset(Clock.systemUTC(), Duration.ofMinutes(-1)); // its clock says that there is time
        try (Perdure other = store.open(StoreOnDisk.OPTIONS.withClock(late))) {
            other.administration().decide("run", "publish", Verdict.approve(), Identity.verified("ann", Set.of()));
        }
    }

    private static RunStore closing(RunStore beneath, Runnable before, Runnable after) {
        return new PassingStore(beneath) {
            @Override
            public boolean deliver(InboxMessage message) {
                boolean closes = message.kind().equals(InboxMessage.APPROVAL_CLOSED);
                if (closes) {
                    before.run();
                }
                boolean first = super.deliver(message);
                if (closes) {
                    after.run();
                }
                return first;
            }
        };
    }

    private static String result(Perdure perdure, Of of) {
        perdure.register(Workflow.named("flow").takes(String.class).returns(String.class).runs(body(of)));
        RunHandle<String> run = perdure.start("flow", "x", StartOptions.withId("run"));
        run.signal("go", "");
        return run.result(LIMIT);
    }

    @ParameterizedTest
    @EnumSource
    void aDecisionThatWasSentFirstCounts(Of of) throws Exception {
        StoreOnDisk store = StoreOnDisk.in(folder);
        AtomicInteger times = new AtomicInteger();
        Runnable once =
                () -> {
                    if (times.getAndIncrement() == 0) {
                        decide(store);
                    }
                };
        try (Perdure perdure = store.open(StoreOnDisk.OPTIONS, beneath -> closing(beneath, once, () -> {}))) {
            assertThat(result(perdure, of)).isEqualTo("approve");
            assertThat(times).hasPositiveValue();
            assertThat(StoreOnDisk.findings(perdure)).isEmpty();
        }
    }

    @ParameterizedTest
    @EnumSource
    void oneThatWasSentSecondIsRefused(Of of) throws Exception {
        StoreOnDisk store = StoreOnDisk.in(folder);
        AtomicInteger refused = new AtomicInteger();
        Runnable late =
                () -> {
                    assertThatThrownBy(() -> decide(store))
                            .isInstanceOf(ConflictException.class)
                            .hasMessageContaining(
                                    of == Of.THE_WAIT
                                            ? "approval publish of run run is not asked for any more"
                                            : "approval publish of run run is already decided: reject, because nobody"
                                                    + " decided");
                    refused.incrementAndGet();
                };
        try (Perdure perdure = store.open(StoreOnDisk.OPTIONS, beneath -> closing(beneath, () -> {}, late))) {
            assertThat(result(perdure, of)).isEqualTo("reject");
            assertThat(refused).hasValue(1);
        }
    }
}
