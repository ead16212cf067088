package dev.perdure.store.tck;

import static org.assertj.core.api.Assertions.assertThat;

import dev.perdure.journal.RunId;
import dev.perdure.store.AppendOutcome;
import dev.perdure.store.AppendOutcome.Committed;
import dev.perdure.store.AppendOutcome.Fenced;
import dev.perdure.store.AppendOutcome.Refused;
import dev.perdure.store.InboxMessage;
import dev.perdure.store.RunAppend;
import dev.perdure.store.RunStatus;

import org.junit.jupiter.api.Test;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;

/// Messages that appends send to other runs.
abstract class SendTests extends StoreTests {
    @Test
    void deliversWhatAnAppendSends() {
        ScriptedRun from = heldRun("from");
        ScriptedRun to = heldRun("to");
        InboxMessage late = new InboxMessage(to.id(), "a", "signal", "go on", "{\"é\":\"\\u0000\"}", T0 + 9);
        InboxMessage early = to.at(T0 + 1).message("b");
        commit(from.steps("1").sending(late, early).build());

        assertThat(inbox(to, 10)).containsExactly(late, early);
        assertThat(store.inbox(to.id(), 10)).extracting(InboxMessage::arrival).isSorted().doesNotHaveDuplicates();
        assertThat(store.inbox(from.id(), 10)).isEmpty();
        assertThat(store.withMessages("w1")).containsExactly(to.id());
        commit(to.steps("1").consuming("a").build());
        assertThat(inbox(to, 10)).containsExactly(early);
        assertThat(findings()).isEmpty();
    }

    @Test
    void deliversOnceWhatIsSentTwice() {
        ScriptedRun from = heldRun("from");
        ScriptedRun to = heldRun("to");
        InboxMessage message = to.message("m");
        RunAppend append = from.steps("1").sending(message).build();
        commit(append, append); // the second is the head already: an answer was lost
        commit(from.steps("2").sending(message, to.message("n"), to.message("n")).build());
        assertThat(store.deliver(message)).isFalse();
        assertThat(inbox(to, 10)).containsExactly(message, to.message("n"));

        commit(to.steps("1").consuming("m", "n").build());
        commit(from.steps("3").sending(message).build());
        assertThat(inbox(to, 10)).as("also when it was consumed").isEmpty();
        assertThat(findings()).isEmpty();
    }

    @Test
    void deliversNothingOfAnAppendThatIsNotCommitted() {
        ScriptedRun from = heldRun("from");
        ScriptedRun to = heldRun("to");
        ScriptedRun other = heldRun("other");
        RunAppend fenced = from.underEpoch(7).steps("1").sending(to.message("m")).build();
        from.forget().underEpoch(1);
        RunAppend lacking = from.steps("1").consuming("never came").sending(to.message("n")).build();
        List<AppendOutcome> outcomes = store.append(List.of(fenced, other.steps("1").sending(to.message("o")).build()));

        assertThat(outcomes).containsExactly(new Fenced(1), new Committed());
        assertThat(append(lacking)).isInstanceOf(Refused.class);
        assertThat(inbox(to, 10)).containsExactly(to.message("o"));
    }

    @Test
    void leavesOutWhatIsSentToARunThatDoesNotExist() {
        ScriptedRun from = heldRun("from");
        ScriptedRun to = heldRun("to");
        InboxMessage lost = new ScriptedRun("unknown").message("m");
        commit(
                from.steps("1")
                        .sending(lost, to.message("m"))
                        .releasing(RunStatus.COMPLETED, "", Optional.empty())
                        .build());

        assertThat(record(from).status()).isEqualTo(RunStatus.COMPLETED);
        assertThat(inbox(to, 10)).containsExactly(to.message("m"));
        assertThat(store.inbox(new RunId("unknown"), 10)).isEmpty();
        assertThat(findings()).isEmpty();
    }

    @Test
    void wakesAWaitingRunByWhatIsSent() {
        ScriptedRun from = heldRun("from");
        ScriptedRun to = heldRun("to");
        announce("w2", T0);
        commit(to.steps("1").releasing(RunStatus.WAITING, "waits", Optional.empty()).build());
        assertThat(claim("w2", T0)).isEmpty();
        long before = store.changeNumber();
        commit(from.steps("1").sending(to.message("m")).build());

        assertThat(store.changeNumber()).isNotEqualTo(before);
        claimOnly("w2", to, T0);
    }

    @Test
    void wakesARunThatBeginsToWaitInTheSameBatch() {
        ScriptedRun from = heldRun("a-from");
        ScriptedRun to = heldRun("b-to");
        announce("w2", T0);
        RunAppend waits = to.steps("1").releasing(RunStatus.WAITING, "waits", Optional.empty()).build();
        assertThat(store.append(List.of(from.steps("1").sending(to.message("m")).build(), waits)))
                .containsExactly(new Committed(), new Committed());

        claimOnly("w2", to, T0);
    }

    @Test
    void sendsFromARunThatIsMade() {
        ScriptedRun to = heldRun("to");
        ScriptedRun made = new ScriptedRun("made");
        commit(made.started().sending(to.message("m")).build());

        assertThat(inbox(to, 10)).containsExactly(to.message("m"));
    }

    /// Two runs that end and write to each other at once, over and over: whoever locks in the wrong order stands still.
    @Test
    void letsRunsWriteToEachOtherAtOnce() throws Exception {
        int rounds = 50;
        ScriptedRun[] runs = {heldRun("one"), heldRun("two"), heldRun("three")};
        List<Callable<Integer>> writers = new ArrayList<>();
        for (int i = 0; i < runs.length; i++) {
            ScriptedRun from = runs[i];
            ScriptedRun next = runs[(i + 1) % runs.length];
            ScriptedRun last = runs[(i + 2) % runs.length];
            writers.add(() -> {
                for (int round = 0; round < rounds; round++) {
                    String id = from.id() + "-" + round;
                    commit(
                            from.steps("1")
                                    .showing(RunStatus.RUNNING, "busy")
                                    .sending(next.message(id), last.message(id))
                                    .build());
                }
                return rounds;
            });
        }
        long began = System.nanoTime();
        assertThat(ConcurrencyTests.together(writers)).containsOnly(rounds);

        assertThat(System.nanoTime() - began).as("no deadlock was waited for").isLessThan(20_000_000_000L);
        for (ScriptedRun run : runs) {
            assertThat(store.inbox(run.id(), 1_000)).hasSize(2 * rounds);
        }
        assertThat(findings()).isEmpty();
    }
}
