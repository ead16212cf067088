package dev.perdure.cli.console;

import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/// How this process starts another one of its kind.
public final class JavaProcess {
    private JavaProcess() {}

    /// The command line of a JVM with this one's options and class path.
    public static List<String> command(Class<?> main, String... arguments) {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        ManagementFactory.getRuntimeMXBean().getInputArguments().stream()
                .filter(JavaProcess::inherited)
                .forEach(command::add);
        command.addAll(List.of("-cp", System.getProperty("java.class.path"), main.getName()));
        command.addAll(List.of(arguments));
        return command;
    }

    /// Debuggers and profilers hold ports and files that two processes cannot share.
    private static boolean inherited(String option) {
        return !option.startsWith("-agent")
                && !option.startsWith("-javaagent")
                && !option.startsWith("-XX:AOTCacheOutput");
    }
}
