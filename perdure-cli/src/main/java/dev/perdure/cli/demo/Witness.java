package dev.perdure.cli.demo;

import dev.perdure.Run;
import dev.perdure.Steps;

import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicBoolean;

/// Executes the steps of the demo's workflows such that each body first notes its path outside the store, and may be
/// hit by the [PowerCut]. Thread-safe.
///
/// A name may be used once in each scope: the path noted is the scope's and the name.
record Witness(Executions executions, PowerCut powerCut) {
    /// A step; see [Run#step(String, Class, Callable)].
    <T> T step(Run run, String name, Class<T> type, Callable<T> body) {
        Body watched = new Body(run, name);
        T result =
                run.step(
                        name,
                        type,
                        () -> {
                            watched.began();
                            return body.call();
                        });
        watched.recorded();
        return result;
    }

    /// A step with a recorded input; see [Run#step(String, Object, Class, Steps.Function)].
    <I, T> T step(Run run, String name, I input, Class<T> type, Steps.Function<I, T> body) {
        Body watched = new Body(run, name);
        T result =
                run.step(
                        name,
                        input,
                        type,
                        value -> {
                            watched.began();
                            return body.apply(value);
                        });
        watched.recorded();
        return result;
    }

    private final class Body {
        private final StepAddress step;
        private final AtomicBoolean executed = new AtomicBoolean();

        Body(Run run, String name) {
            this.step = new StepAddress(run.id().value(), run.scope().child(name).text());
        }

        void began() {
            executed.set(true);
            executions.began(step);
            powerCut.bodyBegan();
        }

        /// Counts only what this process executed: a replayed step was recorded by another.
        void recorded() {
            if (executed.get()) {
                powerCut.stepRecorded();
            }
        }
    }
}
