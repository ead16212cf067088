package dev.perdure;

import dev.perdure.error.InvalidInputException;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.random.RandomGenerator;

/// When and how often a failed step is attempted again. Attempts are durable: a crash between two of them neither
/// forgets nor repeats the count.
///
/// ```java
/// Retry.upTo(5).from(Duration.ofSeconds(1)).notOn(IllegalArgumentException.class)
/// ```
///
/// Delays grow exponentially and are spread by jitter (M. Brooker, "Exponential Backoff And Jitter", AWS, 2015).
/// Immutable.
///
/// @param attempts how often the step is attempted in all, at least 1
/// @param firstDelay the delay before the second attempt
/// @param factor by how much each further delay is longer than the one before
/// @param maxDelay the longest delay
/// @param jitter how much of a delay is random: 0 none, 1 all of it
/// @param rules which exceptions are retried; the first rule that fits decides, and without one it is retried
public record Retry(
        int attempts, Duration firstDelay, double factor, Duration maxDelay, double jitter, List<Rule> rules) {
    /// Whether exceptions of a type (and its subtypes) are retried.
    public record Rule(Class<? extends Throwable> type, boolean retried) {}

    private static final int MAX_ATTEMPTS = 1_000_000;
    private static final Duration MAX_DELAY = Duration.ofDays(365);

    /// One attempt, no retry: the default.
    public static final Retry NONE = new Retry(1, Duration.ZERO, 1, Duration.ZERO, 0, List.of());

    /// @throws dev.perdure.error.InvalidInputException if a number is out of range
    public Retry {
        rules = List.copyOf(rules);
        if (attempts < 1 || attempts > MAX_ATTEMPTS) {
            throw new InvalidInputException("a step is attempted 1 to " + MAX_ATTEMPTS + " times, not " + attempts);
        }
        if (firstDelay.isNegative() || maxDelay.isNegative() || factor < 1 || jitter < 0 || jitter > 1) {
            throw new InvalidInputException(
                    "a retry's delays are not negative, its factor is at least 1, its jitter between 0 and 1");
        }
        if (firstDelay.compareTo(MAX_DELAY) > 0 || maxDelay.compareTo(MAX_DELAY) > 0) {
            throw new InvalidInputException(
                    "a retry's delays are at most "
                            + MAX_DELAY.toDays()
                            + " days; got "
                            + (firstDelay.compareTo(maxDelay) > 0 ? firstDelay : maxDelay));
        }
    }

    /// Up to `attempts` attempts in all: after 1 s, 2 s, 4 s and so on, at most 1 min apart, half of it jitter.
    public static Retry upTo(int attempts) {
        return new Retry(attempts, Duration.ofSeconds(1), 2, Duration.ofMinutes(1), 0.5, List.of());
    }

    /// The delay before the second attempt.
    public Retry from(Duration first) {
        return new Retry(attempts, first, factor, maxDelay.compareTo(first) < 0 ? first : maxDelay, jitter, rules);
    }

    /// By how much each delay is longer than the one before it, at least 1.
    public Retry growingBy(double by) {
        return new Retry(attempts, firstDelay, by, maxDelay, jitter, rules);
    }

    /// The longest delay.
    public Retry atMost(Duration longest) {
        return new Retry(attempts, firstDelay, factor, longest, jitter, rules);
    }

    /// How much of each delay is random, 0 to 1.
    public Retry withJitter(double share) {
        return new Retry(attempts, firstDelay, factor, maxDelay, share, rules);
    }

    /// Retries exceptions of this type, whatever later rules say.
    public Retry on(Class<? extends Throwable> type) {
        return with(new Rule(type, true));
    }

    /// Does not retry exceptions of this type.
    public Retry notOn(Class<? extends Throwable> type) {
        return with(new Rule(type, false));
    }

    /// Retries only what earlier rules name.
    public Retry nothingElse() {
        return with(new Rule(Throwable.class, false));
    }

    private Retry with(Rule rule) {
        List<Rule> more = new ArrayList<>(rules);
        more.add(rule);
        return new Retry(attempts, firstDelay, factor, maxDelay, jitter, more);
    }

    /// How long to wait after attempt number `attempt` failed with `thrown`; empty: do not try again.
    Optional<Duration> delayAfter(int attempt, Throwable thrown, RandomGenerator random) {
        boolean retried =
                rules.stream()
                        .filter(rule -> rule.type().isInstance(thrown))
                        .findFirst()
                        .map(Rule::retried)
                        .orElse(true);
        if (!retried || attempt >= attempts) {
            return Optional.empty();
        }
        double millis = Math.min((double) maxDelay.toMillis(), firstDelay.toMillis() * Math.pow(factor, attempt - 1.0));
        return Optional.of(Duration.ofMillis(Math.round(millis * (1 - jitter * random.nextDouble()))));
    }
}
