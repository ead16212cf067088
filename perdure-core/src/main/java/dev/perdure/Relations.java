package dev.perdure;

import dev.perdure.RunView.ChildView;
import dev.perdure.RunView.DecisionView;
import dev.perdure.RunView.Family;
import dev.perdure.journal.Entry;
import dev.perdure.journal.Event;
import dev.perdure.journal.RunId;
import dev.perdure.runtime.JournalReader;
import dev.perdure.store.RunStatus;
import dev.perdure.value.Values;

import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/// Whom a run deals with, folded from its journal for a [RunView]: the run that started it, those it started, and the
/// people who decided on what it proposed. Not thread-safe.
final class Relations {
    private static final int LAST = 100;

    private final JournalReader reader;
    private final Values values;
    private final Deque<ChildView> children = new ArrayDeque<>();
    private final Deque<DecisionView> decisions = new ArrayDeque<>();
    private Optional<String> parent = Optional.empty();
    private long started;

    Relations(JournalReader reader, Values values) {
        this.reader = reader;
        this.values = values;
    }

    void parent(Event.Parent its) {
        parent = Optional.of(its.run());
    }

    void started(Entry entry, Event.ChildStarted child) {
        started++;
        addTo(children, new ChildView(child.run(), entry.path().text(), child.workflow(), Optional.empty()));
    }

    /// The child whose start was recorded last there has an id that belongs to another run.
    void refused(Entry entry) {
        if (!children.isEmpty() && children.getLast().path().equals(entry.path().text())) {
            children.removeLast();
            started--;
        }
    }

    void decided(Entry entry, Event.DecisionTaken taken) {
        ApprovalSaid said = values.read(reader.json(entry, taken.said()), ApprovalSaid.class, "a recorded decision");
        addTo(
                decisions,
                new DecisionView(
                        entry.path().text(),
                        said.choice(),
                        said.by(),
                        said.verified(),
                        said.from(),
                        Instant.ofEpochMilli(said.atMillis()),
                        said.comment(),
                        taken.edited().isPresent(),
                        taken.refused()));
    }

    private static <T> void addTo(Deque<T> last, T one) {
        last.add(one);
        if (last.size() > LAST) {
            last.remove();
        }
    }

    Family family(Function<RunId, Optional<RunStatus>> status) {
        List<ChildView> now =
                children.stream()
                        .map(child ->
                                new ChildView(
                                        child.run(),
                                        child.path(),
                                        child.workflow(),
                                        status.apply(new RunId(child.run()))))
                        .toList();
        return new Family(parent, started, now);
    }

    List<DecisionView> decisions() {
        return List.copyOf(decisions);
    }
}
