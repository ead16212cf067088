package dev.perdure.cli.console;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.AccessDeniedException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;

/// Why a file could not be had, in words: what Java says are names of its classes, and paths.
public final class Refusal {
    private Refusal() {}

    /// The reason, as the end of a sentence: `this user may not`.
    public static String of(Exception refused) {
        Throwable why = refused instanceof UncheckedIOException ? refused.getCause() : refused;
        return switch (why) {
            case FileAlreadyExistsException _ -> "there is a file in its place";
            case NoSuchFileException _ -> "it is not there, or its folder is not";
            case AccessDeniedException _ -> "this user may not";
            case NotDirectoryException _ -> "there is a file where its folder should be";
            case DirectoryNotEmptyException _ -> "it is a folder that is not empty";
            case FileSystemException system when system.getReason() != null -> system.getReason();
            case CharacterCodingException _ -> "it is not text in UTF-8";
            case IOException other when other.getMessage() != null -> other.getMessage();
            case null, default -> "the system gives no reason";
        };
    }
}
