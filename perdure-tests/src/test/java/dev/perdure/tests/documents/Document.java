package dev.perdure.tests.documents;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/// A Markdown file of this checkout.
///
/// @param path relative to the root of the checkout
record Document(Path path, List<String> lines) {
    private static final Set<String> SKIPPED = Set.of("target", "src", "node_modules");
    private static final String MARKER = "<!-- snippet: ";

    /// A fenced block of code.
    ///
    /// @param line the number of its first line in the document
    /// @param marker what the comment before it says; empty without one
    /// @param next the text of the block that follows it
    record Block(Document document, int line, String language, String marker, String text, Optional<String> next) {
        @Override
        public String toString() {
            return document.path + ":" + line;
        }
    }

    static Path root() {
        Path folder = Path.of("").toAbsolutePath();
        while (!Files.exists(folder.resolve("mvnw"))) {
            folder = Optional.ofNullable(folder.getParent()).orElseThrow();
        }
        return folder;
    }

    static List<Document> all() {
        List<Path> found = new ArrayList<>();
        collect(root(), found);
        return found.stream().map(root()::relativize).sorted().map(Document::read).toList();
    }

    private static void collect(Path folder, List<Path> found) {
        try (DirectoryStream<Path> children = Files.newDirectoryStream(folder)) {
            for (Path child : children) {
                String name = child.getFileName().toString();
                if (Files.isDirectory(child) && !name.startsWith(".") && !SKIPPED.contains(name)) {
                    collect(child, found);
                } else if (name.endsWith(".md")) {
                    found.add(child);
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// @param path relative to the root of the checkout
    static Document read(Path path) {
        try {
            return new Document(path, Files.readAllLines(root().resolve(path)));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// All fenced blocks, in order.
    List<Block> blocks() {
        List<Block> found = new ArrayList<>();
        for (int i = lines.size() - 1; i >= 0; i--) {
            if (!lines.get(i).startsWith("```")) {
                continue;
            }
            int end = i;
            do {
                i--;
            } while (!lines.get(i).startsWith("```"));
            String language = lines.get(i).substring(3).strip();
            String text = String.join("\n", lines.subList(i + 1, end)) + "\n";
            Optional<String> next = found.isEmpty() ? Optional.empty() : Optional.of(found.getFirst().text);
            found.addFirst(new Block(this, i + 2, language, marker(i), text, next));
        }
        return found;
    }

    private String marker(int fence) {
        String before = fence == 0 ? "" : lines.get(fence - 1).strip();
        return before.startsWith(MARKER) ? before.substring(MARKER.length(), before.indexOf(" -->")) : "";
    }

    /// The lines outside of fenced blocks.
    List<String> prose() {
        List<String> prose = new ArrayList<>();
        boolean inside = false;
        for (String line : lines) {
            if (line.startsWith("```")) {
                inside = !inside;
            } else if (!inside) {
                prose.add(line);
            }
        }
        return prose;
    }
}
