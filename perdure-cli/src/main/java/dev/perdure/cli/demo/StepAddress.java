package dev.perdure.cli.demo;

/// Which step of which run.
record StepAddress(String run, String path) {
    /// Reads what [#toString] wrote: run ids hold no spaces.
    static StepAddress parse(String line) {
        int space = line.indexOf(' ');
        return new StepAddress(line.substring(0, Math.max(space, 0)), line.substring(space + 1));
    }

    @Override
    public String toString() {
        return run + " " + path;
    }
}
