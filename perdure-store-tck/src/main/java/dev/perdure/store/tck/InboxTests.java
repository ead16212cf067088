package dev.perdure.store.tck;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.perdure.error.InvalidInputException;
import dev.perdure.error.UnavailableException;
import dev.perdure.journal.RunId;
import dev.perdure.store.AppendOutcome;
import dev.perdure.store.AppendOutcome.Committed;
import dev.perdure.store.AppendOutcome.Refused;
import dev.perdure.store.InboxMessage;
import dev.perdure.store.RunAppend;
import dev.perdure.store.RunStatus;
import dev.perdure.store.RunStore;

import org.junit.jupiter.api.Test;

import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

/// Messages to runs.
abstract class InboxTests extends StoreTests {
    @Test
    void numbersMessagesAsTheyArrive() {
        ScriptedRun run = heldRun("order-42");
        store.deliver(run.at(T0 + 9).message("a"));
        store.deliver(run.at(T0 + 1).message("b"));
        commit(run.steps("1").consuming("a").build());
        store.deliver(run.at(T0 + 5).message("c"));

        List<Long> arrivals = store.inbox(run.id(), 10).stream().map(InboxMessage::arrival).toList();
        assertThat(arrivals).hasSize(2).isSorted().doesNotHaveDuplicates().allMatch(arrival -> arrival > 0);
    }

    @Test
    void doesNotWakeARunForMessagesThatItsHolderHasSeen() {
        ScriptedRun run = heldRun("order-42");
        announce("w2", T0);
        store.deliver(run.message("seen"));
        long seen = store.inbox(run.id(), 10).getFirst().arrival();
        store.release(run.id(), 1, RunStatus.WAITING, "waits for another", Optional.empty(), seen);
        assertThat(claim("w2", T0)).isEmpty();

        store.deliver(run.message("new"));
        claimOnly("w2", run, T0);
    }

    @Test
    void wakesARunForAMessageThatCameBeforeItWasReleasedAndWasNotSeen() {
        ScriptedRun run = heldRun("order-42");
        announce("w2", T0);
        store.deliver(run.message("seen"));
        long seen = store.inbox(run.id(), 10).getFirst().arrival();
        store.deliver(run.message("not seen"));
        store.release(run.id(), 1, RunStatus.WAITING, "waits for another", Optional.empty(), seen);

        claimOnly("w2", run, T0);
    }

    /// Half a second, and as much again for a machine that is busy.
    private static final long SOON_NANOS = 1_000_000_000;

    @Test
    void keepsMessagesInOrderOfArrival() {
        ScriptedRun run = heldRun("order-42");
        InboxMessage late = run.at(T0 + 9).message("c");
        InboxMessage early = run.at(T0 + 1).message("a");
        InboxMessage middle = new InboxMessage(run.id(), "b", "signal", "go on", "{\"é\":\"\\u0000\"}", T0 + 5);
        assertThat(store.deliver(late)).isTrue();
        assertThat(store.deliver(early)).isTrue();
        assertThat(store.deliver(middle)).isTrue();

        assertThat(inbox(run, 10)).containsExactly(late, early, middle);
        assertThat(inbox(run, 2)).containsExactly(late, early);
    }

    @Test
    void deliversTheSameIdOnce() {
        ScriptedRun run = heldRun("order-42");
        InboxMessage first = run.message("m");
        assertThat(store.deliver(first)).isTrue();
        assertThat(store.deliver(new InboxMessage(run.id(), "m", "signal", "x", "{}", T0 + 1))).isFalse();

        assertThat(inbox(run, 10)).containsExactly(first);
    }

    @Test
    void deliversTheSameIdOnceAlsoAfterItWasConsumed() {
        ScriptedRun run = heldRun("order-42");
        store.deliver(run.message("m"));
        commit(run.steps("1").consuming("m").build());

        assertThat(store.deliver(run.message("m"))).isFalse();
        assertThat(store.inbox(run.id(), 10)).isEmpty();
    }

    @Test
    void deliversTheSameIdToEachOfTwoRuns() {
        ScriptedRun one = heldRun("one");
        ScriptedRun two = heldRun("two");

        assertThat(store.deliver(one.message("m"))).isTrue();
        assertThat(store.deliver(two.message("m"))).isTrue();
        commit(one.steps("1").consuming("m").build());
        assertThat(store.inbox(one.id(), 10)).isEmpty();
        assertThat(store.inbox(two.id(), 10)).hasSize(1);
    }

    @Test
    void wakesAWaitingRunUntilTheMessageIsConsumed() {
        ScriptedRun run = heldRun("order-42");
        announce("w2", T0);
        commit(run.steps("1").releasing(RunStatus.WAITING, "waits", Optional.empty()).build());
        store.deliver(run.message("m"));
        claimOnly("w2", run, T0);
        commit(run.steps("2").consuming("m").releasing(RunStatus.WAITING, "waits", Optional.empty()).build());

        assertThat(claim("w2", T0)).isEmpty();
    }

    @Test
    void wakesARunThatWaitsWithAMessageItDidNotConsume() {
        ScriptedRun run = heldRun("order-42");
        announce("w2", T0);
        store.deliver(run.message("m"));
        commit(run.steps("1").releasing(RunStatus.WAITING, "waits", Optional.empty()).build());

        claimOnly("w2", run, T0);
    }

