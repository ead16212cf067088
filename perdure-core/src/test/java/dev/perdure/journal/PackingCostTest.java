package dev.perdure.journal;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/// What growing lists cost to store and to read: nothing is O(n²).
class PackingCostTest {
    private static final int MESSAGE = 2_048;

    private static String message(int number) {
        return "{\"role\":\"user\",\"text\":" + JsonTexts.incompressible(number, MESSAGE) + "}";
    }

    private static String shortMessage(int number) {
        return "{\"role\":\"user\",\"text\":" + JsonTexts.incompressible(number, MESSAGE / 8) + "}";
    }

    /// The bound on hops that [Packer] promises for a list of `n` pieces.
    private static int mostHops(int n) {
        return (int) (7 * Math.log(n) / Math.log(8) + 8);
    }

    @Test
    void aListThatGrowsByAMessageStoresTheMessageAndLittleMore() {
        TestJournal journal = new TestJournal();
        List<String> messages = new ArrayList<>();
        long data = 0;
        for (int n = 0; n < 1_000; n++) {
            messages.add(message(n));
            data += journal.dataBytes(journal.result("{\"messages\":" + JsonTexts.array(messages) + "}"));
        }

        long raw =
                messages.stream()
                        .mapToLong(m -> Leaf.compressed(m.getBytes(StandardCharsets.UTF_8)).bytes().length)
                        .sum();
        assertThat((data - raw) / 1_000).as("bytes beside the message, per version").isBetween(0L, 130L);
        assertThat(journal.shared).isEmpty();
    }

    /// Lengths that miss the multiples of eight too: one or more messages to begin with, then several each turn.
    @ParameterizedTest
    @CsvSource({"1, 2", "1, 3", "2, 3", "1, 5", "3, 8", "1, 16", "7, 9"})
    void aListThatGrowsBySeveralMessagesStoresThemAndLittleMore(int first, int each) {
        TestJournal journal = new TestJournal();
        List<String> messages = new ArrayList<>();
        for (int n = 0; n < first; n++) {
            messages.add(shortMessage(n));
        }
        long data = journal.dataBytes(journal.result("{\"messages\":" + JsonTexts.array(messages) + "}"));
        for (int turn = 0; turn < 250; turn++) {
            for (int n = 0; n < each; n++) {
                messages.add(shortMessage(messages.size()));
            }
            Entry entry = journal.result("{\"messages\":" + JsonTexts.array(messages) + "}");
            data += journal.dataBytes(entry);
            if (turn % 97 == 0) {
                assertThat(hops(journal, entry)).isLessThanOrEqualTo(mostHops(messages.size()));
            }
        }

        long raw =
                messages.stream()
                        .mapToLong(m -> Leaf.compressed(m.getBytes(StandardCharsets.UTF_8)).bytes().length)
                        .sum();
        assertThat((data - raw) / messages.size()).as("bytes beside a message").isBetween(0L, 130L);
        assertThat(journal.text(journal.entries.getLast(), 0))
                .isEqualTo("{\"messages\":" + JsonTexts.array(messages) + "}");
    }

    @Test
    void theOnlyMessageOfAListIsSharedWithTheListsItGrowsInto() {
        TestJournal journal = new TestJournal();
        Entry one = journal.result("{\"messages\":" + JsonTexts.array(List.of(message(0))) + "}");
        Entry two = journal.result("{\"messages\":" + JsonTexts.array(List.of(message(0), message(1))) + "}");

        assertThat(journal.dataBytes(one)).isGreaterThan(MESSAGE / 2);
        assertThat(journal.dataBytes(two)).isLessThan(3 * MESSAGE / 2);
    }

    @Test
    void aGrowingListWithinTheOnlyElementOfAnotherIsShared() {
        TestJournal journal = new TestJournal();
        List<String> messages = new ArrayList<>(List.of(message(0), message(1)));
        journal.result("[{\"messages\":" + JsonTexts.array(messages) + "}]");
        messages.add(message(2));
        Entry grown = journal.result("[{\"messages\":" + JsonTexts.array(messages) + "}]");

        assertThat(journal.dataBytes(grown)).isLessThan(2 * MESSAGE);
    }

    @Test
    void aListIsReadInFewHopsHoweverOftenItGrew() {
        TestJournal journal = new TestJournal();
        List<String> messages = new ArrayList<>();
        for (int n = 1; n <= 1_100; n++) {
            messages.add("{\"number\":" + n + ",\"text\":\"" + "x".repeat(70) + "\"}");
            Entry entry = journal.result(JsonTexts.array(messages));
            if (n % 97 == 0 || n == 511 || n == 512 || n == 513) {
                assertThat(hops(journal, entry)).as("hops at length %d", n).isLessThanOrEqualTo(mostHops(n));
            }
        }
    }

