package dev.perdure.store;

/// Where a run stands, as the run index shows it.
public enum RunStatus {
    /// Ready to be executed: new, handed over, or taken from a worker that died.
    PENDING(false),
    /// Held by a worker.
    RUNNING(false),
    /// Waiting for a time, a message or a person; holds no worker.
    WAITING(false),
    /// Stopped by an operator.
    PAUSED(false),
    /// Parked because it made no progress, or because its code diverged; `perdure retry` lets it go on.
    STUCK(false),
    /// Returned a result.
    COMPLETED(true),
    /// Failed; `perdure retry` goes on from the failed step.
    FAILED(true),
    /// Cancelled.
    CANCELLED(true);

    private final boolean ended;

    RunStatus(boolean ended) {
        this.ended = ended;
    }

    /// Whether nothing more happens by itself.
    public boolean ended() {
        return ended;
    }
}
