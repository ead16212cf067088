package dev.perdure.cli;

import dev.perdure.error.InvalidInputException;

import picocli.CommandLine.Option;

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

/// The option `--input`: JSON as it stands, or the name of a file that holds it.
final class InputOption {
    @Option(
            names = "--input",
            paramLabel = "JSON|@FILE",
            description =
                    "The workflow's input: JSON, or @FILE with JSON in it, or @- for standard input. Without it: {}.")
    private String text = "{}";

    /// @throws InvalidInputException if the file cannot be read, or it is not JSON
    String json() {
        String json = text.startsWith("@") ? read(text.substring(1)) : text;
        String source = text.startsWith("@") ? "the input in " + text.substring(1) : "--input";
        try {
            JsonMapper.builder().enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS).build().readTree(json);
        } catch (JacksonException e) {
            throw new InvalidInputException(
                    source
                            + " is not JSON"
                            + at(e.getLocation())
                            + ". Write for example --input '{\"topic\": \"storage\"}', or --input @FILE.",
                    e);
        }
        return json;
    }

    // Never the text itself: it may hold a secret.
    private static String at(TokenStreamLocation place) {
        return place == null ? "" : " (line " + place.getLineNr() + ", column " + place.getColumnNr() + ")";
    }

    private static String read(String file) {
        try {
            return file.equals("-")
                    ? new String(System.in.readAllBytes(), StandardCharsets.UTF_8)
                    : Files.readString(Path.of(file));
        } catch (CharacterCodingException e) {
            throw new InvalidInputException("the input file " + file + " is not UTF-8 text.", e);
        } catch (IOException | InvalidPathException e) {
            throw new InvalidInputException(
                    "the input file " + file + " cannot be read. Correct --input @FILE, or the rights of the file.", e);
        }
    }
}
