package dev.perdure.tests.documents;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Set;

import javax.tools.DiagnosticCollector;
import javax.tools.JavaFileObject;
import javax.tools.ToolProvider;

/// Whatever users can see of `perdure-core` says what it is for. (That of javac's lint which asks for `@param` and
/// `@return` everywhere is left alone: a good sentence often has them in it.)
final class JavadocTest {
    private static final Path SOURCES = Path.of("../perdure-core/src/main/java");
    private static final Set<String> NOT_EXPORTED = Set.of("runtime");

    @Test
    void everythingPublicIsDocumented(@TempDir Path classes) throws IOException {
        var compiler = ToolProvider.getSystemJavaCompiler();
        var found = new DiagnosticCollector<JavaFileObject>();
        try (var files = compiler.getStandardFileManager(found, Locale.ROOT, null);
                var tree = Files.walk(SOURCES)) {
            List<Path> sources =
                    tree.filter(file -> file.toString().endsWith(".java") && !file.endsWith("module-info.java"))
                            .toList();
            assertThat(sources).hasSizeGreaterThan(50);
            compiler.getTask(
                            new StringWriter(),
                            files,
                            found,
                            List.of(
                                    "-proc:none",
                                    "-implicit:none",
                                    "-Xmaxwarns",
                                    "10000",
                                    "-Xdoclint:missing/public",
                                    "-d",
                                    classes.toString(),
                                    "-classpath",
                                    System.getProperty("java.class.path")),
                            null,
                            files.getJavaFileObjectsFromPaths(sources))
                    .call();
        }
        assertThat(found.getDiagnostics())
                .filteredOn(d -> d.getSource() != null && d.getMessage(Locale.ROOT).contains("no comment"))
                .map(d -> Path.of(d.getSource().toUri()).normalize() + ":" + d.getLineNumber())
                .filteredOn(place -> NOT_EXPORTED.stream().noneMatch(name -> place.contains("/" + name + "/")))
                .isEmpty();
    }
}
