package dev.perdure.cli.demo;

/// What the agent found out about one notice.
record Review(Notice notice, int passages, Classification classification, Flags flags) {
    /// Whether a lawyer should look at it.
    boolean flagged() {
        return !flags.isEmpty();
    }

    /// The key of its main family, or `unknown`.
    String family() {
        return classification.families().isEmpty() ? "unknown" : classification.families().getFirst().key();
    }
}
