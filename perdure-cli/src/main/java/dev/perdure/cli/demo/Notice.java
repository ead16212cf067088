package dev.perdure.cli.demo;

import dev.perdure.cli.console.Refusal;
import dev.perdure.error.InvalidInputException;
import dev.perdure.error.UnavailableException;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/// A text file to be reviewed.
///
/// @param name its path inside the folder
/// @param sha256 the digest of its bytes
record Notice(String name, String sha256, long bytes) {
    private static final Logger LOG = LoggerFactory.getLogger(Notice.class);

    /// A file larger than this is no notice.
    static final long MAX_BYTES = 4L * 1024 * 1024;

    /// The most files of a folder.
    static final int MAX_FILES = 20_000;

    /// Where the running JDK keeps the notices of what it contains.
    static Path folderOfJdk() {
        return Path.of(System.getProperty("java.home"), "legal");
    }

    /// The text files under a folder, by name; of files with equal contents the first.
    ///
    /// @throws InvalidInputException if there is none
    static List<Notice> in(Path folder) {
        if (!Files.isDirectory(folder)) {
            throw new InvalidInputException(
                    "there is no folder "
                            + folder
                            + (folder.equals(folderOfJdk()) ? ": this Java runtime ships no legal notices." : ".")
                            + " Name a folder of text files with --docs DIR.");
        }
        List<Notice> notices = new ArrayList<>();
        Set<String> seen = new HashSet<>();
        for (Path file : files(folder)) {
            String name = folder.relativize(file).toString().replace('\\', '/');
            if (!Files.exists(folder.resolve(name))) { // its bytes are no text in this system's encoding
                LOG.warn("left out: the name of {} cannot be written as text", name);
                continue;
            }
            byte[] bytes = bytes(file);
            Notice notice = new Notice(name, sha256(bytes), bytes.length);
            if (isText(bytes) && seen.add(notice.sha256)) {
                notices.add(notice);
            }
        }
        if (notices.isEmpty()) {
            throw new InvalidInputException(
                    "there are no text files under "
                            + folder
                            + " (empty ones, those over "
                            + MAX_BYTES / 1024 / 1024
                            + " MiB and binary ones do not count). Name another folder with --docs DIR.");
        }
        return List.copyOf(notices);
    }

    private static List<Path> files(Path folder) {
        try (Stream<Path> files = Files.walk(folder)) {
            List<Path> all = files.filter(Notice::isReviewed).limit(MAX_FILES + 1L).sorted().toList();
            if (all.size() > MAX_FILES) {
                throw new InvalidInputException(
                        "there are more than "
                                + MAX_FILES
                                + " files under "
                                + folder
                                + ". Name a smaller folder with --docs DIR.");
            }
            return all;
        } catch (IOException | java.io.UncheckedIOException e) {
            throw new UnavailableException("the folder " + folder + " cannot be listed: " + Refusal.of(e) + ".", e);
        }
    }

    private static boolean isReviewed(Path file) {
        try {
            return Files.isRegularFile(file)
                    && !Files.isHidden(file)
                    && Files.size(file) > 0
                    && Files.size(file) <= MAX_BYTES;
        } catch (IOException e) {
            return true; // reading it says what is wrong
        }
    }

    private static boolean isText(byte[] bytes) {
        for (byte b : bytes) {
            if (b == 0) {
                return false;
            }
        }
        return true;
    }

    /// The text of the file; bytes that are not UTF-8 become replacement characters.
    ///
    /// @throws InvalidInputException if it is not what it was when it was listed
    String text(Path folder) {
        byte[] bytes = bytes(folder.resolve(name));
        if (!sha256(bytes).equals(sha256)) {
            throw new InvalidInputException(
                    folder.resolve(name) + " has changed since the review began. Start the demo again.");
        }
        return new String(bytes, StandardCharsets.UTF_8);
    }

    private static byte[] bytes(Path file) {
        try {
            return Files.readAllBytes(file);
        } catch (IOException e) {
            throw new UnavailableException(file + " cannot be read: " + Refusal.of(e) + ".", e);
        }
    }

    static String sha256(byte[] bytes) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }
}
