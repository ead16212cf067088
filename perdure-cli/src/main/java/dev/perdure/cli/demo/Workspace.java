package dev.perdure.cli.demo;

import dev.perdure.error.UnavailableException;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.List;

/// The demo's temporary files: the marker that asks for the kill, the workers' log, the executions of chats. Deleted at
/// the end.
record Workspace(Path folder) implements AutoCloseable {
    private static final DateTimeFormatter SECOND = DateTimeFormatter.ofPattern("yyyyMMdd-HHmmss");

    static Workspace create() {
        try {
            return new Workspace(Files.createTempDirectory("perdure-demo"));
        } catch (IOException e) {
            throw new UnavailableException("cannot make a temporary folder: " + e, e);
        }
    }

    /// A name for a run or session that nobody else has: `review-20261121-014503-3f9`.
    static String newName(String what) {
        String chance = Integer.toString(new SecureRandom().nextInt(36 * 36, 36 * 36 * 36), 36);
        return what + "-" + SECOND.format(LocalDateTime.now(ZoneId.systemDefault())) + "-" + chance;
    }

    /// Makes a folder, unless it is there.
    static Path folder(Path folder) {
        try {
            return Files.createDirectories(folder);
        } catch (IOException e) {
            throw new UnavailableException("cannot make the folder " + folder + ": " + e, e);
        }
    }

    Path marker() {
        return folder.resolve("kill-me");
    }

    Path log() {
        return folder.resolve("worker.log");
    }

    Path executions() {
        return folder.resolve("executions");
    }

    @Override
    public void close() {
        try {
            for (Path file : List.of(marker(), log(), executions(), folder)) {
                Files.deleteIfExists(file);
            }
        } catch (IOException e) {
            throw new UnavailableException("cannot remove the temporary folder " + folder + ": " + e, e);
        }
    }
}
