package dev.perdure.journal;

import dev.perdure.journal.Packed.Base;
import dev.perdure.journal.Packed.Earlier;
import dev.perdure.journal.Packed.Form;
import dev.perdure.journal.Packed.Inline;
import dev.perdure.journal.Packed.PackedList;
import dev.perdure.journal.Packed.Shared;

import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;

import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;

/// Arbitrary events of every kind, with contents in every form, whether or not a journal would hold them together.
final class Events {
    private Events() {}

    static Arbitrary<Event> any() {
        return Arbitraries.oneOf(
                Combinators.combine(
                                text(), number(), text().optional(), parent().optional(), large().optional(), content())
                        .as(Event.RunStarted::new),
                content().map(Event.InputReplaced::new),
                Combinators.combine(number(), content().optional()).as(Event.StepIntended::new),
                Combinators.combine(number(), large(), content().optional(), content()).as(Event.AttemptFailed::new),
                Combinators.combine(number(), number(), large(), large(), content().optional(), content())
                        .as(Event.StepPutOff::new),
                Combinators.combine(number(), content().optional(), content()).as(Event.StepProgressed::new),
                Combinators.combine(number(), content()).as(Event.StepInDoubt::new),
                Combinators.combine(Arbitraries.of(Effect.values()), number(), large(), content().optional(), content())
                        .as(Event.StepCompleted::new),
                Combinators.combine(number(), content().optional(), content()).as(Event.StepFailed::new),
                Combinators.combine(
                                large(),
                                bool(),
                                large(),
                                bool(),
                                large(),
                                content(),
                                content().optional(),
                                content().optional())
                        .as((turn, done, start, alone, children, state, variables, undos) ->
                                new Event.TurnEnded(
                                        turn, done, start, alone, children, turn % 2 == 1, state, variables, undos)),
                Combinators.combine(text(), content().optional()).as(Event.CheckpointReached::new),
                Combinators.combine(text(), content()).as(Event.UndoRegistered::new),
                Combinators.combine(text(), text(), content(), content()).as(Event.UpdateAnswered::new),
                Combinators.combine(text(), text(), content(), content()).as(Event.UpdateRefused::new),
                Combinators.combine(text(), content()).as(Event.VariableSet::new),
                Combinators.combine(number(), content()).as(Event.StrandsFailed::new),
                Combinators.combine(text(), text(), digest(), large()).as(Event.ArtifactSaved::new),
                Combinators.combine(text(), text()).as(Event.CancelTaken::new),
                large().map(Event.DeadlinePassed::new),
                content().map(Event.RunCompleted::new),
                Combinators.combine(large().map(n -> n == Long.MAX_VALUE ? -1 : n), text(), bool(), content())
                        .as(Event.RunFailed::new),
                text().map(Event.RunCancelled::new),
                Combinators.combine(text(), text(), large(), text()).as(Event.RunRetried::new),
                Combinators.combine(text(), large()).as(Event.WaitBegan::new),
                Combinators.combine(text(), text(), text(), content()).as(Event.MessageTaken::new),
                Arbitraries.just(new Event.WaitTimedOut()),
                Combinators.combine(number(), Arbitraries.of(Resolution.values()), text(), text(), content().optional())
                        .as(Event.DoubtResolved::new),
                Combinators.combine(text(), text()).as(Event.RunPaused::new),
                Combinators.combine(text(), text()).as(Event.RunResumed::new),
                Combinators.combine(large(), content(), content()).as(Event.ApprovalRequested::new),
                Combinators.combine(text(), text(), text(), text(), content(), content().optional())
                        .as(Event.DecisionTaken::new),
                number().map(Event.ApprovalReminded::new),
                text().map(Event.ApprovalWithdrawn::new),
                Combinators.combine(text(), text(), number(), Arbitraries.of(Bond.values()), digest())
                        .as(Event.ChildStarted::new),
                content().map(Event.CallRefused::new),
                Combinators.combine(text(), text(), content()).as(Event.SignalSent::new));
    }

    static Arbitrary<Path> path() {
        return Combinators.combine(text().filter(t -> t.length() <= 300), Arbitraries.integers().between(0, 300))
                .as((text, strand) -> new Path(text, Math.min(strand, text.length())));
    }

