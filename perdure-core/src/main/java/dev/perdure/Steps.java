package dev.perdure;

import dev.perdure.error.InvalidInputException;
import dev.perdure.journal.Path;
import dev.perdure.journal.Plain;
import dev.perdure.value.LogicalType;
import dev.perdure.value.TypeRef;
import dev.perdure.value.Values;

import org.jspecify.annotations.Nullable;

import java.lang.reflect.Type;
import java.util.Collection;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;

/// The steps of a [Run]: units of work that are journaled. Use it as a [Run]; its rules and threads hold here.
public abstract sealed class Steps permits Run {
    final Strand strand;
    final Scope scope;

    Steps(Strand strand, Path path) {
        this.strand = strand;
        this.scope = new Scope(path);
    }

    /// Executes `body` as a step and returns its result as recorded; on replay returns the recorded result.
    ///
    /// The result is durable before this returns. The step is executed at least once: again if the process dies before
    /// the result is durable. The value returned is always the decoded stored form, live as well as on replay.
    ///
    /// @param name the step's name in this scope; used again it counts: `fetch`, `fetch#2`
    /// @throws StepFailedException if the step failed, live as well as on replay
    /// @throws CancelledException if the run was cancelled
    public <T extends @Nullable Object> T step(String name, Class<T> type, Callable<T> body) {
        return run(name, Step.DEFAULT, Optional.empty(), type, body);
    }

    /// As [#step(String, Class, Callable)], with options.
    public <T extends @Nullable Object> T step(String name, Class<T> type, Step options, Callable<T> body) {
        return run(name, options, Optional.empty(), type, body);
    }

    /// As [#step(String, Class, Callable)], for a generic result type.
    public <T extends @Nullable Object> T step(String name, TypeRef<T> type, Callable<T> body) {
        return run(name, Step.DEFAULT, Optional.empty(), type.type(), body);
    }

    /// As [#step(String, Class, Callable)], for a generic result type and with options.
    public <T extends @Nullable Object> T step(String name, TypeRef<T> type, Step options, Callable<T> body) {
        return run(name, options, Optional.empty(), type.type(), body);
    }

    /// A step without a result.
    public void step(String name, Action body) {
        step(name, Step.DEFAULT, body);
    }

    /// As [#step(String, Action)], with options.
    public void step(String name, Step options, Action body) {
        Object nothing =
                run(
                        name,
                        options,
                        Optional.empty(),
                        Void.class,
                        () -> {
                            body.run();
                            return null;
                        });
        assert nothing == null;
    }

    /// What a step without a result does.
    @FunctionalInterface
    public interface Action {
        /// Does it.
        ///
        /// @throws Exception whatever fails the attempt
        void run() throws Exception;
    }

    /// A step with a recorded input, which gives provenance and detects divergence: on replay the input must be equal
    /// to the recorded one. `body` gets the decoded stored form of `input`.
    ///
    /// @throws InvalidInputException if `input` is null, or of a generic type; use the form that names it
    public <I, T extends @Nullable Object> T step(String name, I input, Class<T> type, Function<I, T> body) {
        return step(name, input, type, Step.DEFAULT, body);
    }

    /// As [#step(String, Object, Class, Function)], with options.
    public <I, T extends @Nullable Object> T step(
            String name, I input, Class<T> type, Step options, Function<I, T> body) {
        return runWithInput(name, options, input, plainType("the input of step " + name, input), type, body);
    }

    /// As [#step(String, Object, Class, Function)], for a generic result type.
    public <I, T extends @Nullable Object> T step(String name, I input, TypeRef<T> type, Function<I, T> body) {
        return step(name, input, type, Step.DEFAULT, body);
    }

    /// As [#step(String, Object, Class, Function)], for a generic result type and with options.
    public <I, T extends @Nullable Object> T step(
            String name, I input, TypeRef<T> type, Step options, Function<I, T> body) {
        return runWithInput(name, options, input, plainType("the input of step " + name, input), type.type(), body);
    }

