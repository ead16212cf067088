package dev.perdure.journal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.perdure.error.CorruptedException;

import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.Size;

import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/// What is encoded is decoded; what was damaged is refused.
class EntryCodecTest {
    private static final RunId RUN = new RunId("order-42");
    private static final Digest PARENT = Digest.over(new byte[] {7});

    @Provide
    Arbitrary<Event> events() {
        return Events.any();
    }

    @Provide
    Arbitrary<Path> paths() {
        return Events.path();
    }

    @Provide
    Arbitrary<Long> numbers() {
        return Events.large();
    }

    private static EncodedEntry encode(Path path, Event event) {
        return EntryCodec.encode(RUN, 0, 5, 2, 1_800_000_000_000L, path, event, PARENT);
    }

    @Property(tries = 1_000)
    void anEntryIsDecodedAsItWasEncoded(
            @ForAll("events") Event any,
            @ForAll("paths") Path path,
            @ForAll("numbers") long sequence,
            @ForAll("numbers") long epoch,
            @ForAll("numbers") long time) {
        Event event =
                any instanceof Event.StepCompleted step && step.startedMillis() > time
                        ? new Event.StepCompleted(step.effect(), step.attempt(), time, step.input(), step.result())
                        : any; // a step does not start after its entry
        EncodedEntry encoded = EntryCodec.encode(RUN, 3, sequence, epoch, time, path, event, PARENT);
        Entry decoded = EntryCodec.decode(RUN, 3, encoded, PARENT);

        assertThat(decoded)
                .usingRecursiveComparison()
                .isEqualTo(new Entry(RUN, 3, sequence, epoch, time, path, event, PARENT, encoded.digest()));
        EncodedEntry again = EntryCodec.encode(RUN, 3, sequence, epoch, time, path, decoded.event(), PARENT);
        assertThat(again.body()).isEqualTo(encoded.body());
        assertThat(again.data()).isEqualTo(encoded.data());
        assertThat(again.digest()).isEqualTo(encoded.digest());
    }

    @Property(tries = 300)
    void aDigestCoversRunBranchSequenceAndParent(@ForAll("events") Event event) {
        EncodedEntry encoded = encode(Path.ROOT, event);
        EncodedEntry elsewhere = new EncodedEntry(6, encoded.body(), encoded.data(), encoded.digest());

        assertCorrupted(() -> EntryCodec.decode(new RunId("order-43"), 0, encoded, PARENT));
        assertCorrupted(() -> EntryCodec.decode(RUN, 1, encoded, PARENT));
        assertCorrupted(() -> EntryCodec.decode(RUN, 0, elsewhere, PARENT));
        assertCorrupted(() -> EntryCodec.decode(RUN, 0, encoded, Digest.ZERO));
    }

    private static void assertCorrupted(ThrowingCallable call) {
        assertThatThrownBy(call).isInstanceOf(CorruptedException.class);
    }

    @Property(tries = 60)
    void everyFlippedBitOfABodyOrDigestIsFound(@ForAll("events") Event event) {
        EncodedEntry good = encode(new Path("read[3]/fetch", 7), event);
        for (int bit = 0; bit < good.body().length * 8; bit++) {
            EncodedEntry bad = new EncodedEntry(5, flipped(good.body(), bit), good.data(), good.digest());
            assertCorrupted(() -> EntryCodec.decode(RUN, 0, bad, PARENT));
        }
        for (int bit = 0; bit < Digest.LENGTH * 8; bit++) {
            Digest wrong = Digest.of(flipped(good.digest().toBytes(), bit));
            EncodedEntry bad = new EncodedEntry(5, good.body(), good.data(), wrong);
            assertCorrupted(() -> EntryCodec.decode(RUN, 0, bad, PARENT));
        }
    }

