package dev.perdure.cli.demo;

import dev.perdure.cli.console.Refusal;
import dev.perdure.error.InvalidInputException;
import dev.perdure.error.UnavailableException;

import java.io.IOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// The demo's temporary files: the marker that asks for the kill, the workers' log, the executions of chats. Deleted at
/// the end; if this process is killed, when the demo is started again.
record Workspace(Path folder) implements AutoCloseable {
    private static final String PREFIX = "perdure-demo-";
    private static final Pattern NAME = Pattern.compile(PREFIX + "(\\d{1,18})-\\d+");
    private static final DateTimeFormatter SECOND = DateTimeFormatter.ofPattern("yyyyMMdd-HHmmss");

    static Workspace create() {
        return in(Path.of(System.getProperty("java.io.tmpdir")));
    }

    static Workspace in(Path temporary) {
        sweep(temporary);
        try {
            return new Workspace(Files.createTempDirectory(temporary, PREFIX + ProcessHandle.current().pid() + "-"));
        } catch (IOException e) {
            throw new UnavailableException("cannot make a temporary folder: " + Refusal.of(e) + ".", e);
        }
    }

    /// Deletes what demos left that were killed themselves.
    private static void sweep(Path temporary) {
        try (DirectoryStream<Path> left = Files.newDirectoryStream(temporary, PREFIX + "*")) {
            for (Path folder : left) {
                if (isLeft(folder)) {
                    new Workspace(folder).close();
                }
            }
        } catch (IOException | DirectoryIteratorException | UnavailableException e) {
            // somebody else's, or swept by another demo just now
        }
    }

    /// Whether the process that made it is gone. A number used again by another process only defers the sweep.
    private static boolean isLeft(Path folder) {
        Matcher name = NAME.matcher(String.valueOf(folder.getFileName()));
        return name.matches()
                && Files.isDirectory(folder, LinkOption.NOFOLLOW_LINKS)
                && ProcessHandle.of(Long.parseLong(name.group(1))).isEmpty();
    }

    /// A name for a run or session that nobody else has: `review-20261121-014503-3f9`.
    static String newName(String what) {
        String chance = Integer.toString(new SecureRandom().nextInt(36 * 36, 36 * 36 * 36), 36);
        return what + "-" + SECOND.format(LocalDateTime.now(ZoneId.systemDefault())) + "-" + chance;
    }

    /// Makes the folder that `--out` names, unless it is there.
    static Path folder(Path folder) {
        try {
            return Files.createDirectories(folder);
        } catch (IOException e) {
            throw new InvalidInputException(
                    "the folder " + folder + " cannot be made: " + Refusal.of(e) + ". Name another with --out DIR.", e);
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
            throw new UnavailableException(
                    "cannot remove the temporary folder " + folder + ": " + Refusal.of(e) + ".", e);
        }
    }
}
