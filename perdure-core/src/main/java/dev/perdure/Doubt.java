package dev.perdure;

import dev.perdure.journal.Resolution;
import dev.perdure.store.InboxMessage;
import dev.perdure.value.Values;

import java.nio.charset.StandardCharsets;
import java.util.Optional;

/// A step that may have run and must not run twice, and what somebody says became of it.
final class Doubt {
    private static final String IN_DOUBT = " is in doubt";

    /// What somebody says; `result` is JSON text.
    record Said(Resolution resolution, String by, String reason, Optional<String> result) {}

    private Doubt() {}

    /// What the run index shows while a run waits for that.
    static String describe(String path) {
        return "step "
                + path
                + IN_DOUBT
                + ": it may have run, and must not run twice. Say what happened with `perdure resolve`";
    }

    /// As [#describe], with what the resolver could not say, and what somebody said that is no result.
    static String describe(String path, String resolver, String unfit) {
        return describe(path)
                + (resolver.isEmpty() ? "" : "; " + resolver)
                + (unfit.isEmpty() ? "" : ". What was said does not count: " + unfit);
    }

    /// Whether a run's reason for waiting says that this step is in doubt.
    static boolean isDescribed(String reason, String path) {
        return reason.contains("step " + path + IN_DOUBT);
    }

    /// Whether a run's reason for waiting says that some step is in doubt.
    static boolean isDescribed(String reason) {
        return reason.contains(IN_DOUBT);
    }

    static boolean isAbout(InboxMessage message, String path) {
        return message.kind().equals(InboxMessage.RESOLUTION) && message.name().equals(path);
    }

    static Said read(Values values, InboxMessage message) {
        return values.read(
                message.body().getBytes(StandardCharsets.UTF_8), Said.class, "what was said of step " + message.name());
    }
}
