import com.google.googlejavaformat.java.Main;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/// Formats the Java files under a folder with google-java-format (`apply`), or lists those that differ (`check`). Run
/// by the root pom in `verify`, and by `./format`. Writes [#UNFORMATTED] if anything is left to do.
final class Format {
    private static final List<String> STYLE = List.of("--style", "aosp", "--max-line-length", "120");

    /// If it exists afterwards, the root pom stops the build with a message.
    private static final Path UNFORMATTED = Path.of("target/unformatted.txt");

    private static final Set<String> SKIPPED = Set.of("target", "node_modules");

    private Format() {}

    public static void main(String[] args) throws Exception {
        boolean apply =
                switch (args.length == 2 ? args[0] : "") {
                    case "apply" -> true;
                    case "check" -> false;
                    default -> throw new IllegalArgumentException("usage: Format check|apply FOLDER");
                };
        List<String> sources = sources(Path.of(args[1]).normalize());
        if (sources.isEmpty()) {
            throw new IllegalArgumentException("no Java files under " + args[1]);
        }
        List<String> command = new ArrayList<>(STYLE);
        command.addAll(apply ? List.of("--replace") : List.of("--dry-run", "--set-exit-if-changed"));
        command.addAll(sources);

        var names = new StringWriter();
        var errors = new PrintWriter(System.err);
        int exit = new Main(new PrintWriter(names), errors, System.in).format(command.toArray(String[]::new));
        errors.flush();
        Files.deleteIfExists(UNFORMATTED);
        if (exit != 0) {
            System.err.print(names);
            Files.createDirectories(UNFORMATTED.getParent());
            Files.writeString(UNFORMATTED, names.toString());
        }
    }

    private static List<String> sources(Path root) throws IOException {
        var found = new ArrayList<String>();
        Files.walkFileTree(
                root,
                new SimpleFileVisitor<>() {
                    @Override
                    public FileVisitResult preVisitDirectory(Path dir, BasicFileAttributes attributes) {
                        String name = dir.getFileName().toString();
                        return SKIPPED.contains(name) || name.startsWith(".")
                                ? FileVisitResult.SKIP_SUBTREE
                                : FileVisitResult.CONTINUE;
                    }

                    @Override
                    public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
                        if (file.toString().endsWith(".java")) {
                            found.add(file.toString());
                        }
                        return FileVisitResult.CONTINUE;
                    }
                });
        found.sort(null);
        return found;
    }
}
