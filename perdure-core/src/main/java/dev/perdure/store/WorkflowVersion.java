package dev.perdure.store;

/// One version of a workflow: what a worker can execute, and what a run was started with.
public record WorkflowVersion(String name, int version) {
    @Override
    public String toString() {
        return name + " version " + version;
    }
}
