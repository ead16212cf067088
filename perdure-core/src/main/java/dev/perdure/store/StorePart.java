package dev.perdure.store;

/// What a store holds, in the order in which a copy of it is made: whatever comes later refers only to what came
/// before.
public enum StorePart {
    /// Queues with their limits.
    QUEUES("queues"),
    /// Leaves that entries of any run share.
    PAYLOADS("shared payloads"),
    /// The run index with epochs, in the order in which runs were made, and those pruned among them; journals are empty
    /// then.
    RUNS("runs"),
    /// Entries in the order of their commits, whatever run they belong to, and what is left of those pruned among them.
    ENTRIES("entries"),
    /// Messages, in the order of arrival within a run; those consumed too, since their ids stay taken.
    MESSAGES("messages"),
    /// Pieces of artifacts, each artifact from its beginning to its end.
    ARTIFACTS("pieces of artifacts");

    private final String words;

    StorePart(String words) {
        this.words = words;
    }

    /// What it is called in messages: `shared payloads`.
    public String words() {
        return words;
    }
}
