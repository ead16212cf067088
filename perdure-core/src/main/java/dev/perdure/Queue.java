package dev.perdure;

import dev.perdure.error.InvalidInputException;
import dev.perdure.journal.RunId;
import dev.perdure.store.QueueRecord;

import java.time.Duration;

/// A queue in which runs wait for their turn, and its limits, which hold for all workers of the store together.
///
/// ```java
/// perdure.register(Queue.named("emails").concurrency(10).perKey(2).rate(100, Duration.ofMinutes(1)));
/// perdure.start("send", mail, StartOptions.DEFAULT.queue("emails").key(mail.tenant()).priority(5));
/// ```
///
/// A run takes up a place while a worker executes it. One that waits outside of memory (for a time, a signal, a person)
/// takes up none, and waits for a place again when it goes on, ahead of those that have not begun. Keys take turns, so
/// that one with ten thousand runs does not keep the others out; among the runs of a key the highest priority comes
/// first, then the oldest.
///
/// The definition is kept in the store; whoever registers another one under the same name replaces it. Immutable.
///
/// @param limits what the store keeps
public record Queue(QueueRecord limits) {
    private static final int MAX_RUNS = 1_000_000;

    /// The highest rate: the runs that began within the period are counted for each claim.
    private static final int MAX_RATE = 100_000;

    private static final Duration MAX_PERIOD = Duration.ofDays(31);

    /// @throws InvalidInputException if a limit is out of range
    public Queue {
        checkName("queue", limits.name());
        check(limits.concurrency(), "runs at the same time");
        check(limits.perKey(), "runs of a key at the same time");
        if (limits.rate() < 0 || limits.rate() > MAX_RATE) {
            throw new InvalidInputException(
                    "queue " + limits.name() + ": a rate is 1 to " + MAX_RATE + " runs, not " + limits.rate());
        }
        if (limits.rate() > 0 && (limits.periodMillis() < 1 || limits.periodMillis() > MAX_PERIOD.toMillis())) {
            throw new InvalidInputException(
                    "queue "
                            + limits.name()
                            + ": the period of a rate is 1 ms to "
                            + MAX_PERIOD.toDays()
                            + " days, not "
                            + limits.periodMillis()
                            + " ms");
        }
    }

    private void check(int limit, String what) {
        if (limit < 0 || limit > MAX_RUNS) {
            throw new InvalidInputException(
                    "queue " + limits.name() + ": a limit is 1 to " + MAX_RUNS + " " + what + ", not " + limit);
        }
    }

    static void checkName(String what, String name) {
        try {
            new RunId(name); // what a run may be called
        } catch (InvalidInputException e) {
            throw new InvalidInputException(
                    String.valueOf(e.getMessage())
                            .replace("a run id has", "a " + what + "'s name has")
                            .replace("Choose another id, such as order-42.", "Choose another name."),
                    e);
        }
    }

    /// A queue without limits.
    ///
    /// @throws InvalidInputException if it cannot have that name
    public static Queue named(String name) {
        return new Queue(new QueueRecord(name, 0, 0, 0, 0));
    }

    /// At most so many of its runs are executed at the same time.
    public Queue concurrency(int runs) {
        return new Queue(
                new QueueRecord(limits.name(), positive(runs), limits.perKey(), limits.rate(), limits.periodMillis()));
    }

    /// At most so many of its runs with the same key are executed at the same time.
    public Queue perKey(int runs) {
        return new Queue(
                new QueueRecord(
                        limits.name(), limits.concurrency(), positive(runs), limits.rate(), limits.periodMillis()));
    }

    /// At most so many of its runs begin in any stretch of time as long as `period`, by the workers' clocks.
    public Queue rate(int runs, Duration period) {
        return new Queue(
                new QueueRecord(
                        limits.name(), limits.concurrency(), limits.perKey(), positive(runs), period.toMillis()));
    }

    private int positive(int limit) {
        if (limit < 1) {
            throw new InvalidInputException(
                    "queue " + limits.name() + ": a limit is at least 1, not " + limit + ". Leave it out for none.");
        }
        return limit;
    }
}
