package dev.perdure;

import dev.perdure.error.InvalidInputException;
import dev.perdure.journal.Effect;

import org.jspecify.annotations.Nullable;

import java.sql.Connection;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/// How a transactional step ([Run#transaction]) is executed: when it is tried again and how long it may take.
///
/// ```java
/// Transaction.DEFAULT.retry(Retry.upTo(3)).timeout(Duration.ofSeconds(2))
/// ```
///
/// Transactions that the database undid because of what others did meanwhile (deadlocks, serialization failures) are
/// tried again at once, up to [#MAX_TRIES] times; that is no attempt of its own. Immutable.
///
/// @param retry when it is attempted again after a failure
/// @param timeout how long the transaction may be open in one attempt
/// @param undo what takes it back if the run fails, see [Step#undo]
public record Transaction(Retry retry, Duration timeout, Optional<Step.UndoneBy> undo) {
    /// How often an attempt is tried that met others.
    public static final int MAX_TRIES = 8;

    /// The longest time limit: locks are held meanwhile.
    public static final Duration MAX_TIMEOUT = Duration.ofHours(1);

    /// One attempt, five seconds.
    public static final Transaction DEFAULT = new Transaction(Retry.NONE, Duration.ofSeconds(5), Optional.empty());

    /// What a transaction does. It may be called more than once until one is committed, and must do nothing that does
    /// not roll back with the transaction.
    @FunctionalInterface
    public interface Body<T extends @Nullable Object> {
        /// Writes rows and makes the result.
        ///
        /// @param connection one of the store's database with an open transaction; for this call only
        /// @throws Exception whatever rolls it back
        T run(Connection connection) throws Exception;
    }

    /// What a transaction without a result does.
    @FunctionalInterface
    public interface Action {
        /// Writes rows.
        ///
        /// @param connection as for [Body#run]
        /// @throws Exception whatever rolls it back
        void run(Connection connection) throws Exception;
    }

    /// What a transaction does with its recorded input.
    @FunctionalInterface
    public interface Function<I, T extends @Nullable Object> {
        /// Writes rows and makes the result.
        ///
        /// @param connection as for [Body#run]
        /// @throws Exception whatever rolls it back
        T run(Connection connection, I input) throws Exception;
    }

    /// @throws InvalidInputException if the timeout is out of range
    public Transaction {
        if (timeout.isNegative() || timeout.isZero() || timeout.compareTo(MAX_TIMEOUT) > 0) {
            throw new InvalidInputException(
                    "a transaction's timeout is longer than nothing and at most "
                            + MAX_TIMEOUT.toMinutes()
                            + " minutes, since it holds locks meanwhile; got "
                            + timeout);
        }
    }

    /// How often it is attempted when it fails, and after which pauses.
    public Transaction retry(Retry policy) {
        return new Transaction(policy, timeout, undo);
    }

    /// The longest time the transaction may be open in one attempt. On SQLite at most a third of the workers' lease
    /// ([PerdureOptions#lease]), since nothing else is committed meanwhile.
    public Transaction timeout(Duration longest) {
        return new Transaction(retry, longest, undo);
    }

    /// What takes it back if the run fails, as [Step#undo].
    public Transaction undo(String name, Object payload) {
        return new Transaction(retry, timeout, Optional.of(new Step.UndoneBy(name, payload)));
    }

    /// What of it is like a step.
    Step asStep() {
        return new Step(
                Effect.AT_LEAST_ONCE,
                retry,
                Optional.empty(),
                List.of(),
                PutOff.DEFAULT,
                Optional.empty(),
                undo,
                Optional.empty());
    }
}