    private static Arbitrary<Event.Parent> parent() {
        return Combinators.combine(text(), large(), Arbitraries.of(Bond.values())).as(Event.Parent::new);
    }

    private static Arbitrary<Boolean> bool() {
        return Arbitraries.of(true, false);
    }

    private static Arbitrary<String> text() {
        return Arbitraries.of("", "a", "read[3]/fetch", "é漢😀", "x".repeat(127), "y".repeat(128), "\u0000\n\"");
    }

    private static Arbitrary<Integer> number() {
        return Arbitraries.oneOf(
                Arbitraries.of(0, 1, 127, 128, Integer.MAX_VALUE), Arbitraries.integers().greaterOrEqual(0));
    }

    static Arbitrary<Long> large() {
        return Arbitraries.oneOf(
                Arbitraries.of(0L, 127L, 128L, 1L << 56, Long.MAX_VALUE), Arbitraries.longs().greaterOrEqual(0));
    }

    private static Arbitrary<Digest> digest() {
        return Arbitraries.integers().between(0, 9).map(i -> Digest.over(new byte[] {i.byteValue()}));
    }

    private static Arbitrary<Content> content() {
        Arbitrary<Packed> packed = Combinators.combine(skeleton(), list().list().ofMaxSize(3)).as(Packed::new);
        return Combinators.combine(text(), number(), packed, Arbitraries.integers().between(0, 2), digest())
                .as((type, version, form, mode, value) ->
                        new Content(
                                type,
                                version,
                                form.digest(),
                                switch (mode) {
                                    case 0 -> Optional.empty();
                                    case 1 -> Optional.of(form.digest());
                                    default -> Optional.of(value);
                                },
                                form));
    }

    private static Arbitrary<PackedList> list() {
        Arbitrary<Base> base =
                Combinators.combine(large(), number(), number(), number().filter(n -> n > 0)).as(Base::new);
        Arbitrary<Form> item =
                Arbitraries.oneOf(
                        leaf(),
                        shared(),
                        Combinators.combine(large(), number(), number())
                                .as((sequence, slot, place) -> new Earlier(sequence, slot, place, Optional.empty())));
        return Combinators.combine(number(), digest(), base.optional(), item.list().ofMaxSize(4)).as(PackedList::new);
    }

    private static Arbitrary<Form> skeleton() {
        return Arbitraries.oneOf(
                leaf(),
                shared(),
                Combinators.combine(large(), number(), number(), digest())
                        .as((sequence, slot, place, digest) ->
                                new Earlier(sequence, slot, place, Optional.of(digest))));
    }

    private static Arbitrary<Form> shared() {
        return Combinators.combine(digest(), number(), number()).as(Shared::new);
    }

    private static Arbitrary<Form> leaf() {
        return Arbitraries.of("", "1", "\"text\"", "\"" + "z".repeat(2_000) + "\"")
                .map(text -> new Inline(Leaf.compressed(text.getBytes(StandardCharsets.UTF_8))));
    }

    /// One content of each form: inline raw, inline deflated, earlier, shared, lists with and without base.
    static List<Content> eachForm() {
        byte[] text = "\"hello\"".getBytes(StandardCharsets.UTF_8);
        Digest known = Leaf.raw(text).digest();
        Inline raw = new Inline(Leaf.raw(text));
        Inline deflated =
                new Inline(new Leaf(Leaf.DEFLATE, 1_026, HexFormat.of().parseHex("534a1c05a360148c58a00400")));
        Earlier item = new Earlier(300, 1, 2, Optional.empty());
        Shared shared = new Shared(known, 70_000, 5_000);
        PackedList rooted = new PackedList(9, known, Optional.empty(), List.of(raw, item, shared));
        PackedList based = new PackedList(200, known, Optional.of(new Base(299, 0, 1, 64)), List.of(raw));
        return List.of(
                content(raw),
                content(deflated),
                content(new Earlier(300, 0, 0, Optional.of(known))),
                content(shared),
                content(raw, rooted, based));
    }

    private static Content content(Form skeleton, PackedList... lists) {
        Packed packed = new Packed(skeleton, List.of(lists));
        return new Content("shop.Order", 3, packed.digest(), Optional.empty(), packed);
    }
}
