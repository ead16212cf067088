package dev.perdure;

import dev.perdure.error.PerdureException;

import java.time.Duration;

/// An attempt of a step took longer than its time limit. Retry rules may name it.
public final class StepTimeoutException extends PerdureException {
    private static final long serialVersionUID = 1L;

    StepTimeoutException(String path, Duration limit) {
        super(
                "step "
                        + path
                        + " took longer than its limit of "
                        + limit.toMillis()
                        + " ms and was interrupted. Raise Step.timeout, or make the work shorter.",
                null);
    }
}
