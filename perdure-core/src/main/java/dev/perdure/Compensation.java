package dev.perdure;

import dev.perdure.journal.Path;
import dev.perdure.journal.Plain;
import dev.perdure.value.LogicalType;

import org.jspecify.annotations.Nullable;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;

/// Undoes what a strand did: calls its undos, the last one first, each as a step at `undo/` and the path of the step it
/// takes back. (Garcia-Molina and Salem, "Sagas", 1987.)
///
/// It is not disturbed by a request to cancel the run, nor by the end of the run's time. A kill in the middle lets it
/// go on where it was: the undos that are recorded as done are not executed again. It stops at the first that fails for
/// good, since those before it may rest on it.
final class Compensation {
    static final String UNDO = "undo";

    private final Strand strand;

    Compensation(Strand strand) {
        this.strand = strand;
    }

    /// Where the undo of a step is recorded.
    static Path pathOf(Strand strand, String step) {
        String within = strand.path().text();
        String rest = within.isEmpty() ? step : step.substring(within.length() + 1);
        return strand.path().child(UNDO + "/" + rest);
    }

    /// Undoes everything there is to undo.
    ///
    /// @param why what the run failed with, if that is the reason
    /// @return how many steps were undone
    /// @throws UndoFailedException if one undo failed
    int undoAll(String why) {
        List<Undos.One> all = strand.undos().lastFirst();
        strand.shielded(true);
        try {
            for (int i = 0; i < all.size(); i++) {
                try {
                    undo(all.get(i));
                } catch (StepFailedException failed) {
                    List<String> paths = all.stream().map(Undos.One::step).toList();
                    throw new UndoFailedException(
                            strand.execution().id().value(),
                            paths.subList(0, i),
                            paths.subList(i, paths.size()),
                            why,
                            failed);
                }
                strand.undos().executed(all.get(i));
            }
        } finally {
            strand.shielded(false);
        }
        return all.size();
    }

    private void undo(Undos.One undo) {
        Undo.Registered<?> known = strand.execution().workflow().undo(undo.name());
        call(undo, known);
    }

    private <P> void call(Undos.One undo, Undo.Registered<P> known) {
        byte[] json = undo.payload().getBytes(StandardCharsets.UTF_8);
        String what = "the payload of undo " + undo.name() + " of step " + undo.step();
        @Nullable Object nothing =
                new StepCall<@Nullable Void>(
                                strand,
                                pathOf(strand, undo.step()),
                                known.options(),
                                Optional.of(new StepCall.Input(Plain.of(json), LogicalType.of(known.type()))),
                                Void.class,
                                () -> {
                                    known.body()
                                            .undo(strand.execution().engine().values().read(json, known.type(), what));
                                    return null;
                                })
                        .call();
        assert nothing == null;
    }
}