    @Test
    void everyFlippedBitOfAnInlinePayloadIsFound() {
        TestJournal journal = new TestJournal();
        for (String json : new String[] {"1", "\"hello\"", "\"" + "agents ".repeat(300) + "\""}) {
            Entry entry = journal.result("\"input\"", json);
            EncodedEntry good = journal.encoded.get((int) entry.sequence());
            for (int bit = 0; bit < good.data().length * 8; bit++) {
                EncodedEntry bad =
                        new EncodedEntry(entry.sequence(), good.body(), flipped(good.data(), bit), good.digest());
                assertCorrupted(() -> EntryCodec.decode(RUN, 0, bad, entry.parent()));
            }
        }
    }

    @Test
    void noFlippedBitOfAPayloadWithListsChangesItsTextUnnoticed() {
        TestJournal journal = new TestJournal();
        String small = "[" + "\"" + "a".repeat(90) + "\",1,2,3,\"" + "b".repeat(90) + "\"]";
        String grown = small.replace("]", ",\"" + "c".repeat(80) + "\"," + JsonTexts.incompressible(1, 6_000) + "]");
        journal.result(small);
        Entry entry = journal.result(small, "{\"" + "k".repeat(80) + "\":" + grown + "}");
        EncodedEntry good = journal.encoded.getLast();
        String text = journal.text(entry, 1);
        int harmless = 0;
        for (int bit = 0; bit < good.data().length * 8; bit++) {
            EncodedEntry bad = new EncodedEntry(1, good.body(), flipped(good.data(), bit), good.digest());
            try {
                Entry decoded = EntryCodec.decode(RUN, 0, bad, entry.parent());
                journal.entries.set(1, decoded);
                assertThat(journal.text(decoded, 0)).isEqualTo(small);
                assertThat(journal.text(decoded, 1)).isEqualTo(text);
                harmless++;
            } catch (CorruptedException found) {
                assertThat(found).hasMessageContaining("verify");
            }
        }
        assertThat(harmless).as("references that lead to the same bytes another way").isLessThan(4);
    }

    private static byte[] flipped(byte[] bytes, int bit) {
        byte[] changed = bytes.clone();
        changed[bit / 8] ^= (byte) (1 << bit % 8);
        return changed;
    }

    @Property(tries = 20)
    void bytesThatWereCutOffOrAddedAreMissed(@ForAll("events") Event event) {
        EncodedEntry good = encode(Path.ROOT, event);
        for (int length = 0; length < good.body().length; length++) {
            byte[] cut = Arrays.copyOf(good.body(), length);
            assertCorrupted(
                    () -> EntryCodec.decode(RUN, 0, new EncodedEntry(5, cut, good.data(), good.digest()), PARENT));
        }
        for (int length = 0; length < good.data().length; length++) {
            byte[] cut = Arrays.copyOf(good.data(), length);
            assertCorrupted(
                    () -> EntryCodec.decode(RUN, 0, new EncodedEntry(5, good.body(), cut, good.digest()), PARENT));
        }
        byte[] longerBody = Arrays.copyOf(good.body(), good.body().length + 1);
        byte[] longerData = Arrays.copyOf(good.data(), good.data().length + 1);
        assertCorrupted(
                () -> EntryCodec.decode(RUN, 0, new EncodedEntry(5, longerBody, good.data(), good.digest()), PARENT));
        assertCorrupted(
                () -> EntryCodec.decode(RUN, 0, new EncodedEntry(5, good.body(), longerData, good.digest()), PARENT));
    }

    @Property(tries = 2_000)
    void garbageIsRefusedAndNeverCostsMuch(@ForAll @Size(max = 300) byte[] body, @ForAll @Size(max = 300) byte[] data) {
        if (body.length > 2) { // so that it is not always the version that is wrong
            body[0] = EntryCodec.VERSION;
            body[1] = (byte) (1 + (body[1] & 0x0f));
        }
        assertCorrupted(() -> EntryCodec.decode(RUN, 0, new EncodedEntry(5, body, data, PARENT), PARENT));
    }

