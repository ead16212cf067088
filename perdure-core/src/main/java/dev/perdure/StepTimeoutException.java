package dev.perdure;

import dev.perdure.error.PerdureException;

import java.time.Duration;

/// An attempt of a step took longer than its time limit, or went without a heartbeat for too long. Retry rules may name
/// it.
public final class StepTimeoutException extends PerdureException {
    private static final long serialVersionUID = 1L;

    private StepTimeoutException(String message) {
        super(message, null);
    }

    static StepTimeoutException late(String path, Duration limit) {
        return new StepTimeoutException(
                "step "
                        + path
                        + " took longer than its limit of "
                        + limit.toMillis()
                        + " ms and was interrupted. Raise Step.timeout, or make the work shorter.");
    }

    static StepTimeoutException lateTransaction(String path, Duration limit) {
        return new StepTimeoutException(
                "transaction "
                        + path
                        + " was open for longer than its limit of "
                        + limit.toMillis()
                        + " ms and was undone. Raise Transaction.timeout, or do less in it.");
    }

    static StepTimeoutException silent(String path, Duration limit) {
        return new StepTimeoutException(
                "step "
                        + path
                        + " was silent for its heartbeat timeout of "
                        + limit.toMillis()
                        + " ms and was interrupted. Call StepContext.heartbeat more often, or raise"
                        + " Step.heartbeatTimeout.");
    }
}