    private static int hops(TestJournal journal, Entry entry) {
        Packed.PackedList list = entry.event().contents().getFirst().packed().lists().getFirst();
        int hops = 0;
        while (list.base().isPresent()) {
            Packed.Base base = list.base().get();
            list =
                    journal.entries
                            .get((int) base.sequence())
                            .event()
                            .contents()
                            .get(base.slot())
                            .packed()
                            .lists()
                            .get(base.list());
            hops++;
        }
        return hops;
    }

    @Test
    void aListThatGrowsByMoreThanOneIsReadInFewHopsToo() {
        TestJournal journal = new TestJournal();
        List<String> messages = new ArrayList<>();
        for (int n = 0; n < 1_500; n++) {
            for (int k = 0; k <= n % 5; k++) {
                messages.add("{\"number\":" + n + ",\"k\":" + k + ",\"text\":\"" + "x".repeat(70) + "\"}");
            }
            journal.result(JsonTexts.array(messages));
        }

        Entry last = journal.entries.getLast();
        assertThat(hops(journal, last)).isLessThanOrEqualTo(mostHops(messages.size()));
        assertThat(journal.text(last, 0)).isEqualTo(JsonTexts.array(messages));
    }

    @Test
    void aListGoesOnSharingAfterAResumeThatReadOnlyItsLastVersion() {
        TestJournal journal = new TestJournal();
        List<String> messages = new ArrayList<>();
        for (int n = 0; n < 600; n++) {
            messages.add(message(n));
            journal.result(JsonTexts.array(messages));
        }
        Entry last = journal.entries.getLast();
        journal.text(last, 0);
        List<Entry> read = new ArrayList<>();
        journal.asked.forEach(sequence -> read.add(journal.entries.get(sequence.intValue())));
        read.add(last);
        journal.resumeKnowing(read);

        for (int n = 600; n < 700; n++) {
            messages.add(message(n));
            Entry entry = journal.result(JsonTexts.array(messages));
            assertThat(journal.dataBytes(entry)).as("at length %d", n).isLessThan(2 * MESSAGE);
        }
        assertThat(journal.text(journal.entries.getLast(), 0)).isEqualTo(JsonTexts.array(messages));
        assertThat(hops(journal, journal.entries.getLast())).isLessThanOrEqualTo(mostHops(700));
    }

    @Test
    void aResultTheStateAndARecordedInputShareOneMessage() {
        TestJournal journal = new TestJournal();
        List<String> messages = new ArrayList<>();
        messages.add(message(0));
        messages.add(message(1));
        journal.result(JsonTexts.array(messages));
        String answer = message(2);

        Entry asked = journal.result(JsonTexts.array(messages), answer);
        assertThat(journal.dataBytes(asked)).as("input already stored, answer new").isLessThan(answer.length() + 130);

        messages.add(answer);
        Entry state = journal.result("{\"chat\":" + JsonTexts.array(messages) + "}");
        assertThat(journal.dataBytes(state)).as("nothing new").isLessThan(130);

        Entry askedAgain = journal.result(JsonTexts.array(messages), "1");
        assertThat(journal.dataBytes(askedAgain)).as("nothing new").isLessThan(130);
        assertThat(journal.text(state, 0)).isEqualTo("{\"chat\":" + JsonTexts.array(messages) + "}");
        assertThat(journal.text(askedAgain, 0)).isEqualTo(JsonTexts.array(messages));
    }

    @Test
    void aLargeMessageIsSharedAndStoredOnce() {
        TestJournal journal = new TestJournal();
        String large = JsonTexts.incompressible(1, 100_000);
        journal.result(large);
        journal.result("[" + large + "," + large + ",\"" + "x".repeat(100) + "\"]");
        journal.resumeKnowing(List.of());
        Entry forgotten = journal.result("{\"it\":[" + large + ",1]}");

        assertThat(journal.shared).hasSize(1);
        assertThat(journal.storedBytes()).isLessThan(101_000);
        assertThat(journal.text(forgotten, 0)).isEqualTo("{\"it\":[" + large + ",1]}");
        assertThat(journal.entries.getFirst().event().contents().getFirst().packed().skeleton())
                .isInstanceOf(Packed.Shared.class);
    }
}
