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

/// Formats every Java file of this checkout with google-java-format (`apply`), or lists those that differ (`check`).
/// Run by the root pom in `verify`, and by `./format`.
final class Format {
    private static final List<String> STYLE = List.of("--style", "aosp", "--max-line-length", "120");

    /// Written when a check finds something; the root pom then stops the build with a message.
    private static final Path UNFORMATTED = Path.of("target/unformatted.txt");

    private static final Set<String> SKIPPED = Set.of("target", "node_modules");

    private Format() {}

    public static void main(String[] args) throws Exception {
        boolean apply =
                switch (args.length == 1 ? args[0] : "") {
                    case "apply" -> true;
                    case "check" -> false;
                    default -> throw new IllegalArgumentException("usage: Format check|apply");
                };
        List<String> command = new ArrayList<>(STYLE);
        command.addAll(apply ? List.of("--replace") : List.of("--dry-run", "--set-exit-if-changed"));
        command.addAll(sources(Path.of("")));

        var names = new StringWriter();
        int exit =
                new Main(new PrintWriter(names, true), new PrintWriter(System.err, true), System.in)
                        .format(command.toArray(String[]::new));
        Files.deleteIfExists(UNFORMATTED);
        if (apply) {
            System.exit(exit);
        }
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
