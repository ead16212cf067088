package dev.perdure.tests.crash;

import static org.assertj.core.api.Assertions.assertThat;

import dev.perdure.journal.Entry;
import dev.perdure.journal.Event;
import dev.perdure.store.RunStatus;
import dev.perdure.tests.crash.CopyingStore.Copy;
import dev.perdure.tests.crash.Interpreter.Edit;
import dev.perdure.tests.crash.Life.Conditions;

import java.util.List;

/// Replays a run on code that was changed at one step: guarantee 5 of DESIGN.md.
final class ChangedCode {
    /// What was changed.
    enum Change {
        INPUT,
        NAME,
        REMOVED;

        Edit at(String changed) {
            return switch (this) {
                case INPUT ->
                        new Edit() {
                            @Override
                            public String input(String path, String input) {
                                return path.equals(changed) ? input + "!" : input;
                            }
                        };
                case NAME ->
                        new Edit() {
                            @Override
                            public String name(String path, String name) {
                                return path.equals(changed) ? "renamed" : name;
                            }
                        };
                case REMOVED ->
                        new Edit() {
                            @Override
                            public boolean removed(String path) {
                                return path.equals(changed);
                            }
                        };
            };
        }
    }

    private ChangedCode() {}

    /// Fails unless the change is reported by its path, and nothing is written or executed before that.
    static void check(Program program, Change change, String path, Places places) throws Exception {
        Life undisturbed = Life.begin(places.fresh(), program, Conditions.FIRST);
        check(program, undisturbed, change, path);
    }

    /// As [#check(Program, Change, String, Places)], of a run that was undisturbed: killed just before its end, and as
    /// soon as the step to change was recorded, when other strands had much left to do.
    static void check(Program program, Life undisturbed, Change change, String path) throws Exception {
        List<Copy> copies = undisturbed.copies();
        Conditions changed = Conditions.FIRST.next().edited(change.at(path)).replayingFully();
        check(Life.resume(program, copies.get(copies.size() - 2), changed), change, path);
        if (change == Change.REMOVED) {
            return; // a later step of that name and without an input may fit in its place
        }
        for (int i = 0; i < copies.size() - 2; i++) {
            Life life = Life.resume(program, copies.get(i), changed);
            if (life.found().stream().anyMatch(entry -> completes(path, entry))) {
                check(life, change, path);
                return;
            }
        }
    }

    private static void check(Life life, Change change, String path) {
        assertThat(life.run().status())
                .as("a run whose step %s was changed (%s) is parked as stuck", path, change)
                .isEqualTo(RunStatus.STUCK);
        assertThat(life.run().reason())
                .contains("diverged at", "the journal holds", "but the code asked for", "Nothing was written");
        if (change != Change.REMOVED) { // then what follows it is what does not fit
            assertThat(life.run().reason()).contains(path);
        }
        assertThat(digests(life.journal())).as("the journal").isEqualTo(digests(life.found()));
        assertThat(life.executed()).as("executed by code that diverged").isEmpty();
    }

    private static boolean completes(String path, Entry entry) {
        return entry.path().text().equals(path) && entry.event() instanceof Event.StepCompleted;
    }

    private static List<String> digests(List<Entry> journal) {
        return journal.stream().map(entry -> entry.digest().hex()).toList();
    }
}
