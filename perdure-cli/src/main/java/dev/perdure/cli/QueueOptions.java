package dev.perdure.cli;

import dev.perdure.Schedule;
import dev.perdure.StartOptions;

import org.jspecify.annotations.Nullable;

import picocli.CommandLine.Option;

/// The options that let runs wait for their turns in a queue.
final class QueueOptions {
    @Option(
            names = "--queue",
            paramLabel = "Q",
            description = "Let it wait for its turn in this queue, which a program has defined.")
    private @Nullable String queue;

    @Option(
            names = "--key",
            paramLabel = "K",
            description = "With --queue: what it shares a limit and its turns with, such as a tenant.")
    private @Nullable String key;

    @Option(
            names = "--priority",
            paramLabel = "N",
            description = "With --queue: among runs with the same key higher ones come first (default: 0).")
    private @Nullable Integer priority;

    /// The options of a start with these.
    StartOptions in(StartOptions options) {
        StartOptions placed = queue == null ? options : options.queue(queue);
        placed = key == null ? placed : placed.key(key);
        return priority == null ? placed : placed.priority(priority);
    }

    /// A schedule of which the runs wait so.
    Schedule in(Schedule schedule) {
        Schedule placed = queue == null ? schedule : schedule.queue(queue);
        placed = key == null ? placed : placed.key(key);
        return priority == null ? placed : placed.priority(priority);
    }
}
