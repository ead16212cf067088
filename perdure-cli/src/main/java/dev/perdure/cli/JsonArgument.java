package dev.perdure.cli;

import dev.perdure.error.InvalidInputException;

import org.jspecify.annotations.Nullable;

import tools.jackson.core.JacksonException;
import tools.jackson.core.TokenStreamLocation;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.json.JsonMapper;

import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;

/// JSON given to an option as it stands, or as `@FILE`, or `@-` for standard input.
///
/// @param option the option, such as `--input`
/// @param what what the JSON is, such as `input`
/// @param example JSON that would do
record JsonArgument(String option, String what, String example) {
    /// @throws InvalidInputException if the file cannot be read, or it is not JSON
    String json(String text) {
        String json = text.startsWith("@") ? read(text.substring(1)) : text;
        String source = text.startsWith("@") ? "the " + what + " in " + text.substring(1) : option;
        try {
            JsonMapper.builder().enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS).build().readTree(json);
        } catch (JacksonException e) {
            throw new InvalidInputException(
                    source
                            + " is not JSON"
                            + at(e.getLocation())
                            + ". Write for example "
                            + option
                            + " '"
                            + example
                            + "', or "
                            + option
                            + " @FILE.",
                    e);
        }
        return json;
    }

    // Never the text itself: it may hold a secret.
    private static String at(@Nullable TokenStreamLocation place) {
        return place == null ? "" : " (line " + place.getLineNr() + ", column " + place.getColumnNr() + ")";
    }

    private String read(String file) {
        try {
            return file.equals("-")
                    ? new String(System.in.readAllBytes(), StandardCharsets.UTF_8)
                    : Files.readString(Path.of(file));
        } catch (CharacterCodingException e) {
            throw new InvalidInputException("the " + what + " file " + file + " is not UTF-8 text.", e);
        } catch (IOException | InvalidPathException e) {
            throw new InvalidInputException(
                    "the "
                            + what
                            + " file "
                            + file
                            + " cannot be read. Correct "
                            + option
                            + " @FILE, or the rights of the file.",
                    e);
        }
    }
}
