package dev.perdure;

import dev.perdure.journal.Bond;
import dev.perdure.journal.RunId;

import java.lang.reflect.Type;
import java.util.concurrent.atomic.AtomicReference;

/// A run that another run started: what [Run#startChild] answers and [Run#await] takes.
///
/// Belongs to the run that started it. Its end can be awaited once, by one strand at a time. Thread-safe.
///
/// @param <O> the type of its result
@SuppressWarnings("UnusedTypeParameter") // it is what Run.await returns
public final class Child<O> {
    private final String name;
    private final RunId id;
    private final Bond bond;
    private final Type output;
    private final AtomicReference<Await> await = new AtomicReference<>(Await.NOT_YET);

    /// Where the child's end stands with its parent.
    enum Await {
        NOT_YET,
        UNDER_WAY,
        ENDED
    }

    Child(String name, RunId id, Bond bond, Type output) {
        this.name = name;
        this.id = id;
        this.bond = bond;
        this.output = output;
    }

    /// The child's id, by which it can be looked at like any run.
    public RunId id() {
        return id;
    }

    /// The name under which it was started.
    String name() {
        return name;
    }

    Bond bond() {
        return bond;
    }

    Type output() {
        return output;
    }

    AtomicReference<Await> await() {
        return await;
    }
}
