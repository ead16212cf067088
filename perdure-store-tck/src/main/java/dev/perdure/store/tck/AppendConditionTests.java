package dev.perdure.store.tck;

import static org.assertj.core.api.Assertions.assertThat;

import dev.perdure.journal.EncodedEntry;
import dev.perdure.store.AppendOutcome.Committed;
import dev.perdure.store.AppendOutcome.Conflict;
import dev.perdure.store.AppendOutcome.Fenced;
import dev.perdure.store.RunAppend;
import dev.perdure.store.RunRecord;
import dev.perdure.store.RunStatus;

import org.junit.jupiter.api.Test;

import java.util.List;
import java.util.Optional;

/// When an append is not committed, and that it then leaves nothing behind.
abstract class AppendConditionTests extends StoreTests {
    @Test
    void fencesAWriterWhoseEpochHasPassed() {
        ScriptedRun run = heldRun("order-42");
        RunAppend zombies = run.steps("1").build();
        expireLeases();
        announce("w2", EXPIRED);
        claimOnly("w2", run, EXPIRED);
        RunRecord before = record(run);

        assertThat(append(zombies)).isEqualTo(new Fenced(2));
        assertThat(record(run)).isEqualTo(before);
        assertThat(store.read(run.id(), 0, 0, 10)).hasSize(1);
    }

    @Test
    void fencesAWriterFromTheFuture() {
        ScriptedRun run = heldRun("order-42");

        assertThat(append(run.underEpoch(2).steps("1").build())).isEqualTo(new Fenced(1));
        assertThat(record(run).headSequence()).isEqualTo(0);
    }

    @Test
    void fencesAZombieWhoseReleaseWouldEndTheNextLease() {
        ScriptedRun run = heldRun("order-42");
        RunAppend zombies = run.steps("1").releasing(RunStatus.COMPLETED, "", Optional.empty()).build();
        expireLeases();
        announce("w2", EXPIRED);
        claimOnly("w2", run, EXPIRED);

        assertThat(append(zombies)).isInstanceOf(Fenced.class);
        assertThat(record(run).status()).isEqualTo(RunStatus.RUNNING);
        assertThat(record(run).holder()).contains("w2");
    }

    @Test
    void commitsNothingOfAZombieThatMissedEntriesToo() {
        ScriptedRun run = heldRun("order-42");
        RunAppend zombies = run.steps("\"zombie\"").build();
        run.forget();
        expireLeases();
        announce("w2", EXPIRED);
        claimOnly("w2", run, EXPIRED);
        commit(run.at(EXPIRED).steps("\"alive\"").build());

        assertThat(append(zombies)).isNotEqualTo(new Committed());
        assertThat(record(run).headDigest()).isEqualTo(run.head().digest());
        assertThat(findings()).isEmpty();
    }

    @Test
    void reportsTheHeadWhenItIsNotTheExpectedOne() {
        ScriptedRun run = heldRun("order-42");
        RunAppend stale = run.steps("\"stale\"").build();
        run.forget();
        commit(run.steps("\"first\"").build());

        assertThat(append(stale)).isEqualTo(new Conflict(run.head().sequence(), run.head().digest()));
        assertThat(store.read(run.id(), 0, 0, 10))
                .extracting(EncodedEntry::digest)
                .hasSize(2)
                .endsWith(run.head().digest());
    }

    @Test
    void reportsTheHeadWhenTheExpectedOneWasNeverCommitted() {
        ScriptedRun run = heldRun("order-42");
        ScriptedRun.Head committed = run.head();
        run.steps("\"lost\"").build();

        assertThat(append(run.steps("\"after it\"").build()))
                .isEqualTo(new Conflict(committed.sequence(), committed.digest()));
    }

    @Test
    void reportsTheHeadOfTheRunThatHasTheId() {
        ScriptedRun first = heldRun("order-42");
        commit(first.steps("1").build());
        RunRecord before = record(first);
        RunAppend second = new ScriptedRun("order-42").of("other").started().build();

        assertThat(append(second)).isEqualTo(new Conflict(first.head().sequence(), first.head().digest()));
        assertThat(record(first)).isEqualTo(before);
    }

    @Test
    void commitsNothingForARunThatDoesNotExist() {
        ScriptedRun run = new ScriptedRun("order-42");
        run.started().build(); // made, never appended

        assertThat(append(run.steps("1").build())).isNotEqualTo(new Committed());
        assertThat(store.find(run.id())).isEmpty();
        assertThat(store.read(run.id(), 0, 0, 10)).isEmpty();
    }

    @Test
    void commitsNoEntryInTheWrongPlace() {
        ScriptedRun run = heldRun("order-42");
        RunAppend good = run.steps("1").build();
        EncodedEntry entry = good.first();
        EncodedEntry misplaced = new EncodedEntry(entry.sequence() + 1, entry.body(), entry.data(), entry.digest());
        RunAppend gap =
                new RunAppend(
                        good.run(),
                        good.branch(),
                        good.epoch(),
                        good.expectedHead(),
                        List.of(misplaced),
                        good.timeMillis(),
                        good.shared(),
                        good.consumed(),
                        good.change(),
                        good.create());

        assertThat(append(gap)).isNotEqualTo(new Committed());
        assertThat(record(run).headSequence()).isEqualTo(0);
        assertThat(append(good)).isEqualTo(new Committed());
    }

    @Test
    void consumesAMessageOnlyOnce() {
        ScriptedRun run = heldRun("order-42");
        store.deliver(run.message("m"));
        commit(run.steps("1").consuming("m").build());

        assertThat(append(run.steps("2").consuming("m").build())).isNotEqualTo(new Committed());
        run.forget();
        assertThat(append(run.steps("2").consuming("never delivered").build())).isNotEqualTo(new Committed());
        assertThat(record(run).headSequence()).isEqualTo(1);
    }

    @Test
    void leavesNoSharedLeafOfAnAppendThatWasNotCommitted() {
        ScriptedRun run = heldRun("order-42");
        ScriptedRun.Draft draft = run.underEpoch(9).steps(Texts.incompressibleJson(1, 20_000));
        assertThat(draft.shared()).as("the fixture makes shared leaves").isNotEmpty();

        assertThat(append(draft.build())).isEqualTo(new Fenced(1));
        assertThat(draft.shared().keySet()).allSatisfy(digest -> assertThat(store.shared(digest)).isEmpty());
    }
}
