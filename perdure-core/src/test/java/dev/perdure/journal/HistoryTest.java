package dev.perdure.journal;

import static org.assertj.core.api.Assertions.assertThat;

import dev.perdure.journal.Answer.Execute;
import dev.perdure.journal.Answer.Replay;

import org.junit.jupiter.api.Test;

import java.util.Optional;

/// How a history is divided among strands, and what a retry sets aside.
class HistoryTest {
    private static final Path READ_0 = Recorded.path("read[0]", "read[0]");
    private static final Path READ_1 = Recorded.path("read[1]", "read[1]");

    private static Path at(String strand, String text) {
        return Recorded.path(strand, text);
    }

    @Test
    void eachStrandReplaysItsOwnEntriesWhateverTheOrderOfArrival() {
        Recorded recorded =
                new Recorded()
                        .completed("read[1]", "read[1]/fetch")
                        .completed("plan")
                        .completed("read[0]", "read[0]/fetch")
                        .completed("read[1]", "read[1]/parse");
        History history = recorded.history();
        StrandCursor one = history.take(READ_1);

        assertThat(history.take(READ_0).step(at("read[0]", "read[0]/fetch"), Optional.empty()))
                .isEqualTo(new Replay(recorded.entry(2)));
        assertThat(one.step(at("read[1]", "read[1]/fetch"), Optional.empty())).isEqualTo(new Replay(recorded.entry(0)));
        assertThat(one.step(at("read[1]", "read[1]/parse"), Optional.empty())).isEqualTo(new Replay(recorded.entry(3)));
        assertThat(history.take(Path.ROOT).step(at("", "plan"), Optional.empty()))
                .isEqualTo(new Replay(recorded.entry(1)));
        assertThat(history.neverOpened()).isEmpty();
    }

    @Test
    void aStrandThatRecordedNothingIsLive() {
        assertThat(new Recorded().completed("plan").history().take(READ_0).live()).isTrue();
    }

    @Test
    void aStrandThatWasNeverOpenedIsNamedByItsFirstEntry() {
        Recorded recorded =
                new Recorded()
                        .completed("plan")
                        .completed("read[1]", "read[1]/fetch")
                        .completed("read[0]", "read[0]/fetch");
        History history = recorded.history();
        history.take(Path.ROOT);

        assertThat(history.neverOpened()).contains(recorded.entry(1));
        history.take(READ_1);
        assertThat(history.neverOpened()).contains(recorded.entry(2));
        history.take(READ_0);
        assertThat(history.neverOpened()).isEmpty();
    }

    @Test
    void theFailureOfStrandsIsSeenBeforeItIsTaken() {
        Recorded recorded =
                new Recorded().add("read", new Event.StrandsFailed(1, Recorded.content("\"broken\""))).completed("end");
        StrandCursor root = recorded.root();

        assertThat(root.strandsWillFail(at("", "other"))).isFalse();
        assertThat(root.strandsWillFail(at("", "read"))).isTrue();
        assertThat(root.strandsFailed(at("", "read"))).contains(recorded.entry(0));
        assertThat(root.strandsFailed(at("", "read"))).isEmpty();
    }

    @Test
    void aRetriedRunGoesOnAtTheStepThatFailed() {
        Recorded recorded =
                new Recorded()
                        .completed("plan")
                        .failed(at("", "fetch"))
                        .add("", new Event.RunFailed(1, "", Recorded.content("\"broken\"")))
                        .retried(1, "");
        StrandCursor root = recorded.root();

        assertThat(root.step(at("", "plan"), Optional.empty())).isEqualTo(new Replay(recorded.entry(0)));
        assertThat(root.live()).isTrue();
        assertThat(root.step(at("", "fetch"), Optional.empty())).isEqualTo(new Execute(1, 0));
    }

    @Test
    void whatFollowedARetryIsReplayed() {
        Recorded recorded =
                new Recorded()
                        .failed(at("", "fetch"))
                        .add("", new Event.RunFailed(0, "", Recorded.content("1")))
                        .retried(0, "")
                        .completed("fetch")
                        .completed("end");
        StrandCursor root = recorded.root();

        assertThat(root.step(at("", "fetch"), Optional.empty())).isEqualTo(new Replay(recorded.entry(3)));
        assertThat(root.step(at("", "end"), Optional.empty())).isEqualTo(new Replay(recorded.entry(4)));
    }

    @Test
    void aRunMayBeRetriedAgain() {
        Recorded recorded =
                new Recorded().failed(at("", "fetch")).retried(0, "").failed(at("", "fetch")).retried(2, "");

        assertThat(recorded.root().live()).isTrue();
    }

    @Test
    void aRetryKeepsWhatOtherStrandsCompleted() {
        Recorded recorded =
                new Recorded()
                        .completed("plan")
                        .completed("read[0]", "read[0]/fetch")
                        .failed(at("read[1]", "read[1]/fetch"))
                        .completed("read[0]", "read[0]/parse")
                        .add("read", new Event.StrandsFailed(1, Recorded.content("1")))
                        .add("", new Event.RunFailed(2, "read[1]", Recorded.content("1")))
                        .retried(2, "read[1]");
        History history = recorded.history();

        assertThat(history.take(READ_1).live()).isTrue();
        StrandCursor zero = history.take(READ_0);
        assertThat(zero.step(at("read[0]", "read[0]/fetch"), Optional.empty()))
                .isEqualTo(new Replay(recorded.entry(1)));
        assertThat(zero.step(at("read[0]", "read[0]/parse"), Optional.empty()))
                .isEqualTo(new Replay(recorded.entry(3)));
        StrandCursor root = history.take(Path.ROOT);
        assertThat(root.step(at("", "plan"), Optional.empty())).isEqualTo(new Replay(recorded.entry(0)));
        assertThat(root.live()).as("the failure of the strands is set aside").isTrue();
    }

    @Test
    void aRetryKeepsTheCancellationsOfOtherStrands() {
        Recorded recorded =
                new Recorded()
                        .failed(at("read[1]", "read[1]/fetch"))
                        .add(at("read[0]", "read[0]/fetch"), new Event.CancelTaken("m", "enough"))
                        .add("", new Event.RunFailed(0, "read[1]", Recorded.content("1")))
                        .retried(0, "read[1]");

        assertThat(recorded.history().take(READ_0).cancelTaken(at("read[0]", "read[0]/fetch"))).isPresent();
        assertThat(recorded.root().live()).isTrue();
    }

    @Test
    void aRetryOfACancelledRunSetsTheCancellationsOfAllStrandsAside() {
        Recorded recorded =
                new Recorded()
                        .failed(at("read[1]", "read[1]/fetch"))
                        .completed("read[0]", "read[0]/fetch")
                        .add(at("read[0]", "read[0]/parse"), new Event.CancelTaken("m", "enough"))
                        .add("", new Event.RunCancelled("enough"))
                        .retried(0, "read[1]");

        StrandCursor zero = recorded.history().take(READ_0);
        assertThat(zero.step(at("read[0]", "read[0]/fetch"), Optional.empty()))
                .isEqualTo(new Replay(recorded.entry(1)));
        assertThat(zero.live()).as("what it took note of is set aside").isTrue();
    }

    @Test
    void strandsThatARetriedRunMayNotOpenAgainAreNotMissed() {
        Recorded recorded = new Recorded().failed(at("", "fetch")).completed("read[0]", "read[0]/fetch").retried(0, "");
        History history = recorded.history();
        history.take(Path.ROOT);

        assertThat(history.neverOpened()).isEmpty();
    }
}
