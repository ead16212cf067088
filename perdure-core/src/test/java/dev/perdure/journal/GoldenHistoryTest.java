package dev.perdure.journal;

import static org.assertj.core.api.Assertions.assertThat;

import dev.perdure.journal.Event.AttemptFailed;
import dev.perdure.journal.Event.RunStarted;

import org.junit.jupiter.api.Test;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/// Every format ever released is read for ever: `golden/format-N.txt` holds a journal with all kinds of entries and all
/// forms of payloads as format N encodes them. These files are never changed; a new format gets a new one.
class GoldenHistoryTest {
    private static final HexFormat HEX = HexFormat.of();
    private static final RunId RUN = new RunId("golden-42");

    /// One line: `sequence body data digest`, in hexadecimal but for the sequence; `-` for no data.
    record Golden(long sequence, byte[] body, byte[] data, Digest digest) {
        static Golden parse(String line) {
            String[] parts = line.split(" ", -1);
            return new Golden(
                    Long.parseLong(parts[0]),
                    HEX.parseHex(parts[1]),
                    parts[2].equals("-") ? new byte[0] : HEX.parseHex(parts[2]),
                    Digest.parse(parts[3]));
        }

        static String format(EncodedEntry entry) {
            String data = entry.data().length == 0 ? "-" : HEX.formatHex(entry.data());
            return entry.sequence() + " " + HEX.formatHex(entry.body()) + " " + data + " " + entry.digest().hex();
        }

        EncodedEntry encoded() {
            return new EncodedEntry(sequence, body, data, digest);
        }
    }

    /// The events of the golden journal of format 1. Only a new format may have others.
    private static List<Event> events() {
        List<Content> forms = Events.eachForm();
        Content raw = forms.get(0);
        Content deflated = forms.get(1);
        Content earlier = forms.get(2);
        Content shared = forms.get(3);
        Content lists = forms.get(4);
        Digest value = Digest.over(new byte[] {42});
        Content compared = new Content("shop.Query", 1, raw.digest(), Optional.of(raw.digest()), raw.packed());
        Content comparedOtherwise = new Content("shop.Query", 1, shared.digest(), Optional.of(value), shared.packed());
        return List.of(
                new RunStarted("checkout", 7, Optional.of("case-é漢😀"), raw),
                new RunStarted("checkout", 7, Optional.empty(), deflated),
                new RunStarted(
                        "checkout", 7, Optional.of("case-7"), Optional.empty(), Optional.of(1_800_000_900_000L), raw),
                new Event.StepIntended(1, Optional.of(compared)),
                new Event.StepIntended(200, Optional.empty()),
                new AttemptFailed(1, 1_800_000_000_500L, Optional.of(comparedOtherwise), raw),
                new AttemptFailed(2, 0, Optional.empty(), earlier),
                new Event.StepInDoubt(3, raw),
                new Event.StepCompleted(Effect.PURE, 1, 1_800_000_000_000L, Optional.empty(), lists),
                new Event.StepCompleted(Effect.AT_LEAST_ONCE, 2, 1_800_000_000_000L, Optional.of(compared), shared),
                new Event.StepCompleted(Effect.AT_MOST_ONCE, 1, 1_800_000_000_000L, Optional.empty(), deflated),
                new Event.StepFailed(3, Optional.of(compared), raw),
                new Event.TurnEnded(0, false, 11, true, lists, Optional.empty()),
                new Event.TurnEnded(300, true, 11, false, earlier, Optional.of(raw)),
                new Event.TurnEnded(2, false, 11, true, 0, raw, Optional.empty(), Optional.of(lists)),
                new Event.TurnEnded(3, false, 11, true, 5, raw, Optional.of(deflated), Optional.of(earlier)),
                new Event.UndoRegistered("refund", compared),
                new Event.UpdateAnswered("update:7", "limit", raw, lists),
                new Event.UpdateRefused("update:8", "limit", raw, deflated),
                new Event.CheckpointReached("before payment", Optional.of(raw)),
                new Event.CheckpointReached("before payment", Optional.empty()),
                new Event.VariableSet("total", raw),
                new Event.StrandsFailed(2, raw),
                new Event.ArtifactSaved("invoice.pdf", "application/pdf", value, 5_000_000_000L),
                new Event.CancelTaken("message-1", "customer left"),
                new Event.DeadlinePassed(1_800_000_900_000L),
                new Event.RunCompleted(raw),
                new Event.RunFailed(-1, "", raw),
                new Event.RunFailed(10, "read[3]", raw),
                new Event.RunFailed(10, "", true, raw),
                new Event.RunCancelled("customer left"),
                new Event.RunRetried("ada", "the bank is up again", 10, "read[3]"),
                new Event.WaitBegan("signal paid", 1_800_000_900_000L),
                new Event.MessageTaken("signal:7", "signal", "paid", raw),
                new Event.WaitTimedOut(),
                new Event.DoubtResolved(2, Resolution.HAPPENED, "ada", "the bank says so", Optional.of(raw)),
                new Event.DoubtResolved(3, Resolution.AGAIN, "ada", "", Optional.empty()),
                new Event.DoubtResolved(4, Resolution.FAILED, "ada", "", Optional.empty()),
                new Event.RunPaused("ada", "the customer called"),
                new Event.RunResumed("ada", ""),
                new Event.StepPutOff(1, 2, 1_800_000_000_000L, 1_800_000_060_000L, Optional.of(comparedOtherwise), raw),
                new Event.StepPutOff(3, 1, 1_800_000_000_000L, 1_800_000_060_000L, Optional.empty(), earlier),
                new Event.ApprovalRequested(1_800_000_900_000L, compared, raw),
                new Event.ApprovalRequested(0, comparedOtherwise, raw),
                new Event.DecisionTaken("decision:publish@7:0", "ada", "approve", "", raw, Optional.of(compared)),
                new Event.DecisionTaken(
                        "decision:publish@7:1", "bob", "reject", "not an assignee", raw, Optional.empty()),
                new Event.ApprovalReminded(2),
                new Event.StepProgressed(1, Optional.of(compared), raw),
                new Event.StepProgressed(2, Optional.empty(), earlier),
                new RunStarted(
                        "ship",
                        1,
                        Optional.of("case"),
                        Optional.of(new Event.Parent("order-42", 3, Bond.ABANDON)),
                        raw),
                new RunStarted("ship", 1, Optional.empty(), Optional.of(new Event.Parent("a", 300, Bond.CANCEL)), raw),
                new Event.TurnEnded(7, false, 11, true, 200, raw, Optional.of(raw)),
                new Event.ChildStarted("order-42/ship", "ship", 1, Bond.CANCEL, value),
                new Event.ChildStarted("order-42/tell", "tell", 200, Bond.DETACH, value),
                new Event.CallRefused(raw),
                new Event.SignalSent("order-43", "paid", compared),
                new Event.InputReplaced(compared),
                new Event.ApprovalWithdrawn("signal paid came first"),
                new Event.TurnEnded(9, false, 11, true, 0, true, raw, Optional.empty(), Optional.empty()));
    }

