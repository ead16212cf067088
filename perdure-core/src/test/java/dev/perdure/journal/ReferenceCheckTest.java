package dev.perdure.journal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.perdure.error.CorruptedException;

import org.junit.jupiter.api.Test;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// References are checked one step each, and that is enough.
class ReferenceCheckTest {
    private static TestJournal growing(int versions) {
        TestJournal journal = new TestJournal();
        List<String> messages = new ArrayList<>();
        for (int n = 0; n < versions; n++) {
            messages.add("{\"number\":" + n + ",\"text\":\"" + "x".repeat(70) + "\"}");
            if (n % 10 == 9) {
                journal.resumeKnowing(journal.entries.subList(n / 2, n));
            }
            journal.result(messages.getLast(), "{\"" + "k".repeat(80) + "\":" + JsonTexts.array(messages) + "}");
        }
        return journal;
    }

    private static void check(TestJournal journal, Entry entry) {
        ReferenceCheck check = new ReferenceCheck(journal::contents);
        entry.event().contents().forEach(check::check);
    }

    @Test
    void whatAJournalWroteIsSound() {
        TestJournal journal = growing(200);

        assertThat(journal.entries)
                .allSatisfy(entry -> assertThatCode(() -> check(journal, entry)).doesNotThrowAnyException());
    }

    @Test
    void aChangedReferenceIsFoundUnlessItLeadsToTheSame() {
        TestJournal journal = growing(20);
        Entry entry = journal.entries.getLast();
        EncodedEntry good = journal.encoded.getLast();
        List<String> texts = List.of(journal.text(entry, 0), journal.text(entry, 1));
        int found = 0;
        for (int bit = 0; bit < good.data().length * 8; bit++) {
            byte[] data = good.data().clone();
            data[bit / 8] ^= (byte) (1 << bit % 8);
            try {
                Entry changed =
                        EntryCodec.decode(
                                TestJournal.RUN,
                                0,
                                new EncodedEntry(19, good.body(), data, good.digest()),
                                entry.parent());
                check(journal, changed);
                assertThat(List.of(journal.text(changed, 0), journal.text(changed, 1))).isEqualTo(texts);
            } catch (CorruptedException e) {
                found++;
            }
        }
        assertThat(found).isGreaterThan(good.data().length * 8 - 40);
    }

    @Test
    void aListThatRestsOnItselfIsRefused() {
        Packed.Inline leaf = new Packed.Inline(Leaf.raw(new byte[] {'1'}));
        Packed.Base itself = new Packed.Base(0, 0, 0, 1);
        Packed circular =
                new Packed(
                        leaf,
                        List.of(new Packed.PackedList(0, leaf.leaf().digest(), Optional.of(itself), List.of(leaf))));
        TestJournal journal = new TestJournal();
        Entry entry =
                journal.write(
                        "circle",
                        _ ->
                                new Event.RunCompleted(
                                        new Content("t", 1, circular.digest(), Optional.empty(), circular)));

        assertThatThrownBy(() -> check(journal, entry))
                .isInstanceOf(CorruptedException.class)
                .hasMessageContaining("rests on itself");
    }
}
