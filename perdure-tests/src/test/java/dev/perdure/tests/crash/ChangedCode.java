package dev.perdure.tests.crash;

import static org.assertj.core.api.Assertions.assertThat;

import dev.perdure.journal.Entry;
import dev.perdure.store.RunStatus;
import dev.perdure.tests.crash.CopyingStore.Copy;
import dev.perdure.tests.crash.Interpreter.Edit;
import dev.perdure.tests.crash.Life.Conditions;

import java.nio.file.Path;
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

    /// Fails unless the change is reported by its path, and nothing is written or executed on its strand.
    static void check(Program program, Change change, String path, Path folder) throws Exception {
        Life undisturbed = Life.begin(folder.resolve("original.db"), program, Conditions.FIRST);
        check(undisturbed, change, path, folder);
    }

    /// As [#check(Program, Change, String, Path)], of a run that was undisturbed.
    static void check(Life undisturbed, Change change, String path, Path folder) throws Exception {
        Copy beforeItsEnd = undisturbed.copies().get(undisturbed.copies().size() - 2);
        Conditions changed = Conditions.FIRST.next().edited(change.at(path)).replayingFully();
        Life life = Life.resume(folder.resolve("changed.db"), beforeItsEnd, changed);
        assertThat(life.run().status())
                .as("a run whose step %s was changed (%s) is parked as stuck", path, change)
                .isEqualTo(RunStatus.STUCK);
        assertThat(life.run().reason()).contains("diverged at", "the journal holds", "but the code asked for");
        if (change != Change.REMOVED) { // then what follows it is what does not fit
            assertThat(life.run().reason()).contains(path);
        }
        String strand = strandOf(path, undisturbed);
        assertThat(life.journal().stream().skip(life.found().size()).filter(e -> isOn(strand, e)).map(Entry::describe))
                .as("entries written by a strand that diverged (%s)", life.run().reason())
                .isEmpty();
        assertThat(digests(life.journal())).as("the journal").startsWith(digests(life.found()).toArray(String[]::new));
        assertThat(life.executed()).as("executed by code that diverged").noneMatch(e -> e.strand().equals(strand));
    }

    // Other strands may have been live already: what they do meanwhile is recorded as ever.
    private static boolean isOn(String strand, Entry entry) {
        return entry.path().strandName().equals(strand);
    }

    private static String strandOf(String path, Life life) {
        return life.journal().stream()
                .filter(entry -> entry.path().text().equals(path))
                .findFirst()
                .orElseThrow()
                .path()
                .strandName();
    }

    private static List<String> digests(List<Entry> journal) {
        return journal.stream().map(entry -> entry.digest().hex()).toList();
    }
}
