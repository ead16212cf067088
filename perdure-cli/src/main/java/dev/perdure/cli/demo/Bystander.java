package dev.perdure.cli.demo;

/// Looks at the runs while workers do a job, and may have the job left as it is.
interface Bystander extends AutoCloseable {
    /// Called many times a second.
    ///
    /// @param beforeTalking to be called before anything is printed
    /// @return whether the job is to be left as it is
    boolean look(Runnable beforeTalking);

    @Override
    void close();

    /// Looks away.
    static Bystander none() {
        return new Bystander() {
            @Override
            public boolean look(Runnable beforeTalking) {
                return false;
            }

            @Override
            public void close() {}
        };
    }
}