    /// As [#step(String, Object, Class, Function)], for a generic input type.
    public <I, T extends @Nullable Object> T step(
            String name, I input, TypeRef<I> inputType, Class<T> type, Function<I, T> body) {
        return step(name, input, inputType, type, Step.DEFAULT, body);
    }

    /// As [#step(String, Object, Class, Function)], for a generic input type and with options.
    public <I, T extends @Nullable Object> T step(
            String name, I input, TypeRef<I> inputType, Class<T> type, Step options, Function<I, T> body) {
        return runWithInput(name, options, input, inputType.type(), type, body);
    }

    /// As [#step(String, Object, Class, Function)], for generic types.
    public <I, T extends @Nullable Object> T step(
            String name, I input, TypeRef<I> inputType, TypeRef<T> type, Function<I, T> body) {
        return step(name, input, inputType, type, Step.DEFAULT, body);
    }

    /// As [#step(String, Object, Class, Function)], for generic types and with options.
    public <I, T extends @Nullable Object> T step(
            String name, I input, TypeRef<I> inputType, TypeRef<T> type, Step options, Function<I, T> body) {
        return runWithInput(name, options, input, inputType.type(), type.type(), body);
    }

    /// What a step does with its input.
    @FunctionalInterface
    public interface Function<I, T extends @Nullable Object> {
        /// Makes the result from the input.
        ///
        /// @throws Exception whatever fails the attempt
        T apply(I input) throws Exception;
    }

    static Type plainType(String what, @Nullable Object input) {
        if (input == null) {
            throw new InvalidInputException(
                    what + " is null, which has no type. Give it a value that says so, or leave the input out.");
        }
        Class<?> type = input.getClass();
        if (type.getTypeParameters().length > 0 || input instanceof Collection || input instanceof Map) {
            throw new InvalidInputException(
                    what
                            + " is a "
                            + type.getSimpleName()
                            + ", whose elements have no type at run time: name it with new TypeRef<...>() {}.");
        }
        return type;
    }

    private <I, T extends @Nullable Object> T runWithInput(
            String name, Step options, I input, Type inputType, Type type, Function<I, T> body) {
        strand.check(self());
        String what = "the input of step " + name + " of run " + strand.execution().id();
        byte[] json = values().write(input, inputType, what);
        return recorded(
                name,
                options,
                json,
                LogicalType.of(inputType),
                type,
                () -> {
                    I decoded = values().read(json, inputType, what);
                    return body.apply(decoded);
                });
    }

    /// A step whose input is `json`.
    <T extends @Nullable Object> T recorded(
            String name, Step options, byte[] json, LogicalType inputType, Type type, Callable<T> body) {
        return run(name, options, Optional.of(new StepCall.Input(Plain.of(json), inputType)), type, body);
    }

    private <T extends @Nullable Object> T run(
            String name, Step options, Optional<StepCall.Input> input, Type type, Callable<T> body) {
        strand.check(self());
        refuseRawCollection(name, type);
        return new StepCall<>(strand, scope.next("step", name), options, input, type, body).call();
    }

    private static void refuseRawCollection(String name, Type type) {
        if (type instanceof Class<?> raw && Collection.class.isAssignableFrom(raw)) {
            throw new InvalidInputException(
                    "the result of step "
                            + name
                            + " is a "
                            + raw.getSimpleName()
                            + ", whose elements have no type at run time: name it with new TypeRef<...>() {}.");
        }
    }

    // Transactions

