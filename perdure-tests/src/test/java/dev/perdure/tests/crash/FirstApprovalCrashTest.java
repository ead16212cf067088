package dev.perdure.tests.crash;

import static org.assertj.core.api.Assertions.assertThat;

import dev.perdure.Arm;
import dev.perdure.Identity;
import dev.perdure.OpenApproval;
import dev.perdure.Perdure;
import dev.perdure.PerdureOptions;
import dev.perdure.Run;
import dev.perdure.RunHandle;
import dev.perdure.StartOptions;
import dev.perdure.Verdict;
import dev.perdure.Workflow;
import dev.perdure.error.ConflictException;
import dev.perdure.error.InvalidInputException;
import dev.perdure.journal.Event;
import dev.perdure.store.Finding;
import dev.perdure.store.InboxMessage;
import dev.perdure.store.RunStore;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;

/// A wait for approvals, a signal and a time, killed at every commit of the run and of those who decide: the winner
/// stays the winner, what lost is withdrawn, and each decision that was sent is recorded once.
final class FirstApprovalCrashTest {
    /// Who is to win, and what is said for that: people by name, or `stop` for the signal.
    enum Winner {
        APPROVAL("approve", Duration.ofDays(1), "ann", "carl", "bob"),
        SIGNAL("stopped", Duration.ofDays(1), "ann", "stop", "bob"),
        TIME("nothing", Duration.ofMillis(60), "ann");

        private final String outcome;
        private final Duration limit;
        private final List<String> said;

        Winner(String outcome, Duration limit, String... said) {
            this.outcome = outcome;
            this.limit = limit;
            this.said = List.of(said);
        }
    }

    private static final String RUN = "run";

    /// How many commits a kill is looked at after; a longer test looks at all.
    private static final int BOUND = Integer.getInteger("perdure.crash.bound", 12);

    private static String race(Run run, Winner winner) {
        String won =
                run.first(
                        "race",
                        Arm.approval(run.approval("publish", "x").quorum(2), decision -> decision.choice()),
                        Arm.approval(run.approval("waive", "y").within(Duration.ofHours(1)), decision -> "waived"),
                        Arm.signal("stop", String.class, why -> why),
                        Arm.after(winner.limit, () -> "nothing"));
        return run.step("after", String.class, () -> won);
    }

    private static RunStore open(Place place) throws IOException {
        RunStore store = place.open();
        store.workers().forEach(worker -> store.retire(worker.id())); // this process was it, and seems alive
        return store;
    }

    @ParameterizedTest
    @EnumSource
    void theWinnerStaysTheWinner(Winner winner) throws Exception {
        Places.use(places -> kill(winner, places));
    }

    private static void kill(Winner winner, Places places) throws Exception {
        CopyingStore store = CopyingStore.on(places.fresh());
        live(store, winner);
        assertThat(store.copies()).hasSizeGreaterThan(7);
        for (CopyingStore.Copy copy : store.copies(BOUND)) {
            live(open(copy.restore()), winner);
        }
    }

    private static void live(RunStore store, Winner winner) throws Exception {
        PerdureOptions options = PerdureOptions.DEFAULT.withCloseGrace(Duration.ZERO);
        try (Perdure perdure = Perdure.on(store, options)) {
            perdure.register(
                    Workflow.named("flow")
                            .takes(String.class)
                            .returns(String.class)
                            .runs((run, _) -> race(run, winner)));
            RunHandle<String> run = perdure.start("flow", "x", StartOptions.withId(RUN));
            winner.said.forEach(who -> say(perdure, who));
            assertThat(run.result(Duration.ofSeconds(60))).isEqualTo(winner.outcome);
            List<Finding> findings = new ArrayList<>();
            perdure.administration().verify(Optional.empty(), Optional.empty(), findings::add);
            assertThat(findings).isEmpty();
            checkRecorded(perdure, store, winner);
        }
    }

    private static void checkRecorded(Perdure perdure, RunStore store, Winner winner) {
        List<Event> events = new ArrayList<>();
        perdure.administration().journal(RUN, 0, entry -> events.add(entry.event()));
        Set<String> counted = new HashSet<>();
        for (Event event : events) {
            if (event instanceof Event.DecisionTaken taken && taken.refused().isEmpty()) {
                assertThat(counted.add(taken.by())).as("%s counts once", taken.by()).isTrue();
            }
        }
        assertThat(counted).hasSize(winner == Winner.APPROVAL ? 3 : 1);
        assertThat(events.stream().filter(Event.ApprovalWithdrawn.class::isInstance))
                .hasSize(winner == Winner.APPROVAL ? 1 : 2);
        assertThat(store.inbox(perdure.administration().find(RUN).id(), 100))
                .filteredOn(message -> !message.kind().equals(InboxMessage.SIGNAL))
                .isEmpty();
    }

    /// Says it again in every life, as somebody does who had no answer.
    private static void say(Perdure perdure, String who) {
        Predicate<OpenApproval> publish = open -> open.path().equals("publish");
        try {
            if (who.equals("stop")) {
                perdure.run(RUN, String.class).signal("stop", "stopped", "stop");
                return;
            }
            for (int i = 0; i < 2_000 && !perdure.administration().find(RUN).status().ended(); i++) {
                if (perdure.administration().approvals(RUN).stream().anyMatch(publish) || isOver(perdure)) {
                    break;
                }
                Thread.sleep(1);
            }
            perdure.administration()
                    .decide(
                            RUN,
                            "publish",
                            who.equals("carl") ? Verdict.reject() : Verdict.approve(),
                            Identity.verified(who, Set.of()));
        } catch (ConflictException | InvalidInputException e) {
            assertThat(e.getMessage()).containsAnyOf("decided", "asked for any more", "has ended", "is over");
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    private static boolean isOver(Perdure perdure) {
        boolean[] over = new boolean[1];
        perdure.administration()
                .journal(
                        RUN,
                        0,
                        entry ->
                                over[0] |=
                                        entry.event() instanceof Event.MessageTaken
                                                || entry.event() instanceof Event.WaitTimedOut);
        return over[0];
    }
}
