package dev.perdure.tests.documents;

import dev.perdure.tests.documents.Document.Block;

import java.io.IOException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// The snippets that are no whole programs: each is put into a class that extends [World], and all are compiled at
/// once, since javac is quick only when it is warm.
final class Fragments {
    private static final Set<String> MARKERS = Set.of("statements", "members", "breach");

    private static final String IMPORTS =
            """
            import dev.perdure.*;
            import dev.perdure.Queue; // not that of java.util
            import dev.perdure.error.*;
            import dev.perdure.store.RunFilter;
            import dev.perdure.journal.RunId;
            import dev.perdure.store.RunStatus;
            import dev.perdure.value.*;
            import java.io.*;
            import java.net.URI;
            import java.net.http.*;
            import java.nio.file.*;
            import java.sql.PreparedStatement;
            import java.sql.Statement;
            import java.time.*;
            import java.util.*;
            import java.util.concurrent.*;
            import java.util.stream.*;
            """;

    private final Map<String, Path> failed = new HashMap<>();
    private final Map<String, String> names = new HashMap<>();
    private Path folder = Path.of(".");

    /// Compiles the fragments among these blocks. One that does not compile is reported when it is asked for.
    void compile(List<Block> blocks, Path into) throws IOException {
        folder = Files.createTempDirectory(into, "fragments");
        List<Path> sources = new ArrayList<>();
        for (Block block : blocks) {
            if (MARKERS.contains(block.marker())) {
                String name = "Snippet" + names.size();
                names.put(block.toString(), name);
                sources.add(Files.writeString(folder.resolve(name + ".java"), source(name, block)));
            }
        }
        try {
            CompileSource.files(sources, folder);
        } catch (AssertionError _) { // which one it is shows when each is compiled by itself
            names.forEach((block, name) -> failed.put(block, folder.resolve(name + ".java")));
        }
    }

    /// An instance of the class that a block was put into.
    World world(Block block) throws IOException, ReflectiveOperationException {
        Path alone = failed.get(block.toString());
        if (alone != null) {
            CompileSource.files(List.of(alone), folder);
        }
        URLClassLoader loader = new URLClassLoader(new URL[] {folder.toUri().toURL()}, World.class.getClassLoader());
        return (World) loader.loadClass(names.get(block.toString())).getConstructor().newInstance();
    }

    private static String source(String name, Block block) {
        return IMPORTS
                + "public final class "
                + name
                + " extends "
                + World.class.getName()
                + " {\n"
                + (block.marker().equals("members")
                        ? block.text()
                        : "@Override public Object play(Run run) throws Exception { body(run); return true; }\n"
                                + "void body(Run run) throws Exception {\n"
                                + block.text()
                                + "}\n")
                + "}\n";
    }
}
