package dev.perdure.cli;

import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;

/// The subcommands by name. Only the one that is asked for is made: reading the annotations of all of them takes longer
/// than most commands do.
final class Commands {
    private final Map<String, Supplier<Object>> byName = new LinkedHashMap<>();

    private Commands() {}

    static Commands inOrder() {
        return new Commands();
    }

    Commands with(String name, Supplier<Object> command) {
        byName.put(name, command);
        return this;
    }

    Map<String, Supplier<Object>> all() {
        return byName;
    }

    /// The names of the commands that are no secret.
    static List<String> shown(CommandLine line) {
        return line.getSubcommands().entrySet().stream()
                .filter(command -> !command.getValue().getCommandSpec().usageMessage().hidden())
                .map(Map.Entry::getKey)
                .toList();
    }

    /// Gives `line` the subcommand that the first argument names, or all of them if it names none.
    static void add(CommandLine line, Map<String, Supplier<Object>> commands, String... args) {
        Supplier<Object> named = args.length == 0 ? null : commands.get(args[0]);
        if (named == null) {
            commands.forEach((name, command) -> line.addSubcommand(name, command.get()));
        } else {
            line.addSubcommand(args[0], named.get());
        }
        line.getSubcommands().values().forEach(Commands::dress);
    }

    /// What the help of all subcommands has in common.
    private static void dress(CommandLine command) {
        CommandSpec spec = command.getCommandSpec();
        spec.usageMessage().synopsisHeading("%nUsage: ");
        OptionSpec version = spec.findOption("--version"); // it is that of the whole
        if (version != null) {
            spec.remove(version);
        }
        command.getSubcommands().values().forEach(Commands::dress);
    }
}