    @Test
    void namesTheRunsOfAWorkerThatHaveMessages() {
        ScriptedRun with = heldRun("with");
        heldRun("without");
        announce("w2", T0);
        ScriptedRun others = new ScriptedRun("others").heldBy("w2");
        commit(others.started().build());
        ScriptedRun nobodys = pendingRun("nobodys");
        store.deliver(with.message("m"));
        store.deliver(with.message("n"));
        store.deliver(others.message("m"));
        store.deliver(nobodys.message("m"));

        assertThat(store.withMessages("w1")).containsExactly(with.id());
        commit(with.steps("1").consuming("m", "n").build());
        assertThat(store.withMessages("w1")).isEmpty();
        assertThat(store.withMessages("w2")).containsExactly(others.id());
    }

    @Test
    void refusesAMessageToARunThatDoesNotExist() {
        InboxMessage lost = new ScriptedRun("unknown").message("m");

        assertThatThrownBy(() -> store.deliver(lost))
                .isInstanceOf(InvalidInputException.class)
                .hasMessageContaining("unknown");
        assertThat(store.inbox(new RunId("unknown"), 10)).isEmpty();
    }

    @Test
    void takesNoFurtherSignalsAtItsBoundButWhatAnOperatorSays() {
        ScriptedRun run = heldRun("order-42");
        ScriptedRun other = heldRun("other");
        InboxMessage[] many =
                IntStream.range(0, RunStore.MAX_WAITING)
                        .mapToObj(i -> signal(run, "m" + i))
                        .toArray(InboxMessage[]::new);
        commit(other.steps("1").sending(many).build());

        assertThatThrownBy(() -> store.deliver(signal(run, "one more")))
                .isInstanceOf(UnavailableException.class)
                .hasMessageContaining("run order-42 has 10000 messages that it has not taken");
        assertThat(store.deliver(signal(run, "m7"))).as("it was delivered before").isFalse();
        assertThat(store.deliver(run.message("cancel"))).isTrue();
        commit(run.steps("1").consuming("m0", "cancel").build());
        assertThat(store.deliver(signal(run, "one more"))).isTrue();
        assertThatThrownBy(() -> store.deliver(signal(run, "and more"))).isInstanceOf(UnavailableException.class);
        commit(other.steps("2").sending(run.message("cancel again"), signal(run, "m8")).build());
        List<InboxMessage> all = store.inbox(run.id(), RunStore.MAX_WAITING + 10);
        assertThat(all).as("what is no signal, or was delivered before, is not refused").hasSize(10_001);
        assertThat(all.getLast().id()).isEqualTo("cancel again");
        assertThat(store.deliver(signal(other, "m"))).as("other runs have bounds of their own").isTrue();
        refusesAppendsBeyondTheBoundAndCommitsTheOthers(run, other);
    }

    /// @param full has one message more than it may
    private void refusesAppendsBeyondTheBoundAndCommitsTheOthers(ScriptedRun full, ScriptedRun one) {
        ScriptedRun two = heldRun("two");
        ScriptedRun three = heldRun("three");
        commit(full.steps("2").consuming("m1", "m2").build());
        assertThat(store.isFull(full.id())).isFalse();
        RunAppend last = one.steps("3").sending(signal(full, "last")).build();
        RunAppend beyond = two.steps("1").sending(signal(full, "beyond"), signal(three, "with it")).build();
        List<AppendOutcome> outcomes =
                store.append(List.of(last, beyond, three.steps("1").sending(signal(one, "s")).build()));

        assertThat(outcomes.get(0)).isEqualTo(new Committed());
        assertThat(outcomes.get(1)).isInstanceOfSatisfying(Refused.class, InboxTests::saysThatItIsFull);
        assertThat(outcomes.get(2)).isEqualTo(new Committed());
        assertThat(store.isFull(full.id())).isTrue();
        assertThat(store.isFull(one.id())).isFalse();
        assertThat(store.inbox(full.id(), 20_000)).hasSize(RunStore.MAX_WAITING);
        assertThat(store.inbox(three.id(), 10)).as("nothing of an append that is refused").isEmpty();
        assertThat(record(two).headSequence()).isZero();
        commit(full.steps("3").consuming("m3").sending(signal(full, "to itself")).build());
        assertThat(append(beyond)).as("it took one, and sent one").isInstanceOf(Refused.class);
        commit(full.steps("4").consuming("m4").build(), beyond);
        assertThat(store.isFull(full.id())).isTrue();
        assertThat(findings()).isEmpty();
    }

    private static void saysThatItIsFull(Refused refused) {
        assertThat(refused.cause())
                .isInstanceOf(UnavailableException.class)
                .hasMessageContaining("run order-42 has 10000 messages that it has not taken");
    }

    private static InboxMessage signal(ScriptedRun run, String id) {
        return new InboxMessage(run.id(), id, InboxMessage.SIGNAL, "s", "1", T0);
    }

    @Test
    void showsByItsChangeNumberThatAnotherHandleChangedTheStore() {
        ScriptedRun run = heldRun("order-42");
        RunStore other = anotherHandle();
        long before = store.changeNumber();
        assertThat(store.changeNumber()).as("nothing changed in between").isEqualTo(before);
        other.deliver(run.message("m"));

        assertThat(store.inbox(run.id(), 10)).hasSize(1);
        long given = System.nanoTime();
        while (store.changeNumber() == before) {
            assertThat(System.nanoTime() - given).isLessThan(SOON_NANOS);
            Thread.onSpinWait();
        }
    }

    @Test
    void showsByItsChangeNumberAtOnceWhatThisHandleChanged() {
        ScriptedRun run = heldRun("order-42");
        long before = store.changeNumber();
        store.deliver(run.message("m"));

        assertThat(store.changeNumber()).isNotEqualTo(before);
    }
}
