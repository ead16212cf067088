package dev.perdure.cli;

import dev.perdure.Perdure;
import dev.perdure.cli.console.Console;

/// Closes a Perdure when the command ends, be it by a signal (SIGTERM, or SIGINT from Ctrl-C): runs under way are then
/// handed over instead of waiting for a lease to run out.
final class HandOver implements AutoCloseable {
    private final Perdure perdure;
    private final Thread hook;
    private volatile boolean stopping;

    HandOver(Perdure perdure, Console console) {
        this.perdure = perdure;
        this.hook =
                new Thread(
                        () -> {
                            stopping = true;
                            console.say("perdure: stopping; runs under way are handed over");
                            perdure.close();
                        },
                        "perdure-stop");
        Runtime.getRuntime().addShutdownHook(hook);
    }

    /// Whether a signal is about to end this process.
    boolean stopping() {
        return stopping;
    }

    @Override
    public void close() {
        try {
            Runtime.getRuntime().removeShutdownHook(hook);
            perdure.close();
        } catch (IllegalStateException e) {
            stopping = true; // the hook closes it
        }
    }
}