    /// Executes `body` as a step in a transaction of the store's database (SQLite or PostgreSQL) and commits the rows
    /// it writes together with the step's entry: they are there exactly once, or not at all, whatever dies when.
    ///
    /// ```java
    /// Receipt receipt = run.transaction("charge", Receipt.class, connection -> {
    ///     try (PreparedStatement insert = connection.prepareStatement("INSERT INTO charge VALUES (?, ?)")) {
    ///         insert.setString(1, order.id());
    ///         insert.setLong(2, order.cents());
    ///         insert.executeUpdate();
    ///     }
    ///     return new Receipt(order.id());
    /// });
    /// ```
    ///
    /// The connection is Perdure's: returning commits, throwing rolls back and fails the attempt as in any step;
    /// `commit`, `close` and the like are refused, savepoints are not. The body runs on a thread of its own, and again
    /// if the database undid it because of others; so it does nothing but write to this database. Keep it short: locks
    /// are held meanwhile, and on SQLite nothing else is committed at all. Perdure's own tables are not for it.
    ///
    /// @throws StepFailedException if the step failed, live as well as on replay; also if the store has no
    ///   transactions, or not for so long
    public <T extends @Nullable Object> T transaction(String name, Class<T> type, Transaction.Body<T> body) {
        return transact(name, Transaction.DEFAULT, Optional.empty(), type, body);
    }

    /// As [#transaction(String, Class, Transaction.Body)], with options.
    public <T extends @Nullable Object> T transaction(
            String name, Class<T> type, Transaction options, Transaction.Body<T> body) {
        return transact(name, options, Optional.empty(), type, body);
    }

    /// As [#transaction(String, Class, Transaction.Body)], for a generic result type and with options.
    public <T extends @Nullable Object> T transaction(
            String name, TypeRef<T> type, Transaction options, Transaction.Body<T> body) {
        return transact(name, options, Optional.empty(), type.type(), body);
    }

    /// A transaction without a result.
    public void transaction(String name, Transaction.Action body) {
        transaction(name, Transaction.DEFAULT, body);
    }

    /// As [#transaction(String, Transaction.Action)], with options.
    @SuppressWarnings("NullAway") // the type variable of Body may stand for null
    public void transaction(String name, Transaction options, Transaction.Action body) {
        Object nothing =
                transact(
                        name,
                        options,
                        Optional.empty(),
                        Void.class,
                        connection -> {
                            body.run(connection);
                            return null;
                        });
        assert nothing == null;
    }

    /// A transaction with a recorded input, as [#step(String, Object, Class, Function)] has one.
    public <I, T extends @Nullable Object> T transaction(
            String name, I input, Class<T> type, Transaction.Function<I, T> body) {
        return transaction(name, input, type, Transaction.DEFAULT, body);
    }

    /// As [#transaction(String, Object, Class, Transaction.Function)], with options.
    public <I, T extends @Nullable Object> T transaction(
            String name, I input, Class<T> type, Transaction options, Transaction.Function<I, T> body) {
        return transactWithInput(name, options, input, plainType("the input of step " + name, input), type, body);
    }

    /// As [#transaction(String, Object, Class, Transaction.Function)], for generic types and with options.
    public <I, T extends @Nullable Object> T transaction(
            String name,
            I input,
            TypeRef<I> inputType,
            TypeRef<T> type,
            Transaction options,
            Transaction.Function<I, T> body) {
        return transactWithInput(name, options, input, inputType.type(), type.type(), body);
    }

    private <I, T extends @Nullable Object> T transactWithInput(
            String name, Transaction options, I input, Type inputType, Type type, Transaction.Function<I, T> body) {
        strand.check(self());
        String what = "the input of step " + name + " of run " + strand.execution().id();
        byte[] json = values().write(input, inputType, what);
        return transact(
                name,
                options,
                Optional.of(new StepCall.Input(Plain.of(json), LogicalType.of(inputType))),
                type,
                connection -> {
                    I decoded = values().read(json, inputType, what);
                    return body.run(connection, decoded);
                });
    }

    private <T extends @Nullable Object> T transact(
            String name, Transaction options, Optional<StepCall.Input> input, Type type, Transaction.Body<T> body) {
        strand.check(self());
        refuseRawCollection(name, type);
        return new StepCall<>(strand, scope.next("step", name), options, input, type, body).call();
    }

    private Run self() {
        return (Run) this;
    }

    Strand strand() {
        return strand;
    }

    Values values() {
        return strand.execution().engine().values();
    }
}
