package dev.perdure.runtime;

import dev.perdure.store.ProcessStart;

import java.io.IOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.file.Files;
import java.nio.file.Path;

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

    /// Whether the process `pid` of the machine `host`, whose [ProcessStart] is `start`, is certainly gone.
    public static boolean isGone(String host, long pid, long start) {
        if (!host.equals(here())) {
            return false;
        }
        return ProcessHandle.of(pid)
                .filter(ProcessHandle::isAlive)
                .filter(process -> ProcessStart.mayBeSame(start, ProcessStart.of(process)))
                .isEmpty();
    }

    /// The name of this machine.
    public static String hostName() {
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
