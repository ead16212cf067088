package dev.perdure;

import dev.perdure.error.InvalidInputException;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/// Which exceptions put a step off, and how often in a row and how long that may happen.
///
/// ```java
/// Step.atLeastOnce().putOff(PutOff.DEFAULT.on(RateLimitException.class, e -> Optional.of(e.retryAfter())))
/// ```
///
/// A step that is put off waits, out of memory if it takes long, and is then executed under the same attempt number. A
/// [RetryAfterException] always does that. A step that would be put off more often or longer than the bounds allow
/// fails, with an error that says so. Immutable.
///
/// @param times how often in a row, without another outcome between
/// @param inAll how long in all, from the first of them in a row to the end of the last
/// @param rules which other exceptions do; the first rule that fits decides
public record PutOff(int times, Duration inAll, List<Rule> rules) {
    /// How long exceptions of a type ask to wait; empty: this one is a failure like any other.
    public record Rule(Class<? extends Throwable> type, Function<Throwable, Optional<Duration>> delay) {}

    private static final Logger LOG = LoggerFactory.getLogger(PutOff.class);
    private static final int MAX_TIMES = 1_000_000;
    private static final Duration MAX_IN_ALL = Duration.ofDays(3_650);

    /// Up to 1,000 times in a row, and up to 7 days in all; [RetryAfterException] only.
    public static final PutOff DEFAULT = new PutOff(1_000, Duration.ofDays(7), List.of());

    /// @throws dev.perdure.error.InvalidInputException if a bound is out of range
    public PutOff {
        rules = List.copyOf(rules);
        if (times < 0 || times > MAX_TIMES) {
            throw new InvalidInputException("a step is put off 0 to " + MAX_TIMES + " times in a row, not " + times);
        }
        if (inAll.isNegative() || inAll.compareTo(MAX_IN_ALL) > 0) {
            throw new InvalidInputException(
                    "a step is put off for 0 to " + MAX_IN_ALL.toDays() + " days in all; got " + inAll);
        }
    }

    /// Other bounds.
    public PutOff atMost(int timesInARow, Duration longestInAll) {
        return new PutOff(timesInARow, longestInAll, rules);
    }

    /// Exceptions of this type put the step off for as long as `delay` says; if it says nothing, they are failures. An
    /// at-most-once step did not happen if it is put off: map only what proves that.
    public <X extends Throwable> PutOff on(Class<X> type, Function<? super X, Optional<Duration>> delay) {
        List<Rule> more = new ArrayList<>(rules);
        more.add(new Rule(type, thrown -> delay.apply(type.cast(thrown))));
        return new PutOff(times, inAll, more);
    }

    /// Until when `thrown` puts a step off; empty: it does not.
    Optional<Long> untilMillis(Throwable thrown, Clock clock) {
        Optional<RetryAfterException> asked =
                thrown instanceof RetryAfterException retryAfter ? Optional.of(retryAfter) : mapped(thrown);
        return asked.map(retryAfter -> retryAfter.untilMillis(clock));
    }

    private Optional<RetryAfterException> mapped(Throwable thrown) {
        Optional<Rule> rule = rules.stream().filter(r -> r.type().isInstance(thrown)).findFirst();
        try {
            return rule.flatMap(r -> r.delay().apply(thrown)).map(RetryAfterException::new);
        } catch (RuntimeException broken) { // the failure it was asked about is what counts
            LOG.warn("what maps {} to a delay failed with {}", Failures.of(thrown).type(), Failures.of(broken).type());
            thrown.addSuppressed(broken);
            return Optional.empty();
        }
    }
}
