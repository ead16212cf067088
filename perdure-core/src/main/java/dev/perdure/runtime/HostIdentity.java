package dev.perdure.runtime;

import java.io.IOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/// Tells whether a worker's process still exists, where that can be told: on the same boot of the same machine, in the
/// same process namespace. Only then is a process id evidence.
public final class HostIdentity {
    private static final Path BOOT = Path.of("/proc/sys/kernel/random/boot_id");
    private static final Path NAMESPACE = Path.of("/proc/self/ns/pid");

    private HostIdentity() {}

    /// Names this machine, its boot and the process namespace.
    public static String here() {
        return hostName() + "/" + read(BOOT) + "/" + link(NAMESPACE);
    }

    /// When this process began, in milliseconds since 1970; 0 where the system does not say.
    public static long processStartMillis() {
        return startOf(ProcessHandle.current()).orElse(0L);
    }

    /// Whether the process `pid` of the machine `host`, which began at `startMillis`, is certainly gone.
    public static boolean isGone(String host, long pid, long startMillis) {
        if (!host.equals(here())) {
            return false;
        }
        Optional<ProcessHandle> process = ProcessHandle.of(pid).filter(ProcessHandle::isAlive);
        return process.isEmpty()
                || (startMillis != 0 && startOf(process.get()).filter(start -> start != startMillis).isPresent());
    }

    private static Optional<Long> startOf(ProcessHandle process) {
        return process.info().startInstant().map(java.time.Instant::toEpochMilli);
    }

    private static String hostName() {
        try {
            return InetAddress.getLocalHost().getHostName();
        } catch (UnknownHostException e) {
            return "localhost";
        }
    }

    private static String read(Path file) {
        try {
            return Files.readString(file).strip();
        } catch (IOException e) {
            return "";
        }
    }

    private static String link(Path file) {
        try {
            return Files.readSymbolicLink(file).toString();
        } catch (IOException | UnsupportedOperationException e) {
            return "";
        }
    }
}
