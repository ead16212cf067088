package dev.perdure.store.tck;

import static org.assertj.core.api.Assertions.assertThat;

import dev.perdure.store.AppendOutcome;
import dev.perdure.store.AppendOutcome.Committed;
import dev.perdure.store.AppendOutcome.Conflict;
import dev.perdure.store.InboxMessage;
import dev.perdure.store.RunAppend;
import dev.perdure.store.RunRecord;
import dev.perdure.store.RunStatus;
import dev.perdure.store.Serves;

import org.junit.jupiter.api.Test;

import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

/// What a committed append does.
abstract class AppendTests extends StoreTests {
    @Test
    void makesAPendingRunWithoutHolder() {
        ScriptedRun run = new ScriptedRun("order-42").inSession("case-7");
        commit(run.started().build());

        assertThat(record(run))
                .isEqualTo(
                        new RunRecord(
                                run.id(),
                                0,
                                ScriptedRun.WORKFLOW,
                                1,
                                Optional.of("case-7"),
                                RunStatus.PENDING,
                                "",
                                0,
                                run.head().digest(),
                                0,
                                Optional.empty(),
                                0,
                                T0,
                                T0,
                                Optional.empty(),
                                Optional.empty(),
                                Serves.DEFAULT_GROUP));
    }

    @Test
    void makesARunThatItsHolderHoldsUnderEpochOne() {
        ScriptedRun run = heldRun("order-42");

        assertThat(record(run).status()).isEqualTo(RunStatus.RUNNING);
        assertThat(record(run).holder()).contains("w1");
        assertThat(record(run).epoch()).isEqualTo(1);
    }

    @Test
    void movesTheHeadAndTheTimeOfTheLastEntry() {
        ScriptedRun run = heldRun("order-42");
        commit(run.at(T0 + 5).steps("1", "2").build());

        assertThat(record(run).headSequence()).isEqualTo(2);
        assertThat(record(run).headDigest()).isEqualTo(run.head().digest());
        assertThat(record(run).updatedMillis()).isEqualTo(T0 + 5);
        assertThat(record(run).createdMillis()).isEqualTo(T0);
    }

    @Test
    void keepsWhatTheRunIndexShowsUnlessTheAppendChangesIt() {
        ScriptedRun run = heldRun("order-42");
        commit(run.steps("1").showing(RunStatus.RUNNING, "asks a model").build());
        commit(run.steps("2").build());

        assertThat(record(run).status()).isEqualTo(RunStatus.RUNNING);
        assertThat(record(run).reason()).isEqualTo("asks a model");
        assertThat(record(run).holder()).contains("w1");
    }

    @Test
    void changesTheRunIndexAndEndsTheLeaseWithTheAppend() {
        ScriptedRun run = heldRun("order-42");
        commit(run.steps("1").releasing(RunStatus.WAITING, "sleeps", Optional.of(T0 + 60_000)).build());

        assertThat(record(run).status()).isEqualTo(RunStatus.WAITING);
        assertThat(record(run).reason()).isEqualTo("sleeps");
        assertThat(record(run).wakeAtMillis()).contains(T0 + 60_000);
        assertThat(record(run).holder()).isEmpty();
        assertThat(record(run).epoch()).isEqualTo(1);
    }

    @Test
    void consumesMessagesWithTheEntriesThatNoteThem() {
        ScriptedRun run = heldRun("order-42");
        store.deliver(run.message("a"));
        store.deliver(run.message("b"));
        store.deliver(run.message("c"));
        commit(run.steps("1").consuming("a", "c").build());

        assertThat(store.inbox(run.id(), 10)).extracting(InboxMessage::id).containsExactly("b");
    }

    @Test
    void keepsMessagesWhoseEntriesWereNotCommitted() {
        ScriptedRun run = heldRun("order-42");
        store.deliver(run.message("a"));
        RunAppend fenced = run.underEpoch(7).steps("1").consuming("a").build();

        assertThat(append(fenced)).isNotEqualTo(new Committed());
        assertThat(store.inbox(run.id(), 10)).hasSize(1);
    }

    @Test
    void answersARepetitionWithCommittedAndChangesNothing() {
        ScriptedRun run = heldRun("order-42");
        RunAppend append = run.steps("1", "2").build();
        commit(append);
        RunRecord before = record(run);

        assertThat(append(append)).isEqualTo(new Committed());
        assertThat(record(run)).isEqualTo(before);
        assertThat(store.read(run.id(), 0, 0, 10)).hasSize(3);
    }

    @Test
    void answersARepeatedStartWithCommitted() {
        ScriptedRun run = new ScriptedRun("order-42");
        RunAppend start = run.started().build();
        commit(start, start);

        assertThat(store.read(run.id(), 0, 0, 10)).hasSize(1);
    }

    @Test
    void answersARepetitionWithCommittedAlsoWhenMoreFollowed() {
        ScriptedRun run = heldRun("order-42");
        RunAppend first = run.steps("1").build();
        commit(first, run.steps("2").build());
        RunRecord before = record(run);

        assertThat(append(first)).isEqualTo(new Committed());
        assertThat(record(run)).isEqualTo(before);
    }

    @Test
    void leavesTheNextLeaseAloneWhenAReleasingAppendIsRepeated() {
        ScriptedRun run = heldRun("order-42");
        RunAppend releasing = run.steps("1").releasing(RunStatus.PENDING, "handed over", Optional.empty()).build();
        commit(releasing);
        announce("w2", T0);
        claimOnly("w2", run, T0);
        append(releasing);

        assertThat(record(run).holder()).contains("w2");
        assertThat(record(run).status()).isEqualTo(RunStatus.RUNNING);
    }

    @Test
    void answersABatchInItsOrderAndCommitsTheGoodOnesBesideTheBad() {
        ScriptedRun first = heldRun("first");
        ScriptedRun bad = heldRun("bad");
        ScriptedRun last = heldRun("last");
        bad.steps("0").build(); // assumed to be there, never appended
        List<AppendOutcome> outcomes =
                store.append(List.of(first.steps("1").build(), bad.steps("2").build(), last.steps("3").build()));

        assertThat(outcomes.get(0)).isEqualTo(new Committed());
        assertThat(outcomes.get(1)).isInstanceOf(Conflict.class);
        assertThat(outcomes.get(2)).isEqualTo(new Committed());
        assertThat(record(first).headSequence()).isEqualTo(1);
        assertThat(record(bad).headSequence()).isEqualTo(0);
        assertThat(record(last).headSequence()).isEqualTo(1);
        assertThat(findings()).isEmpty();
    }

    @Test
    void commitsABatchOfManyRuns() {
        List<ScriptedRun> runs = IntStream.range(0, 200).mapToObj(i -> new ScriptedRun("run-" + i)).toList();
        List<AppendOutcome> outcomes = store.append(runs.stream().map(run -> run.started().build()).toList());

        assertThat(outcomes).hasSize(200).containsOnly(new Committed());
        assertThat(runs).allSatisfy(run -> assertThat(record(run).headDigest()).isEqualTo(run.head().digest()));
    }

    @Test
    void answersAnEmptyBatchWithNothing() {
        assertThat(store.append(List.of())).isEmpty();
    }
}
