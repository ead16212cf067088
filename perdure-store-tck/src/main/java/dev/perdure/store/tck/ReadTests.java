package dev.perdure.store.tck;

import static org.assertj.core.api.Assertions.assertThat;

import dev.perdure.journal.Digest;
import dev.perdure.journal.EncodedEntry;
import dev.perdure.journal.Entry;
import dev.perdure.journal.EntryCodec;
import dev.perdure.journal.RunId;
import dev.perdure.store.RunAppend;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import java.util.List;

/// Reading a journal of ten entries, 0 to 9, beside another run's.
abstract class ReadTests extends StoreTests {
    private ScriptedRun run;

    @BeforeEach
    void writeJournals() {
        run = heldRun("order-42");
        commit(run.steps("1", "2", "3", "4").build());
        commit(heldRun("order-4").steps("1", "2").build());
        commit(run.steps("5", "6", "7", "8", "9").build());
    }

    private List<Long> forward(long from, int limit) {
        return store.read(run.id(), 0, from, limit).stream().map(EncodedEntry::sequence).toList();
    }

    private List<Long> back(long from, int limit) {
        return store.readBack(run.id(), 0, from, limit).stream().map(EncodedEntry::sequence).toList();
    }

    @Test
    void readsForwardFromAnyEntryUpToTheLimit() {
        assertThat(forward(0, 100)).containsExactly(0L, 1L, 2L, 3L, 4L, 5L, 6L, 7L, 8L, 9L);
        assertThat(forward(0, 10)).hasSize(10);
        assertThat(forward(3, 4)).containsExactly(3L, 4L, 5L, 6L);
        assertThat(forward(9, 4)).containsExactly(9L);
    }

    @Test
    void readsBackFromAnyEntryUpToTheLimit() {
        assertThat(back(9, 100)).containsExactly(9L, 8L, 7L, 6L, 5L, 4L, 3L, 2L, 1L, 0L);
        assertThat(back(6, 3)).containsExactly(6L, 5L, 4L);
        assertThat(back(0, 3)).containsExactly(0L);
    }

    @Test
    void readsNothingBeyondTheEnds() {
        assertThat(forward(10, 5)).isEmpty();
        assertThat(forward(Long.MAX_VALUE, 5)).isEmpty();
        assertThat(back(-1, 5)).isEmpty();
    }

    @Test
    void readsBackFromAboveTheHeadAsFromTheHead() {
        assertThat(back(50, 2)).containsExactly(9L, 8L);
        assertThat(back(Long.MAX_VALUE, 2)).containsExactly(9L, 8L);
    }

    @Test
    void readsNothingOfUnknownRunsAndBranches() {
        assertThat(store.read(new RunId("unknown"), 0, 0, 5)).isEmpty();
        assertThat(store.readBack(new RunId("unknown"), 0, 5, 5)).isEmpty();
        assertThat(store.read(run.id(), 1, 0, 5)).isEmpty();
        assertThat(store.find(new RunId("unknown"))).isEmpty();
    }

    @Test
    void tellsRunsApartByCaseAndByEveryCharacter() {
        ScriptedRun upper = pendingRun("ORDER-42");

        assertThat(store.read(upper.id(), 0, 0, 100)).hasSize(1);
        assertThat(forward(0, 100)).hasSize(10);
        assertThat(store.find(new RunId("Order-42"))).isEmpty();
    }

    @Test
    void readsPageByPageWhatItReadsAtOnce() {
        List<EncodedEntry> whole = store.read(run.id(), 0, 0, 100);
        long next = 0;
        for (int page = 0; page < 4; page++) {
            List<EncodedEntry> read = store.read(run.id(), 0, next, 3);
            for (EncodedEntry entry : read) {
                assertThat(entry.digest()).isEqualTo(whole.get((int) next++).digest());
            }
        }
        assertThat(next).isEqualTo(10);
    }

    @Test
    void givesBackEveryByteOfAnEntry() {
        RunAppend append = run.steps(Texts.incompressibleJson(5, 3_000)).build();
        commit(append);
        EncodedEntry read = store.read(run.id(), 0, 10, 1).getFirst();

        assertThat(read.body()).isEqualTo(append.first().body());
        assertThat(read.data()).isEqualTo(append.first().data()).hasSizeGreaterThan(2_000);
        assertThat(read.digest()).isEqualTo(append.first().digest());
    }

    @Test
    void givesBackAChainThatDecodes() {
        Digest parent = Digest.ZERO;
        for (EncodedEntry encoded : store.read(run.id(), 0, 0, 100)) {
            Entry entry = EntryCodec.decode(run.id(), 0, encoded, parent);
            assertThat(entry.sequence()).isEqualTo(encoded.sequence());
            parent = entry.digest();
        }
        assertThat(parent).isEqualTo(run.head().digest());
    }

    @Test
    void keepsSharedLeavesForAllRuns() {
        String large = Texts.incompressibleJson(1, 20_000);
        ScriptedRun.Draft draft = run.steps(large);
        ScriptedRun other = heldRun("order-43");
        ScriptedRun.Draft same = other.steps(large);
        assertThat(draft.shared()).hasSize(1).containsOnlyKeys(same.shared().keySet());
        commit(draft.build(), same.build());

        draft.shared()
                .forEach((digest, leaf) ->
                        assertThat(store.shared(digest))
                                .hasValueSatisfying(kept -> {
                                    assertThat(kept.codec()).isEqualTo(leaf.codec());
                                    assertThat(kept.rawLength()).isEqualTo(leaf.rawLength());
                                    assertThat(kept.bytes()).isEqualTo(leaf.bytes());
                                }));
        assertThat(findings()).isEmpty();
    }

    @Test
    void storesEqualSharedLeavesOnce() {
        String large = Texts.incompressibleJson(1, 1_000_000);
        commit(run.steps(large).build());
        long one = store.size().storedBytes();
        ScriptedRun other = heldRun("order-43");
        commit(other.steps(large).build());

        assertThat(store.size().storedBytes()).isLessThan(one + 500_000);
    }

    @Test
    void findsNoSharedLeafThatWasNeverStored() {
        assertThat(store.shared(Digest.over(new byte[] {1}))).isEmpty();
    }

    @Test
    void countsRunsAndEntries() {
        assertThat(store.size().runs()).isEqualTo(2);
        assertThat(store.size().entries()).isEqualTo(13);
        assertThat(store.size().storedBytes()).isPositive();
    }

    @Test
    void tellsWhatCompressionSaved() {
        long before = store.size().savedBytes();
        commit(run.steps("\"" + "agents ".repeat(2_000) + "\"").build());

        assertThat(store.size().savedBytes() - before).isBetween(10_000L, 14_002L);
    }
}
