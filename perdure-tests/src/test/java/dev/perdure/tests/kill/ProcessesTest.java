package dev.perdure.tests.kill;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.perdure.Artifact;
import dev.perdure.Perdure;
import dev.perdure.PerdureOptions;
import dev.perdure.RunHandle;
import dev.perdure.RunNotEndedException;
import dev.perdure.StartOptions;
import dev.perdure.Step;
import dev.perdure.Workflow;
import dev.perdure.journal.Digest;
import dev.perdure.store.Finding;
import dev.perdure.store.RunRecord;
import dev.perdure.store.RunStatus;
import dev.perdure.tests.ChildJvm;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.random.RandomGenerator;

/// What needs processes of its own: one that a step ends again and again, two on one file, one with a small heap.
final class ProcessesTest {
    private static final int STUCK_AFTER = 3;
    private static final long ARTIFACT_MIB = Long.getLong("perdure.artifact.mib", 512);

    @TempDir Path folder;

    private String url() {
        return "jdbc:sqlite:" + folder.resolve("store.db");
    }

    // Guarantee 9: parking

    /// `DATABASE FLAG EFFECTS`: executes a run whose step ends the process as long as the file FLAG exists.
    static final class Deadly {
        private Deadly() {}

        public static void main(String[] arguments) throws Exception {
            Effects effects = new Effects(Path.of(arguments[2]));
            PerdureOptions options = PerdureOptions.DEFAULT.withStuckAfter(STUCK_AFTER);
            try (Perdure perdure = Perdure.open(arguments[0], options)) {
                perdure.register(
                        Workflow.named("deadly")
                                .takes(String.class)
                                .returns(String.class)
                                .runs((run, input) -> {
                                    run.step(
                                            "first",
                                            String.class,
                                            () -> {
                                                effects.begin("run", "first");
                                                return "";
                                            });
                                    return run.step(
                                            "deadly",
                                            String.class,
                                            () -> {
                                                effects.begin("run", "deadly");
                                                if (Files.exists(Path.of(arguments[1]))) {
                                                    Runtime.getRuntime().halt(9);
                                                }
                                                return "survived";
                                            });
                                }));
                RunHandle<String> run = perdure.start("deadly", "", StartOptions.withId("run"));
                System.out.println(run.result());
            } catch (RunNotEndedException parked) {
                System.out.println(parked.getMessage());
            }
        }
    }

    @Test
    @Timeout(120)
    void guarantee9RunWhoseStepEndsItsProcessAgainAndAgainIsParkedAndRetryReleasesIt() throws Exception {
        Path flag = Files.createFile(folder.resolve("flag"));
        Path effects = folder.resolve("effects");
        List<String> wrote = List.of();
        int deaths = 0;
        while (wrote.isEmpty()) {
            try (ChildJvm child = ChildJvm.start(Deadly.class, "64m", url(), flag.toString(), effects.toString())) {
                deaths += child.await(60) == 9 ? 1 : 0;
                wrote = child.lines();
            }
            assertThat(deaths).as("processes that ended before the run was parked").isLessThan(10);
        }
        assertThat(wrote).hasSize(1);
        assertThat(wrote.getFirst())
                .contains("run run has no result yet: it is stuck, it was taken over")
                .contains("times without recording anything")
                .contains("`perdure retry run` lets it try again");
        assertThat(deaths).isEqualTo(STUCK_AFTER + 1);
        Files.delete(flag);
        try (Perdure perdure = Perdure.open(url())) {
            assertThat(perdure.administration().find("run").status()).isEqualTo(RunStatus.STUCK);
            perdure.administration().retry("run", "ada", "the step is mended");
        }
        try (ChildJvm child = ChildJvm.start(Deadly.class, "64m", url(), flag.toString(), effects.toString())) {
            assertThat(child.await(60)).isZero();
            assertThat(child.lines()).containsExactly("survived");
        }
        assertThat(Effects.read(effects)).containsOnlyOnce("run first");
    }

    // Two processes

    @Test
    @Timeout(120)
    void twoProcessesShareOneFileAndEachRunIsExecutedByOneOfThem() throws Exception {
        int runs = 60;
        Path effects = folder.resolve("effects");
        List<ChildJvm> children = new ArrayList<>();
        for (int i = 0; i < 2; i++) {
            children.add(
                    ChildJvm.start(
                            WorkloadToTheEnd.class,
                            "128m",
                            folder.resolve("store.db").toString(),
                            effects.toString(),
                            Integer.toString(runs)));
        }
        for (ChildJvm child : children) {
            assertThat(child.await(100)).as("exit code; it wrote %s", child.lines()).isZero();
            assertThat(child.lines()).containsExactly("working", "done");
        }
        List<Finding> findings = new ArrayList<>();
        try (Perdure perdure = Perdure.open(url())) {
            for (int number = 0; number < runs; number++) {
                RunRecord run = perdure.administration().find(Workload.id(number));
                assertThat(run.status()).as("%s", run).isEqualTo(RunStatus.COMPLETED);
            }
            perdure.administration().verify(Optional.empty(), Optional.empty(), findings::add);
        }
        assertThat(findings).isEmpty();
        List<String> once = Effects.read(effects).stream().filter(step -> step.endsWith("/send")).toList();
        assertThat(once).hasSize(2 * runs).doesNotHaveDuplicates();
    }

