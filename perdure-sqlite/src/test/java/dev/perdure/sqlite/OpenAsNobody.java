package dev.perdure.sqlite;

import dev.perdure.error.PerdureException;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/// Opens a store as a user for whom the rights of a file count. Root writes everywhere: where it runs the tests, that
/// is a process in a namespace of users of its own, in which nobody is root.
final class OpenAsNobody {
    private OpenAsNobody() {}

    /// What opening it says.
    static String of(Path file) throws Exception {
        if (!Files.isWritable(file)) {
            return open(file);
        }
        List<String> command =
                List.of(
                        "unshare",
                        "--user",
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-XX:TieredStopAtLevel=1",
                        "-cp",
                        System.getProperty("java.class.path"),
                        OpenAsNobody.class.getName(),
                        file.toString());
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        process.waitFor();
        return said;
    }

    private static String open(Path file) {
        try (var store = new SqliteStoreProvider().open("jdbc:sqlite:" + file)) {
            return "opened " + store;
        } catch (PerdureException e) {
            return e.toString();
        }
    }

    public static void main(String[] arguments) {
        System.out.println(open(Path.of(arguments[0])));
    }
}