    @Property(tries = 2_000)
    void garbageInPlaceOfAPayloadIsRefused(@ForAll @Size(max = 100) byte[] data) {
        EncodedEntry good = encode(Path.ROOT, new Event.RunCompleted(Events.eachForm().getLast()));
        assertCorrupted(() -> EntryCodec.decode(RUN, 0, new EncodedEntry(5, good.body(), data, good.digest()), PARENT));
    }

    @Test
    void aLengthOfTwoGigabytesIsRefusedBeforeItIsBelieved() {
        EncodedEntry good = encode(Path.ROOT, new Event.RunCancelled("x"));
        byte[] body = new WireWriter().u8(1).u8(15).varint(2).varint(3).varint(Integer.MAX_VALUE).toBytes();
        byte[] deflated = new WireWriter().u8(1).varint(Integer.MAX_VALUE).bytes(new byte[] {3, 0}).varint(0).toBytes();

        assertThatThrownBy(() -> EntryCodec.decode(RUN, 0, new EncodedEntry(5, body, good.data(), PARENT), PARENT))
                .isInstanceOf(CorruptedException.class)
                .hasMessageContaining("a length of 2147483647 where 0 bytes are left");
        Leaf leaf = ((Packed.Inline) Packed.read(new WireReader(deflated)).skeleton()).leaf();
        assertThatThrownBy(leaf::text).isInstanceOf(CorruptedException.class).hasMessageContaining("claims 2147483647");
    }

    @Test
    void anEntryOfANewerFormatSaysSo() {
        EncodedEntry good = encode(Path.ROOT, new Event.RunCancelled("x"));
        byte[] newer = good.body().clone();
        newer[0] = 2;
        byte[] unknownKind = good.body().clone();
        unknownKind[1] = 99;

        assertThatThrownBy(
                        () -> EntryCodec.decode(RUN, 0, new EncodedEntry(5, newer, good.data(), good.digest()), PARENT))
                .hasMessageContaining("order-42 entry 5")
                .hasMessageContaining("format 2")
                .hasMessageContaining("Upgrade");
        assertThatThrownBy(() ->
                        EntryCodec.decode(RUN, 0, new EncodedEntry(5, unknownKind, good.data(), good.digest()), PARENT))
                .hasMessageContaining("unknown kind 99");
    }

    @Test
    void aListThatRestsOnItselfIsRefused() {
        Digest any = Digest.over(new byte[] {1});
        Packed.Inline leaf = new Packed.Inline(Leaf.raw(new byte[] {'1'}));
        Packed circular =
                new Packed(
                        leaf,
                        List.of(new Packed.PackedList(0, any, Optional.of(new Packed.Base(0, 0, 0, 3)), List.of())));
        TestJournal journal = new TestJournal();
        Entry entry =
                journal.write(
                        "circle",
                        _ ->
                                new Event.RunCompleted(
                                        new Content("t", 1, circular.digest(), Optional.empty(), circular)));

        assertThatThrownBy(() -> journal.text(entry, 0))
                .isInstanceOf(CorruptedException.class)
                .hasMessageContaining("names a place that does not exist");
    }

    @Test
    void aNegativeNumberIsNotEncoded() {
        assertThatThrownBy(() -> encode(Path.ROOT, new Event.RunRetried("me", "why", -1, "")))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatCode(() -> encode(Path.ROOT, new Event.RunFailed(-1, "", Events.eachForm().getFirst())))
                .doesNotThrowAnyException();
    }

    @Test
    void anIntegerHasOneEncodingOnly() {
        assertThat(new WireReader(new byte[] {(byte) 0x80, 1}).varint()).isEqualTo(128);
        assertThatThrownBy(() -> new WireReader(new byte[] {(byte) 0x81, 0}).varint())
                .isInstanceOf(CorruptedException.class)
                .hasMessageContaining("more bytes than it needs");
    }
}
