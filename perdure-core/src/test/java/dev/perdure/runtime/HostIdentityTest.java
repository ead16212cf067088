package dev.perdure.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import dev.perdure.store.ProcessStart;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

final class HostIdentityTest {
    private static final long ME = ProcessHandle.current().pid();
    private static final long BEGAN = ProcessStart.of(ProcessHandle.current());

    @Test
    void knowsThatThisProcessLives() {
        assertThat(HostIdentity.isGone(HostIdentity.here(), ME, BEGAN)).isFalse();
    }

    @Test
    void tellsAProcessThatGotTheIdOfAnother() {
        assertThat(HostIdentity.isGone(HostIdentity.here(), ME, BEGAN - 1)).isEqualTo(OS.LINUX.isCurrentOs());
        assertThat(HostIdentity.isGone(HostIdentity.here(), Long.MAX_VALUE, BEGAN)).isTrue();
    }

    @Test
    void claimsNothingAboutOtherMachines() {
        assertThat(HostIdentity.isGone("elsewhere", Long.MAX_VALUE, BEGAN)).isFalse();
    }

    @Test
    @EnabledOnOs(OS.LINUX)
    void asksTheKernelAndNotTheWallClockOnLinux() throws IOException {
        String stat = Files.readString(Path.of("/proc/self/stat"));
        assertThat(BEGAN).isEqualTo(Long.parseLong(stat.substring(stat.lastIndexOf(')') + 2).split(" ", 0)[19]));
    }

    @Test
    void allowsForAClockThatWasSetWhereTheStartIsATime() {
        long start = 1_800_000_000_000L;
        assertThat(ProcessStart.mayBeSame(start, start + 1_500)).isTrue();
        assertThat(ProcessStart.mayBeSame(start, start + 60_000)).isFalse();
        assertThat(ProcessStart.mayBeSame(start, ProcessStart.UNKNOWN)).isTrue();
        assertThat(ProcessStart.mayBeSame(start, 4_711)).as("ticks, and a time").isTrue();
    }
}