    @Test
    void anotherProcessReadsAndCancelsWhileAWorkerRuns() throws Exception {
        Path effects = folder.resolve("effects");
        try (ChildJvm child =
                        ChildJvm.start(
                                WorkloadToTheEnd.class,
                                "128m",
                                folder.resolve("store.db").toString(),
                                effects.toString(),
                                "20");
                Perdure perdure = Perdure.open(url())) {
            child.awaitFirstLine();
            String last = Workload.id(19);
            while (perdure.administration().runs(dev.perdure.store.RunFilter.newest(20)).size() < 20) {
                Thread.sleep(1);
            }
            perdure.administration().cancel(last, "from outside");
            RunHandle<String> run = perdure.run(last, String.class);
            assertThatThrownBy(run::result).hasMessageContaining("from outside");
            assertThat(perdure.administration().view(last).run().status()).isEqualTo(RunStatus.CANCELLED);
        }
    }

    // Artifacts

    /// A content of any length that nobody holds in memory.
    static final class Generated extends InputStream {
        private final RandomGenerator random = new java.util.SplittableRandom(42);
        private long left;

        Generated(long bytes) {
            this.left = bytes;
        }

        @Override
        public int read() {
            return left-- > 0 ? random.nextInt(256) : -1;
        }

        @Override
        public int read(byte[] into, int offset, int length) {
            if (left <= 0) {
                return -1;
            }
            int count = (int) Math.min(left, length);
            long word = 0;
            for (int i = 0; i < count; i++) {
                word = i % 8 == 0 ? random.nextLong() : word >>> 8;
                into[offset + i] = (byte) word;
            }
            left -= count;
            return count;
        }
    }

    /// `URL BYTES`: saves an artifact in a run, reads it back, and prints the digest of what came.
    static final class Saving {
        private Saving() {}

        public static void main(String[] arguments) throws Exception {
            long bytes = Long.parseLong(arguments[1]);
            try (Perdure perdure = Perdure.open(arguments[0])) {
                perdure.register(
                        Workflow.named("save")
                                .takes(String.class)
                                .returns(Artifact.class)
                                .runs((run, input) -> run.artifact("film", "video/raw", () -> new Generated(bytes))));
                Artifact saved = perdure.<Artifact>start("save", "", StartOptions.withId("run")).result();
                System.out.println(saved.size() + " " + saved.digest().hex());
                System.out.println(sha256(perdure.administration().artifact(saved.digest()).orElseThrow()));
            }
        }
    }

    private static String sha256(InputStream content) throws Exception {
        MessageDigest sha = MessageDigest.getInstance("SHA-256");
        try (InputStream in = new DigestInputStream(content, sha)) {
            in.transferTo(java.io.OutputStream.nullOutputStream());
        }
        return HexFormat.of().formatHex(sha.digest());
    }

    /// 512 MiB; `-Dperdure.artifact.mib=1024` for a gibibyte.
    @Test
    @Timeout(300)
    void artifactFarLargerThanTheHeapIsSavedAndReadBack() throws Exception {
        long bytes = ARTIFACT_MIB << 20;
        try (ChildJvm child = ChildJvm.startOptimizing(Saving.class, "128m", url(), Long.toString(bytes))) {
            assertThat(child.await(280)).as("exit code; it wrote %s", child.lines()).isZero();
            String written = child.lines().getFirst();
            assertThat(written).startsWith(bytes + " ");
            assertThat(child.lines()).containsExactly(written, written.substring(written.indexOf(' ') + 1));
        }
    }

    @Test
    void recordedArtifactIsNotOpenedAgain() {
        List<String> opened = new ArrayList<>();
        try (Perdure perdure = Perdure.open(url())) {
            perdure.register(
                    Workflow.named("save")
                            .takes(String.class)
                            .returns(String.class)
                            .runs((run, input) -> {
                                Artifact artifact =
                                        run.artifact(
                                                "note",
                                                "text/plain",
                                                () -> {
                                                    opened.add("note");
                                                    return new java.io.ByteArrayInputStream(new byte[] {1, 2, 3});
                                                });
                                run.step(
                                        "fails once",
                                        String.class,
                                        Step.DEFAULT,
                                        () -> {
                                            if (opened.size() < 2) {
                                                opened.add("step");
                                                throw new IllegalStateException("not now");
                                            }
                                            return "";
                                        });
                                return artifact.digest().hex();
                            }));
            RunHandle<String> run = perdure.start("save", "", StartOptions.withId("run"));
            assertThatThrownBy(run::result).hasMessageContaining("not now");
            perdure.administration().retry("run", "ada", "again");
            assertThat(run.result()).isEqualTo(Digest.over(new byte[] {1, 2, 3}).hex());
        }
        assertThat(opened).containsExactly("note", "step");
    }
}
