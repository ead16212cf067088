package dev.perdure.cli;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import java.util.stream.Stream;

import javax.tools.JavaCompiler;
import javax.tools.ToolProvider;

/// A user's jar, compiled and packed while the tests run.
final class SampleJar {
    static final String SERVICE = "META-INF/services/dev.perdure.WorkflowProvider";

    private SampleJar() {}

    /// Builds `sample.jar` in `folder`, with the workflows of `sample/SampleWorkflows.java`.
    static Path build(Path folder) throws IOException {
        return build(folder, "sample.SampleWorkflows");
    }

    /// Builds it with a service file that names `provider`.
    static Path build(Path folder, String provider) throws IOException {
        Path classes = Files.createDirectories(folder.resolve("classes"));
        Path source = Files.createDirectories(folder.resolve("sample")).resolve("SampleWorkflows.java");
        try (InputStream text = SampleJar.class.getResourceAsStream("/sample/SampleWorkflows.java")) {
            Files.write(source, text.readAllBytes());
        }
        JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
        boolean compiled =
                compiler.getTask(
                                null,
                                null,
                                null,
                                List.of(
                                        "-proc:none",
                                        "-d",
                                        classes.toString(),
                                        "-cp",
                                        System.getProperty("java.class.path")),
                                null,
                                compiler.getStandardFileManager(null, null, null).getJavaFileObjects(source))
                        .call();
        if (!compiled) {
            throw new IllegalStateException("the sample does not compile");
        }
        Path service = classes.resolve(SERVICE);
        Files.createDirectories(service.getParent());
        Files.writeString(service, provider);
        Path jar = folder.resolve("sample.jar");
        try (OutputStream out = Files.newOutputStream(jar);
                JarOutputStream packed = new JarOutputStream(out);
                Stream<Path> files = Files.walk(classes)) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                packed.putNextEntry(new JarEntry(classes.relativize(file).toString()));
                packed.write(Files.readAllBytes(file));
            }
        }
        return jar;
    }
}
