package dev.perdure;

import static org.assertj.core.api.Assertions.assertThat;

import dev.perdure.journal.RunId;
import dev.perdure.store.InboxMessage;

import org.junit.jupiter.api.Test;

import java.util.List;

final class SeenMessagesTest {
    private static final InboxMessage FIRST = message("1");
    private static final InboxMessage SECOND = message("2");

    private final SeenMessages seen = new SeenMessages();

    private static InboxMessage message(String id) {
        return new InboxMessage(new RunId("run"), id, InboxMessage.SIGNAL, "go", "{}", 0);
    }

    private void read(boolean complete, InboxMessage... found) {
        seen.readBegins();
        List.of(found).forEach(seen::isNew);
        seen.readEnds(List.of(found), complete);
    }

    @Test
    void knowsWhatWasOfferedWhileItIsInTheInbox() {
        assertThat(seen.isNew(FIRST)).isTrue();
        read(true, FIRST, SECOND);
        assertThat(seen.isNew(FIRST)).isFalse();
        assertThat(seen.isNew(SECOND)).isFalse();
    }

    @Test
    void keepsNoMoreThanTheInboxHoweverManyCome() {
        for (int i = 0; i < 10_000; i++) {
            read(true, message("m" + i), message("m" + (i + 1)));
        }
        assertThat(seen.size()).isEqualTo(2);
        read(true);
        assertThat(seen.size()).isZero();
    }

    @Test
    void keepsAllAfterAReadThatDidNotFindAll() {
        read(true, FIRST);
        read(false, SECOND);
        assertThat(seen.isNew(FIRST)).isFalse();
    }

    @Test
    void keepsWhatAnotherReadUnderWayMayHaveFound() {
        read(true, FIRST);
        seen.readBegins(); // finds the first one, which is consumed then
        read(true);
        assertThat(seen.isNew(FIRST)).as("it was taken").isFalse();
        seen.readEnds(List.of(FIRST), true);
        read(true);
        assertThat(seen.size()).isZero();
        seen.readBegins();
        seen.readFailed();
        read(true, FIRST);
        read(true);
        assertThat(seen.size()).isZero();
    }

    @Test
    void keepsWhatCameWhileAnotherReadWasUnderWay() {
        seen.readBegins(); // finds the first one, and is slow
        read(true, FIRST, SECOND);
        seen.isNew(FIRST);
        seen.readEnds(List.of(FIRST), true);
        assertThat(seen.isNew(SECOND)).as("it was offered by the other read").isFalse();
        read(true, SECOND);
        assertThat(seen.size()).isOne();
    }
}
