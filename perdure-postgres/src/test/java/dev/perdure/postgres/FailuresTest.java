package dev.perdure.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.postgresql.util.PSQLException;
import org.postgresql.util.ServerErrorMessage;

final class FailuresTest {
    @Test
    void aCommitMayStandThoughTheServerPanickedWhenItWroteItsLogOrWhatIsCommitted() {
        assertThat(Failures.isGone(noRoom("PANIC", "xlog.c"))).isTrue();
        assertThat(Failures.isGone(noRoom("PANIC", "slru.c"))).isTrue();
        assertThat(Failures.isGone(noRoom("ERROR", "md.c"))).isFalse();
    }

    /// As PostgreSQL 18 says that a disk is full.
    private static PSQLException noRoom(String severity, String file) {
        String fields = "S" + severity + "\0V" + severity + "\0C53100\0Mno space left\0F" + file + "\0L1\0Rf\0\0";
        return new PSQLException(new ServerErrorMessage(fields));
    }
}
