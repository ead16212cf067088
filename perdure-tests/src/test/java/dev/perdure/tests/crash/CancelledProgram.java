package dev.perdure.tests.crash;

import dev.perdure.CancelledException;
import dev.perdure.Loop;
import dev.perdure.Retry;
import dev.perdure.Run;
import dev.perdure.Step;
import dev.perdure.StepFailedException;
import dev.perdure.Strands;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.function.Supplier;

/// Shapes of code that meets a request to cancel: in steps of each kind, in strands, loops and scopes, with clean-up
/// that is made of steps itself, and code that goes on all the same. What each returns tells where it noticed.
enum CancelledProgram {
    /// One step after the other.
    SEQUENCE {
        @Override
        String work(Run run, Supplier<Callable<Integer>> step) {
            StringBuilder seen = new StringBuilder();
            for (int i = 0; i < 4; i++) {
                try {
                    seen.append(run.step("a", Integer.class, i % 2 == 0 ? RETRIED : Step.atMostOnce(), step.get()));
                    run.set("v", i);
                } catch (CancelledException e) {
                    seen.append("C").append(run.step("c", Integer.class, step.get()));
                }
            }
            return seen.toString();
        }
    },

    /// A loop that goes on.
    LOOP {
        @Override
        String work(Run run, Supplier<Callable<Integer>> step) {
            return run.loop(
                    "l",
                    String.class,
                    "",
                    (turn, state) -> {
                        String seen = state;
                        try {
                            seen += turn.step("a", Integer.class, ONCE_RETRIED, step.get());
                        } catch (CancelledException e) {
                            seen += "C";
                            turn.set("c", seen);
                        }
                        return seen.length() < 4 ? Loop.next(seen) : Loop.done(seen);
                    });
        }
    },

    /// Strands that go on, and open strands of their own.
    STRANDS {
        @Override
        String work(Run run, Supplier<Callable<Integer>> step) {
            return run.parallel(
                            "p",
                            List.of(1, 2, 3),
                            (strand, i) -> {
                                StringBuilder seen = new StringBuilder();
                                for (int k = 0; k < 2; k++) {
                                    try {
                                        seen.append(
                                                strand.step(
                                                        "a",
                                                        Integer.class,
                                                        i == 1 ? ONCE_RETRIED : RETRIED,
                                                        step.get()));
                                    } catch (CancelledException e) {
                                        seen.append("C").append(strand.step("c", Integer.class, step.get()));
                                        strand.parallel(
                                                "in",
                                                List.of(1, 2),
                                                (inner, _) -> inner.step("z", Integer.class, step.get()));
                                    }
                                }
                                return seen.toString();
                            })
                    .toString();
        }
    },

    /// Strands that end with the cancellation, and an owner that cleans up.
    CLEAN_UP {
        @Override
        String work(Run run, Supplier<Callable<Integer>> step) {
            try {
                return run.parallel(
                                "p",
                                List.of(1, 2),
                                (strand, i) ->
                                        strand.step(
                                                "a", Integer.class, i == 1 ? Step.atMostOnce() : RETRIED, step.get()))
                        .toString();
            } catch (CancelledException e) {
                run.step("clean", Integer.class, step.get());
                run.step("clean", Integer.class, step.get());
                throw e;
            }
        }
    },

    /// A strand that fails by itself while its sibling is cancelled.
    FAILING {
        @Override
        String work(Run run, Supplier<Callable<Integer>> step) {
            try {
                return run.parallel(
                                "p",
                                List.of(1, 2),
                                (strand, i) -> {
                                    Callable<Integer> body = step.get();
                                    return strand.step(
                                            "a",
                                            Integer.class,
                                            RETRIED,
                                            () -> {
                                                int value = body.call();
                                                if (i == 1) {
                                                    throw new IllegalStateException("planned");
                                                }
                                                return value;
                                            });
                                })
                        .toString();
            } catch (StepFailedException | CancelledException e) {
                run.step("after", Integer.class, step.get());
                return "over";
            }
        }
    },

    /// A scope whose owner works beside its strands.
    OWNER {
        @Override
        String work(Run run, Supplier<Callable<Integer>> step) {
            String seen = "";
            try (Strands strands = run.strands("g")) {
                strands.open(strand -> strand.step("a", Integer.class, RETRIED, step.get()));
                strands.open(strand -> {
                    try {
                        return strand.step("b", Integer.class, ONCE_RETRIED, step.get());
                    } catch (CancelledException e) {
                        return strand.step("bc", Integer.class, step.get());
                    }
                });
                seen += run.step("own", Integer.class, step.get());
                strands.join();
            } catch (CancelledException e) {
                seen += "C";
            }
            return seen + run.step("end", Integer.class, step.get());
        }
    },

    /// Loops in strands, one of which ends with the cancellation.
    LOOPS_IN_STRANDS {
        @Override
        String work(Run run, Supplier<Callable<Integer>> step) {
            try {
                return run.parallel(
                                "p",
                                List.of(1, 2),
                                (strand, i) ->
                                        strand.loop(
                                                "l",
                                                Integer.class,
                                                0,
                                                (turn, number) -> {
                                                    try {
                                                        turn.step("a", Integer.class, RETRIED, step.get());
                                                    } catch (CancelledException e) {
                                                        if (i == 2) {
                                                            throw e;
                                                        }
                                                        turn.set("c", number);
                                                    }
                                                    return number < 2 ? Loop.next(number + 1) : Loop.done(number);
                                                }))
                        .toString();
            } catch (CancelledException e) {
                run.step("clean", Integer.class, RETRIED, step.get());
                return "cleaned";
            }
        }
    };

    private static final Retry THREE = Retry.upTo(3).from(Duration.ofMillis(5)).withJitter(0);
    static final Step RETRIED = Step.DEFAULT.retry(THREE);
    static final Step ONCE_RETRIED = Step.atMostOnce().didNotHappenOn(Exception.class).retry(THREE);

    /// @param step gives the body of the next step
    abstract String work(Run run, Supplier<Callable<Integer>> step);
}
