package dev.perdure.store.tck;

import static org.assertj.core.api.Assertions.assertThat;

import dev.perdure.journal.Digest;
import dev.perdure.journal.EncodedEntry;
import dev.perdure.journal.Leaf;
import dev.perdure.store.Anchor;
import dev.perdure.store.AppendOutcome.Committed;
import dev.perdure.store.Finding;
import dev.perdure.store.RunAppend;
import dev.perdure.store.RunStatus;

import org.junit.jupiter.api.Test;

import java.io.ByteArrayInputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.UnaryOperator;

/// Verification.
///
/// Damage that can be done through the interface is done here: a store that does not look into entries keeps it and
/// must find it later; one that looks may refuse it. Damage to its files is for the store's own tests.
abstract class VerifyTests extends StoreTests {
    private Anchor anchorNow() {
        return store.verify(Optional.empty(), Optional.empty(), _ -> {});
    }

    private List<Finding> findingsAgainst(Anchor anchor) {
        List<Finding> findings = new ArrayList<>();
        store.verify(Optional.empty(), Optional.of(anchor), findings::add);
        return findings;
    }

    private List<Finding> findingsOf(ScriptedRun run) {
        List<Finding> findings = new ArrayList<>();
        store.verify(Optional.of(run.id()), Optional.empty(), findings::add);
        return findings;
    }

    private ScriptedRun writeAStory() {
        ScriptedRun run = heldRun("order-42");
        commit(run.steps("1", Texts.incompressibleJson(1, 20_000)).build());
        commit(run.at(T0 + 2).steps("\"" + "agents ".repeat(900) + "\"").build());
        store.saveArtifact(new ByteArrayInputStream(new byte[100]));
        store.deliver(run.message("m"));
        commit(
                run.steps("[\"" + "x".repeat(200) + "\",\"" + "y".repeat(200) + "\"]")
                        .consuming("m")
                        .releasing(RunStatus.COMPLETED, "", Optional.empty())
                        .build());
        pendingRun("order-43");
        return run;
    }

    @Test
    void findsNothingInAnEmptyStore() {
        assertThat(findings()).isEmpty();
        assertThat(anchorNow().entries()).isZero();
    }

    @Test
    void findsNothingInAStoreThatIsAsItWasWritten() {
        ScriptedRun run = writeAStory();

        assertThat(findings()).isEmpty();
        assertThat(findingsOf(run)).isEmpty();
    }

    @Test
    void anchorsAllEntriesCommitted() {
        Anchor empty = anchorNow();
        writeAStory();
        Anchor full = anchorNow();

        assertThat(full.entries()).isEqualTo(6);
        assertThat(full).isNotEqualTo(empty);
        assertThat(anchorNow()).isEqualTo(full);
        assertThat(Anchor.parse(full.toString())).isEqualTo(full);
    }

    @Test
    void anchorsDifferentHistoriesDifferently() {
        ScriptedRun run = heldRun("order-42");
        Anchor before = anchorNow();
        commit(run.steps("1").build());

        assertThat(anchorNow().digest()).isNotEqualTo(before.digest());
    }

    @Test
    void matchesAnAnchorTakenBeforeAlsoAfterMoreWasCommitted() {
        ScriptedRun run = writeAStory();
        Anchor then = anchorNow();
        assertThat(findingsAgainst(then)).isEmpty();
        commit(pendingRunWithStep());

        assertThat(findingsAgainst(then)).isEmpty();
        assertThat(findingsOf(run)).isEmpty();
    }

    private RunAppend pendingRunWithStep() {
        return new ScriptedRun("order-44").started().build();
    }

    @Test
    void reportsAnAnchorOfAnotherHistory() {
        writeAStory();
        Anchor own = anchorNow();

        assertThat(findingsAgainst(new Anchor(own.entries(), Digest.over(new byte[] {1})))).isNotEmpty();
        assertThat(findingsAgainst(new Anchor(own.entries() - 1, own.digest()))).isNotEmpty();
        assertThat(findingsAgainst(new Anchor(1, Digest.over(new byte[] {1})))).isNotEmpty();
    }

