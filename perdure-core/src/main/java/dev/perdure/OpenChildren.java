package dev.perdure;

import dev.perdure.journal.Bond;
import dev.perdure.journal.Entry;
import dev.perdure.journal.Event;
import dev.perdure.journal.Path;
import dev.perdure.journal.RunId;
import dev.perdure.runtime.JournalReader;
import dev.perdure.store.RunRecord;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// The children of a run that are to be cancelled when it ends, and whose end it has not heard; read from its whole
/// journal, since a loop's turns that are passed over, and what a retry set aside, started some too.
///
/// Not thread-safe.
final class OpenChildren {
    private final Map<String, Started> open = new LinkedHashMap<>();
    private long retries;

    /// A child, and where it was started.
    record Started(String run, long sequence, Path path) {
        /// Whether its id was made of its parent's and the path, and so will not be given again.
        boolean hasOwnId(RunId parent) {
            return run.equals(parent + "/" + path.text()) || run.contains("~");
        }
    }

    private OpenChildren() {}

    static OpenChildren of(Engine engine, RunRecord run) {
        OpenChildren children = new OpenChildren();
        new JournalReader(engine.store(), run.id(), run.branch()).forEach(0, children::follow);
        return children;
    }

    private void follow(Entry entry) {
        switch (entry.event()) {
            case Event.ChildStarted child when child.bond() == Bond.CANCEL ->
                    open.put(child.run(), new Started(child.run(), entry.sequence(), entry.path()));
            case Event.CallRefused _ ->
                    open.values().removeIf(child -> child.path().text().equals(entry.path().text()));
            case Event.MessageTaken(_, String kind, String name, _) when ChildEnd.isKind(kind) -> open.remove(name);
            case Event.RunRetried _ -> retries++;
            default -> {}
        }
    }

    List<String> ids() {
        return List.copyOf(open.keySet());
    }

    List<Started> started() {
        return List.copyOf(open.values());
    }

    /// How often the run was retried.
    long retries() {
        return retries;
    }
}
