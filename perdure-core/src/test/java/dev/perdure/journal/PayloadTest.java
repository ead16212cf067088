package dev.perdure.journal;

import static org.assertj.core.api.Assertions.assertThat;

import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.ShrinkingMode;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Optional;

/// Payloads come back byte for byte, whatever was shared on the way.
class PayloadTest {
    /// One change of a list.
    sealed interface Edit {
        record Append(List<String> elements) implements Edit {}

        record ChangeLast(String element) implements Edit {}

        record DropFirst() implements Edit {}

        record Replace(int index, String element) implements Edit {}

        record Insert(int index, String element) implements Edit {}

        default List<String> applyTo(List<String> list) {
            List<String> changed = new ArrayList<>(list);
            switch (this) {
                case Append(List<String> elements) -> changed.addAll(elements);
                case ChangeLast(String element) -> {
                    if (!changed.isEmpty()) {
                        changed.set(changed.size() - 1, element);
                    }
                }
                case DropFirst() -> {
                    if (!changed.isEmpty()) {
                        changed.removeFirst();
                    }
                }
                case Replace(int index, String element) -> {
                    if (!changed.isEmpty()) {
                        changed.set(index % changed.size(), element);
                    }
                }
                case Insert(int index, String element) -> changed.add(index % (changed.size() + 1), element);
            }
            return changed;
        }
    }

    /// How one version of a list is written: in which document, and what the writer remembers before it.
    record Version(Edit edit, int shape, int memory) {}

    @Provide
    Arbitrary<String> documents() {
        return JsonTexts.any();
    }

    @Provide
    Arbitrary<List<Version>> versions() {
        Arbitrary<String> element = JsonTexts.element();
        Arbitrary<Edit> edit =
                Arbitraries.oneOf(
                        element.list().ofMinSize(1).ofMaxSize(9).map(Edit.Append::new),
                        element.list().ofSize(1).map(Edit.Append::new),
                        element.map(Edit.ChangeLast::new),
                        Arbitraries.just(new Edit.DropFirst()),
                        Combinators.combine(Arbitraries.integers().between(0, 99), element).as(Edit.Replace::new),
                        Combinators.combine(Arbitraries.integers().between(0, 99), element).as(Edit.Insert::new));
        return Combinators.combine(edit, Arbitraries.integers().between(0, 3), Arbitraries.integers().between(0, 11))
                .as(Version::new)
                .list()
                .ofMinSize(1)
                .ofMaxSize(40);
    }

    @Property(tries = 1_000)
    void aDocumentComesBackByteForByte(@ForAll("documents") String json) {
        TestJournal journal = new TestJournal();
        Entry entry = journal.result(json);
        Entry again = journal.result(json);

        assertThat(journal.text(entry, 0)).isEqualTo(json);
        assertThat(journal.text(again, 0)).isEqualTo(json);
        assertThat(again.event().contents().getFirst().digest())
                .isEqualTo(entry.event().contents().getFirst().digest());
    }

    @Property(tries = 1_000)
    void aValueDigestDependsOnTheTextAlone(@ForAll("documents") String one, @ForAll("documents") String two) {
        assertThat(Plain.of(one).valueDigest().equals(Plain.of(two).valueDigest())).isEqualTo(one.equals(two));
        assertThat(Plain.of(one).valueDigest()).isEqualTo(Plain.of(one).valueDigest());
        assertThat(Plain.of(one).size()).isEqualTo(one.getBytes(StandardCharsets.UTF_8).length);
    }

    @Property(tries = 400, shrinking = ShrinkingMode.BOUNDED)
    void everyVersionOfAnEditedListComesBackByteForByte(@ForAll("versions") List<Version> versions) {
        TestJournal journal = new TestJournal();
        List<String> written = new ArrayList<>();
        List<String> list = new ArrayList<>();
        for (Version version : versions) {
            forgetSome(journal, version.memory());
            list = version.edit().applyTo(list);
            String json = document(list, version.shape());
            journal.result(JsonTexts.array(list), json);
            written.add(json);
        }

        for (int i = 0; i < written.size(); i++) {
            Entry entry = journal.entries.get(i);
            assertThat(journal.text(entry, 1)).isEqualTo(written.get(i));
            assertThat(entry.event().contents().get(1).digest())
                    .as("the digest does not depend on what was stored before")
                    .isEqualTo(packedAlone(written.get(i)).digest());
        }
    }

    /// What a resume leaves a writer with: everything, nothing, or what it happened to read.
    private static void forgetSome(TestJournal journal, int memory) {
        int size = journal.entries.size();
        switch (memory) {
            case 0 -> journal.resumeKnowing(List.of());
            case 1 -> journal.resumeKnowing(journal.entries);
            case 2 -> journal.resumeKnowing(journal.entries.subList(size / 2, size));
            case 3 -> journal.resumeKnowing(journal.entries.subList(0, size / 2));
            case 4 -> journal.resumeKnowing(journal.entries.stream().filter(e -> e.sequence() % 3 != 1).toList());
            default -> {} // goes on without a restart
        }
    }

    private static String document(List<String> list, int shape) {
        String array = JsonTexts.array(list);
        return switch (shape) {
            case 0 -> array;
            case 1 -> "{\"messages\":" + array + ",\"count\":" + list.size() + "}";
            case 2 -> "{\"a\":{\"b\":{\"c\":" + array + "}},\"d\":" + array + "}";
            default -> "[[" + array + "],[" + array + "," + array + "]]";
        };
    }

    private static Content packedAlone(String json) {
        return new Packer().pack(Plain.of(json), "test.Value", 1, false, 0, 0, new HashMap<>());
    }

    @Property(tries = 200)
    void aValueDigestIsRecordedOnlyWhereValuesAreCompared(@ForAll("documents") String json) {
        TestJournal journal = new TestJournal();
        List<Content> contents = journal.result(json, json).event().contents();

        assertThat(contents.get(0).valueDigest()).contains(Plain.of(json).valueDigest());
        assertThat(contents.get(1).valueDigest()).isEqualTo(Optional.empty());
        assertThat(contents.get(0).digest()).isEqualTo(contents.get(1).digest());
    }
}
