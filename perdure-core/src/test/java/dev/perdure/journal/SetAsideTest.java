package dev.perdure.journal;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

import java.util.List;
import java.util.Optional;

class SetAsideTest {
    private static final RunId RUN = new RunId("order-42");
    private static final Content NOTHING =
            new Packer().pack(Plain.of("1"), "Integer", 1, false, 0, 0, new java.util.HashMap<>());

    private static Path at(String strand, String text) {
        return new Path(text, strand.length());
    }

    private static Entry entry(long sequence, Path path, Event event) {
        return new Entry(RUN, 0, sequence, 1, 1_000 + sequence, path, event, Digest.ZERO, Digest.ZERO);
    }

    private static Event step(Effect effect) {
        return new Event.StepCompleted(effect, 1, 1_000, Optional.empty(), NOTHING);
    }

    private static Event failed() {
        return new Event.StepFailed(1, Optional.empty(), NOTHING);
    }

    @Test
    void keepsWhatAStrandDidBesideTheOneThatFailed() {
        History history =
                new History(
                        List.of(
                                entry(0, Path.ROOT, new Event.CheckpointReached("start", Optional.empty())),
                                entry(1, at("s[0]", "s[0]/flaky"), failed()),
                                entry(2, at("", "pay"), step(Effect.AT_MOST_ONCE)),
                                entry(3, at("", "s"), new Event.StrandsFailed(0, NOTHING)),
                                entry(4, Path.ROOT, new Event.RunFailed(1, "s[0]", NOTHING)),
                                entry(5, Path.ROOT, new Event.RunRetried("me", "", 1, "s[0]"))));

        StrandCursor root = history.take(Path.ROOT);
        root.single(Path.ROOT, _ -> true, "start");
        assertThat(root.step(at("", "pay"), Optional.empty())).isInstanceOf(Answer.Replay.class);
        assertThat(root.live()).as("the join is set aside").isTrue();
        assertThat(history.take(at("s[0]", "s[0]")).live()).as("the failed step runs again").isTrue();
    }

    @Test
    void keepsTheHandledFailuresOfOtherStrands() {
        History history =
                new History(
                        List.of(
                                entry(0, at("g[0]", "g[0]/flaky"), failed()),
                                entry(1, at("g[1]", "g[1]/h"), new Event.StrandsFailed(0, NOTHING)),
                                entry(2, at("g[1]", "g[1]/after"), step(Effect.AT_LEAST_ONCE)),
                                entry(3, at("", "g"), new Event.StrandsFailed(0, NOTHING)),
                                entry(4, Path.ROOT, new Event.RunFailed(0, "g[0]", NOTHING)),
                                entry(5, Path.ROOT, new Event.RunRetried("me", "", 0, "g[0]"))));

        StrandCursor sibling = history.take(at("g[1]", "g[1]"));
        assertThat(sibling.next()).map(Entry::sequence).contains(1L);
    }

    @Test
    void aStepThatMustNotRunTwiceIsInDoubtWhenItWasSetAside() {
        History history =
                new History(
                        List.of(
                                entry(0, at("", "flaky"), failed()),
                                entry(1, at("", "refund"), step(Effect.AT_MOST_ONCE)),
                                entry(2, Path.ROOT, new Event.RunFailed(0, "", NOTHING)),
                                entry(3, Path.ROOT, new Event.RunRetried("me", "", 0, ""))));

        StrandCursor root = history.take(Path.ROOT);
        assertThat(root.step(at("", "flaky"), Optional.empty())).isInstanceOf(Answer.Execute.class);
        assertThat(root.step(at("", "refund"), Optional.empty())).isInstanceOf(Answer.Wait.class);
    }

    @Test
    void leavesOutStrandsThatWhatIsSetAsideOpened() {
        History history =
                new History(
                        List.of(
                                entry(0, at("", "primary"), failed()),
                                entry(1, at("use[0]", "use[0]/call"), step(Effect.AT_LEAST_ONCE)),
                                entry(2, Path.ROOT, new Event.RunFailed(0, "", NOTHING)),
                                entry(3, Path.ROOT, new Event.RunRetried("me", "", 0, ""))));

        assertThat(history.take(at("use[0]", "use[0]")).live()).isTrue();
    }

    @Test
    void namesTheFirstStrandThatWasNeverOpened() {
        History history =
                new History(
                        List.of(
                                entry(0, at("fetch[0]", "fetch[0]/buy"), step(Effect.AT_LEAST_ONCE)),
                                entry(1, at("fetch[0]/more[0]", "fetch[0]/more[0]/x"), step(Effect.AT_LEAST_ONCE))));
        history.take(Path.ROOT);

        assertThat(history.neverOpened()).map(Entry::sequence).contains(0L);
        history.take(at("fetch[0]", "fetch[0]"));
        assertThat(history.neverOpened()).map(Entry::sequence).contains(1L);
        history.take(at("fetch[0]/more[0]", "fetch[0]/more[0]"));
        assertThat(history.neverOpened()).isEmpty();
    }
}
