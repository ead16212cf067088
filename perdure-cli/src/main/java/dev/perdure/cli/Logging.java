package dev.perdure.cli;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.Configurator;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.ThrowableProxy;
import ch.qos.logback.core.AppenderBase;
import ch.qos.logback.core.spi.ContextAwareBase;

import dev.perdure.cli.console.OneLine;
import dev.perdure.cli.console.Times;

import org.slf4j.LoggerFactory;

import java.util.Locale;

/// Logs warnings and errors to standard error, each on one short line. What the connection pools of Perdure's own and
/// the driver of PostgreSQL say is left out, except with stack traces: commands and workers say themselves that a
/// server is away, and what to do; a pool of the user's is heard. Found by logback as a service; in Java rather than
/// XML, because reading XML would take a fifth of the time that a short command has.
public final class Logging extends ContextAwareBase implements Configurator {
    /// What PostgreSQL's driver logs, past slf4j. Held here, since `java.util.logging` forgets levels of what nobody
    /// holds.
    private static final java.util.logging.Logger DRIVER = java.util.logging.Logger.getLogger("org.postgresql");

    private static volatile boolean traces;

    /// Called by [java.util.ServiceLoader].
    public Logging() {}

    @Override
    public ExecutionStatus configure(LoggerContext context) {
        Lines lines = new Lines();
        lines.setContext(context);
        lines.start();
        Logger root = context.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME);
        root.setLevel(Level.WARN);
        root.addAppender(lines);
        DRIVER.setLevel(java.util.logging.Level.OFF);
        return ExecutionStatus.DO_NOT_INVOKE_NEXT_IF_ANY;
    }

    /// Logs more than usual.
    ///
    /// @param verbose what goes well, too
    /// @param debug stack traces, where there are any
    static void more(boolean verbose, boolean debug) {
        traces = debug;
        DRIVER.setLevel(debug ? null : java.util.logging.Level.OFF);
        if (verbose && LoggerFactory.getLogger("dev.perdure") instanceof Logger ours) {
            ours.setLevel(Level.INFO);
        }
    }

    /// Switches off the line that says that a run failed, where the command itself says so.
    static void leaveFailuresToTheCommand() {
        if (LoggerFactory.getLogger("dev.perdure.Execution") instanceof Logger runs && !runs.isInfoEnabled()) {
            runs.setLevel(Level.ERROR);
        }
    }

    /// Whether it comes from a connection pool of Perdure's own: HikariCP begins what it says with the pool's name.
    private static boolean isOfOurPools(ILoggingEvent event) {
        return event.getLoggerName().startsWith("com.zaxxer.hikari")
                && event.getFormattedMessage().startsWith("perdure");
    }

    private static final class Lines extends AppenderBase<ILoggingEvent> {
        @Override
        protected void append(ILoggingEvent event) {
            if (!traces && isOfOurPools(event)) {
                return;
            }
            String level = event.getLevel().equals(Level.WARN) ? "warning" : event.getLevel().levelStr;
            String source = event.getLoggerName().startsWith("dev.perdure") ? "" : " [" + event.getLoggerName() + "]";
            System.err.println(
                    Times.clock(event.getTimeStamp())
                            + " "
                            + level.toLowerCase(Locale.ROOT)
                            + source
                            + ": "
                            + OneLine.of(event.getFormattedMessage()));
            if (traces && event.getThrowableProxy() instanceof ThrowableProxy proxy) {
                proxy.getThrowable().printStackTrace(System.err);
            }
        }
    }
}
