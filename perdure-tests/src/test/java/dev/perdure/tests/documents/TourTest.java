package dev.perdure.tests.documents;

import static org.assertj.core.api.Assertions.assertThat;

import dev.perdure.Perdure;
import dev.perdure.RunView;
import dev.perdure.store.Finding;
import dev.perdure.store.RunStatus;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/// The README's tour, as its reader takes it: killed in the middle and run again.
final class TourTest {
    private static final String IN_FLIGHT = "executing model, round 4";

    @TempDir Path folder;

    @Test
    void goesOnWhereItWasKilled() throws IOException, InterruptedException {
        compile();
        List<String> before;
        try (ChildJava first = start()) {
            assertThat(first.readUntil(IN_FLIGHT::equals)).as("%s", first.lines()).isTrue();
            first.kill();
            before = executed(first);
        }
        List<String> after;
        try (ChildJava second = start()) {
            assertThat(second.end()).as("%s", second.lines()).isZero();
            assertThat(second.lines()).contains("result: Sent[receipt=receipt-1, lines=10]");
            after = executed(second);
        }

        assertThat(before).hasSize(7).endsWith(IN_FLIGHT);
        assertThat(after).startsWith(IN_FLIGHT).endsWith("executing send").hasSize(8);
        List<String> recorded = new ArrayList<>(before);
        recorded.remove(IN_FLIGHT);
        assertThat(after).doesNotContainAnyElementsOf(recorded).doesNotHaveDuplicates();
    }

    @Test
    void leavesAStoreThatVerifies() throws IOException, InterruptedException {
        compile();
        try (ChildJava only = start()) {
            assertThat(only.end()).as("%s", only.lines()).isZero();
        }
        List<Finding> findings = new ArrayList<>();
        try (Perdure perdure = Perdure.open(store())) {
            RunView view = perdure.administration().view("tour-1");
            assertThat(view.run().status()).isEqualTo(RunStatus.COMPLETED);
            assertThat(view.stepsCompleted()).isEqualTo(14);
            perdure.administration().verify(Optional.empty(), Optional.empty(), findings::add);
        }
        assertThat(findings).isEmpty();
    }

    private void compile() throws IOException {
        try (Stream<Path> files = Files.list(Document.root().resolve("examples/tour/src/main/java/tour"))) {
            CompileSource.files(files.toList(), folder);
        }
    }

    private ChildJava start() throws IOException {
        return ChildJava.start(folder, folder, "tour.Tour", store());
    }

    private String store() {
        return "jdbc:sqlite:" + folder.resolve("tour.db");
    }

    private static List<String> executed(ChildJava program) {
        return program.lines().stream().filter(line -> line.startsWith("executing ")).toList();
    }
}