    private static List<EncodedEntry> journal() {
        List<EncodedEntry> entries = new ArrayList<>();
        Digest parent = Digest.ZERO;
        for (Event event : events()) {
            int sequence = entries.size();
            Path path = sequence % 2 == 0 ? Path.ROOT : new Path("read[3]/turn[200]/fetch", 7);
            EncodedEntry entry =
                    EntryCodec.encode(
                            RUN, 0, sequence, 1 + sequence * 50L, 1_800_000_000_000L + sequence, path, event, parent);
            entries.add(entry);
            parent = entry.digest();
        }
        return entries;
    }

    private static List<Golden> golden(int version) throws IOException {
        String name = "/golden/format-" + version + ".txt";
        try (InputStream in = GoldenHistoryTest.class.getResourceAsStream(name)) {
            assertThat(in)
                    .as(() ->
                            "format "
                                    + version
                                    + " is new and has no golden journal. Put this into src/test/resources"
                                    + name
                                    + ":\n"
                                    + journal().stream().map(Golden::format).collect(Collectors.joining("\n")))
                    .isNotNull();
            return new String(in.readAllBytes(), StandardCharsets.UTF_8)
                    .lines()
                    .filter(line -> !line.startsWith("#"))
                    .map(Golden::parse)
                    .toList();
        }
    }

    @Test
    void everyFormatIsStillRead() throws IOException {
        for (int version = 1; version <= EntryCodec.VERSION; version++) {
            Digest parent = Digest.ZERO;
            List<Golden> golden = golden(version);
            assertThat(golden).hasSizeGreaterThanOrEqualTo(16);
            for (Golden line : golden) {
                assertThat(line.body()[0]).isEqualTo((byte) version);
                Entry entry = EntryCodec.decode(RUN, 0, line.encoded(), parent);
                parent = entry.digest();
            }
        }
    }

    @Test
    void formatOneMeansWhatItMeant() throws IOException {
        List<Golden> golden = golden(1);
        assertThat(golden).hasSameSizeAs(events());
        for (int i = 0; i < golden.size(); i++) {
            Digest parent = i == 0 ? Digest.ZERO : golden.get(i - 1).digest();
            Entry entry = EntryCodec.decode(RUN, 0, golden.get(i).encoded(), parent);
            assertThat(entry.event()).usingRecursiveComparison().isEqualTo(events().get(i));
            assertThat(entry.epoch()).isEqualTo(1 + i * 50L);
            assertThat(entry.timeMillis()).isEqualTo(1_800_000_000_000L + i);
            assertThat(entry.path().text()).isEqualTo(i % 2 == 0 ? "" : "read[3]/turn[200]/fetch");
            assertThat(entry.path().strandName()).isEqualTo(i % 2 == 0 ? "" : "read[3]");
        }
    }

    @Test
    void theNewestFormatIsWrittenAsItWasReleased() throws IOException {
        assertThat(golden(EntryCodec.VERSION))
                .extracting(line -> Golden.format(line.encoded()))
                .containsExactlyElementsOf(journal().stream().map(Golden::format).toList());
    }

    @Test
    void theGoldenJournalHoldsEveryKindOfEvent() {
        assertThat(events().stream().map(Event::getClass).collect(Collectors.toSet()))
                .isEqualTo(Set.of(Event.class.getPermittedSubclasses()));
    }

    @Test
    void deflatedPayloadsOfTheGoldenJournalInflate() throws IOException {
        Entry entry = EntryCodec.decode(RUN, 0, golden(1).get(1).encoded(), golden(1).get(0).digest());
        assertThat(new TestJournal().text(entry, 0)).isEqualTo("\"" + "a".repeat(1_024) + "\"");
    }
}
