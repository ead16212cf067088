package dev.perdure.sqlite;

import dev.perdure.store.ProcessStart;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/// Tells whether a process that left something unfinished in the store still lives.
///
/// All processes that have a store open are on one machine, for they share the memory of its log. So a process of an
/// earlier boot is dead, one of this boot and process namespace can be looked up, and one of another namespace (another
/// container) is taken to be alive.
///
/// @param host identity of this boot and process namespace
/// @param pid this process' id there
/// @param start its [ProcessStart], so that a recycled id is not mistaken for it
record ThisProcess(String host, long pid, long start) {
    static ThisProcess find() {
        ProcessHandle self = ProcessHandle.current();
        return new ThisProcess(boot() + "/" + namespace(), self.pid(), ProcessStart.of(self));
    }

    boolean mayBeAlive(String otherHost, long otherPid, long otherStart) {
        if (!otherHost.startsWith(boot() + "/")) {
            return false;
        }
        return !otherHost.equals(host)
                || ProcessHandle.of(otherPid)
                        .filter(process -> ProcessStart.mayBeSame(otherStart, ProcessStart.of(process)))
                        .isPresent();
    }

    private static String boot() {
        try {
            return Files.readString(Path.of("/proc/sys/kernel/random/boot_id")).strip();
        } catch (IOException e) {
            return "local"; // no Linux: process ids are looked up, which is right as long as nobody copies the file
        }
    }

    private static String namespace() {
        try {
            return Files.readSymbolicLink(Path.of("/proc/self/ns/pid")).toString();
        } catch (IOException | UnsupportedOperationException e) {
            return "";
        }
    }
}
