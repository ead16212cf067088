package dev.perdure.tests.documents;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

import javax.tools.JavaCompiler;
import javax.tools.StandardJavaFileManager;
import javax.tools.ToolProvider;

/// Compiles sources against the class path of the tests.
final class CompileSource {
    private CompileSource() {}

    /// Compiles one source text.
    ///
    /// @param file its file name, such as `Tour.java`
    /// @param folder where the source and the classes go
    static void text(String file, String source, Path folder) throws IOException {
        Path path = folder.resolve(file);
        Files.writeString(path, source);
        files(List.of(path), folder);
    }

    /// Compiles files.
    ///
    /// @param folder where the classes go
    static void files(List<Path> sources, Path folder) throws IOException {
        JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
        StringWriter messages = new StringWriter();
        try (StandardJavaFileManager manager = compiler.getStandardFileManager(null, null, null)) {
            List<String> options =
                    List.of(
                            "-d",
                            folder.toString(),
                            "-cp",
                            classPath(),
                            "--release",
                            "25",
                            "-proc:none",
                            "-Xlint:none");
            boolean compiled =
                    compiler.getTask(
                                    messages,
                                    manager,
                                    null,
                                    options,
                                    null,
                                    manager.getJavaFileObjectsFromPaths(sources))
                            .call();
            assertThat(compiled).as("%s", messages).isTrue();
        }
    }

    static String classPath() {
        return System.getProperty("java.class.path");
    }
}