    @Test
    void reportsAnAnchorOfALongerHistory() {
        writeAStory();
        Anchor own = anchorNow();

        assertThat(findingsAgainst(new Anchor(own.entries() + 1, own.digest()))).isNotEmpty();
    }

    @Test
    void leavesTheAnchorAloneWhenNothingWasCommitted() {
        ScriptedRun run = heldRun("order-42");
        Anchor before = anchorNow();
        append(run.underEpoch(9).steps("1").build());
        store.deliver(run.message("m"));

        assertThat(anchorNow()).isEqualTo(before);
    }

    @Test
    void findsOrRefusesAnEntryWhoseBodyWasChanged() {
        assertFoundOrRefused(entry ->
                new EncodedEntry(
                        entry.sequence(),
                        flipped(entry.body(), entry.body().length / 2),
                        entry.data(),
                        entry.digest()));
    }

    @Test
    void findsOrRefusesAnEntryWhosePayloadWasChanged() {
        assertFoundOrRefused(entry ->
                new EncodedEntry(
                        entry.sequence(),
                        entry.body(),
                        flipped(entry.data(), entry.data().length / 2),
                        entry.digest()));
    }

    @Test
    void findsOrRefusesAnEntryWhoseDigestWasChanged() {
        assertFoundOrRefused(
                entry -> new EncodedEntry(entry.sequence(), entry.body(), entry.data(), Digest.over(entry.body())));
    }

    private void assertFoundOrRefused(UnaryOperator<EncodedEntry> damage) {
        ScriptedRun good = heldRun("good");
        ScriptedRun bad = heldRun("bad");
        assertThat(findings()).isEmpty();
        RunAppend sound = bad.steps("\"a result of some length\"").build();
        if (append(with(sound, List.of(damage.apply(sound.first())), sound.shared())).equals(new Committed())) {
            assertThat(findings()).extracting(Finding::run).contains(Optional.of("bad"));
            assertThat(findingsOf(bad)).isNotEmpty();
            assertThat(findingsOf(good)).isEmpty();
        }
    }

    @Test
    void findsOrRefusesASharedLeafThatIsMissing() {
        ScriptedRun run = heldRun("order-42");
        RunAppend sound = run.steps(Texts.incompressibleJson(1, 20_000)).build();
        if (append(with(sound, sound.entries(), Map.of())).equals(new Committed())) {
            assertThat(findings()).isNotEmpty();
            assertThat(findingsOf(run)).isNotEmpty();
        }
    }

    @Test
    void findsOrRefusesASharedLeafWhoseBytesWereChanged() {
        ScriptedRun run = heldRun("order-42");
        RunAppend sound = run.steps(Texts.incompressibleJson(1, 20_000)).build();
        Map.Entry<Digest, Leaf> shared = sound.shared().entrySet().iterator().next();
        Leaf leaf = shared.getValue();
        Leaf changed = new Leaf(leaf.codec(), leaf.rawLength(), flipped(leaf.bytes(), leaf.bytes().length / 2));
        if (append(with(sound, sound.entries(), Map.of(shared.getKey(), changed))).equals(new Committed())) {
            assertThat(findings()).isNotEmpty();
        }
    }

    private static byte[] flipped(byte[] bytes, int position) {
        byte[] changed = bytes.clone();
        changed[position] ^= 1;
        return changed;
    }

    private static RunAppend with(RunAppend append, List<EncodedEntry> entries, Map<Digest, Leaf> shared) {
        return new RunAppend(
                append.run(),
                append.branch(),
                append.epoch(),
                append.expectedHead(),
                entries,
                append.timeMillis(),
                shared,
                append.consumed(),
                append.change(),
                append.create());
    }
}
