package dev.perdure.journal;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

import java.util.List;
import java.util.Optional;

/// What a resume reads does not grow with the number of turns.
class ResumeSelectionTest {
    /// Reads back as a resume does, from the last entry.
    private static List<Entry> select(Recorded recorded) {
        ResumeSelection selection = new ResumeSelection();
        long next = recorded.next() - 1;
        while (next >= 0) {
            next = selection.take(recorded.entry((int) next));
        }
        return selection.entries();
    }

    private static List<Long> sequences(List<Entry> entries) {
        return entries.stream().map(Entry::sequence).toList();
    }

    /// Two steps, a loop of `turns` turns with three steps each, and two steps of the next turn.
    private static Recorded loop(int turns) {
        Recorded recorded = new Recorded().completed("plan").completed("outline");
        long start = recorded.next();
        recorded.turn("turn", 0, start, true);
        for (int turn = 0; turn < turns; turn++) {
            for (int step = 0; step < 3; step++) {
                recorded.completed("turn[" + turn + "]/step-" + step);
            }
            recorded.turn("turn", turn + 1, start, true);
        }
        return recorded.completed("turn[" + turns + "]/step-0").completed("turn[" + turns + "]/step-1");
    }

    @Test
    void aHistoryWithoutLoopsIsReadWhole() {
        assertThat(sequences(select(new Recorded().completed("a").completed("b").completed("c"))))
                .containsExactly(0L, 1L, 2L);
    }

    @Test
    void aLoopIsReadFromItsLastCheckpoint() {
        assertThat(sequences(select(loop(2)))).containsExactly(0L, 1L, 10L, 11L, 12L);
    }

    @Test
    void asMuchIsReadAfterThousandTurnsAsAfterOne() {
        assertThat(select(loop(1))).hasSize(5);
        assertThat(select(loop(1_000))).hasSize(5);
        assertThat(select(loop(10_000))).hasSize(5);
    }

    @Test
    void aReplayOfTheSelectionGoesOnWhereAReplayOfAllDoes() {
        Recorded recorded = loop(50);
        for (List<Entry> entries : List.of(recorded.entries, select(recorded))) {
            StrandCursor root = new History(entries).take(Path.ROOT);
            root.step(Recorded.path("", "plan"), Optional.empty());
            root.step(Recorded.path("", "outline"), Optional.empty());
            assertThat(root.loop(Recorded.path("", "turn"), true))
                    .isEqualTo(new Answer.Replay(recorded.entry(2 + 50 * 4)));
            root.step(Recorded.path("", "turn[50]/step-0"), Optional.empty());
            root.step(Recorded.path("", "turn[50]/step-1"), Optional.empty());
            assertThat(root.live()).isTrue();
        }
    }

    @Test
    void aLoopInsideALoopIsReadFromTheLastCheckpointOfEach() {
        Recorded recorded = new Recorded().completed("plan");
        long outer = recorded.next();
        recorded.turn("turn", 0, outer, true);
        for (int turn = 0; turn < 30; turn++) {
            long inner = recorded.next();
            for (int attempt = 0; attempt <= 20; attempt++) {
                recorded.turn("turn[" + turn + "]/try", attempt, inner, true);
                recorded.completed("turn[" + turn + "]/try[" + attempt + "]/fetch");
            }
            if (turn < 29) {
                recorded.turn("turn", turn + 1, outer, true);
            }
        }

        assertThat(select(recorded))
                .extracting(e -> e.path().text())
                .containsExactly("plan", "turn", "turn[29]/try", "turn[29]/try[20]/fetch");
    }

    @Test
    void loopsOneAfterTheOtherAreEachPassedOver() {
        Recorded recorded = loop(100);
        long start = recorded.next();
        recorded.lastTurn("turn", 101, 2);
        start++;
        for (int turn = 0; turn <= 100; turn++) {
            recorded.turn("turn#2", turn, start, true);
        }

        assertThat(select(recorded))
                .extracting(e -> e.path().text())
                .containsExactly("plan", "outline", "turn", "turn#2");
    }

    @Test
    void aLoopThatSharesItsEntriesWithOthersIsReadWhole() {
        Recorded recorded =
                new Recorded()
                        .turn("read[0]/turn", 0, 0, false)
                        .completed("read[1]", "read[1]/fetch")
                        .turn("read[0]/turn", 1, 0, false)
                        .turn("read[0]/turn", 2, 0, false);

        assertThat(sequences(select(recorded))).containsExactly(0L, 1L, 2L, 3L);
    }

    @Test
    void aCheckpointThatARetrySetAsideIsNotTrusted() {
        Recorded recorded = loop(3); // checkpoint of turn 3 at 14
        recorded.add("", new Event.RunFailed(-1, "", Recorded.content("1"))).retried(12, "");

        List<Entry> selected = select(recorded);
        assertThat(sequences(selected)).startsWith(0L, 1L, 10L).endsWith(recorded.next() - 1);
        StrandCursor root = new History(selected).take(Path.ROOT);
        root.step(Recorded.path("", "plan"), Optional.empty());
        root.step(Recorded.path("", "outline"), Optional.empty());
        assertThat(root.loop(Recorded.path("", "turn"), true)).isEqualTo(new Answer.Replay(recorded.entry(10)));
    }

    @Test
    void aDamagedStartOfALoopNeverReadsInCircles() {
        Recorded recorded = new Recorded().completed("plan").turn("turn", 1, 900, true);

        assertThat(sequences(select(recorded))).containsExactly(0L, 1L);
    }
}
