package dev.perdure.tests.guarantees;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.perdure.Perdure;
import dev.perdure.RunHandle;
import dev.perdure.StartOptions;
import dev.perdure.Workflow;
import dev.perdure.error.CorruptedException;
import dev.perdure.store.Anchor;
import dev.perdure.store.Finding;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;

/// Guarantees 6 and 7 of DESIGN.md, from end to end; perdure-sqlite tests every column of every table.
final class HistoryTest {
    @TempDir Path folder;

    private final AtomicBoolean broken = new AtomicBoolean(true);

    private Workflow<String, String> workflow() {
        return Workflow.named("flow")
                .takes(String.class)
                .returns(String.class)
                .runs((run, input) -> {
                    String a = run.step("a", input, String.class, given -> given + "a");
                    return run.step(
                            "b",
                            a,
                            String.class,
                            given -> {
                                if (broken.get()) {
                                    throw new IllegalStateException("broken");
                                }
                                return given + "b";
                            });
                });
    }

    private void completeThreeRuns(Perdure perdure) {
        broken.set(false);
        perdure.register(workflow());
        for (String id : List.of("first", "second", "third")) {
            assertThat(perdure.<String>start("flow", id, StartOptions.withId(id)).result()).isEqualTo(id + "ab");
        }
        assertThat(StoreOnDisk.findings(perdure)).isEmpty();
    }

    @Test
    void guarantee6RetryAddsAndChangesNothing() {
        try (Perdure perdure = StoreOnDisk.in(folder).open()) {
            perdure.register(workflow());
            RunHandle<String> run = perdure.start("flow", "x", StartOptions.withId("run"));
            assertThatThrownBy(run::result).hasMessageContaining("broken");
            List<String> before = StoreOnDisk.digests(perdure, "run");
            broken.set(false);
            perdure.administration().retry("run", "ada", "mended");
            assertThat(run.result()).isEqualTo("xab");
            assertThat(StoreOnDisk.digests(perdure, "run")).startsWith(before.toArray(String[]::new));
            assertThat(StoreOnDisk.words(perdure, "run"))
                    .containsExactly(
                            "run started at (run)",
                            "step completed at a",
                            "step failed at b",
                            "run failed at (run)",
                            "run retried at (run)",
                            "step completed at b",
                            "run completed at (run)");
            assertThat(StoreOnDisk.findings(perdure)).isEmpty();
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '"',
            textBlock =
                    """
                    UPDATE entry SET data = zeroblob(length(data)) WHERE run = 2 AND seq = 1     | second
                    UPDATE entry SET body = zeroblob(length(body)) WHERE run = 2 AND seq = 1     | second
                    UPDATE head SET seq = seq - 1 WHERE run = 2                                  | second
                    DELETE FROM entry WHERE run = 2 AND seq = 1                                  | second
                    DELETE FROM entry WHERE id = (SELECT max(id) FROM entry)                     | third
                    UPDATE run SET status = 6 WHERE id = 'second'                                | second
                    DELETE FROM run WHERE id = 'second'                                          | second
                    """)
    void guarantee7VerificationNamesWhatWasTouched(String sql, String run) throws Exception {
        StoreOnDisk store = StoreOnDisk.in(folder);
        try (Perdure perdure = store.open()) {
            completeThreeRuns(perdure);
        }
        change(store, sql);
        try (Perdure perdure = store.open()) {
            assertThat(StoreOnDisk.findings(perdure)).as(sql).isNotEmpty().anyMatch(found -> found.contains(run));
        }
    }

    @Test
    void guarantee7RunThatWasDeletedWithAllItsRowsIsMissed() throws Exception {
        StoreOnDisk store = StoreOnDisk.in(folder);
        try (Perdure perdure = store.open()) {
            completeThreeRuns(perdure);
        }
        change(store, "DELETE FROM entry WHERE run = 3");
        change(store, "DELETE FROM head WHERE run = 3");
        change(store, "DELETE FROM milestone WHERE run = 3");
        change(store, "DELETE FROM run WHERE no = 3");
        try (Perdure perdure = store.open()) {
            assertThat(StoreOnDisk.findings(perdure)).anyMatch(found -> found.contains("third"));
        }
    }

    @Test
    void guarantee7AnchorKeptElsewhereRevealsAnotherHistory() {
        Anchor anchor;
        try (Perdure perdure = StoreOnDisk.in(folder).open()) {
            completeThreeRuns(perdure);
            anchor = perdure.administration().verify(Optional.empty(), Optional.empty(), _ -> {});
            List<Finding> findings = new ArrayList<>();
            perdure.administration().verify(Optional.empty(), Optional.of(anchor), findings::add);
            assertThat(findings).isEmpty();
        }
        try (Perdure rewritten = new StoreOnDisk(folder.resolve("other.db")).open()) {
            completeThreeRuns(rewritten);
            List<Finding> findings = new ArrayList<>();
            rewritten.administration().verify(Optional.empty(), Optional.of(anchor), findings::add);
            assertThat(findings).isNotEmpty();
        }
    }

    @Test
    void guarantee7ChangedEntryIsNotReplayed() throws Exception {
        StoreOnDisk store = StoreOnDisk.in(folder);
        try (Perdure perdure = store.open()) {
            perdure.register(workflow());
            RunHandle<String> run = perdure.start("flow", "x", StartOptions.withId("run"));
            assertThatThrownBy(run::result).hasMessageContaining("broken");
        }
        change(store, "UPDATE entry SET data = zeroblob(length(data)) WHERE seq = 1");
        broken.set(false);
        try (Perdure perdure = store.open()) {
            perdure.register(workflow());
            assertThatThrownBy(
                            () -> {
                                perdure.administration().retry("run", "ada", "mended");
                                perdure.run("run", String.class).result();
                            })
                    .isInstanceOf(CorruptedException.class)
                    .hasMessageContaining("run")
                    .hasMessageContaining("perdure verify");
        }
    }

    private static void change(StoreOnDisk store, String sql) throws SQLException {
        try (Connection connection = DriverManager.getConnection(store.url());
                Statement statement = connection.createStatement()) {
            assertThat(statement.executeUpdate(sql)).as("rows touched by %s", sql).isPositive();
        }
    }
}
