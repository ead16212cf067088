package dev.perdure.benchmarks;

import dev.perdure.Loop;
import dev.perdure.Perdure;
import dev.perdure.PerdureOptions;
import dev.perdure.RunHandle;
import dev.perdure.StartOptions;
import dev.perdure.Workflow;

import java.io.IOException;
import java.lang.ProcessBuilder.Redirect;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicLong;

/// How long a resume of a durable loop takes after 1,000 and after 100,000 turns: from the call that claims, in a fresh
/// process, to the first line of the next turn; and how many entries it reads.
///
/// `benchmarks/run LoopResume [TURNS...]`. Target: under 100 ms, and as many rows read after 100,000 turns as after
/// 1,000 (DESIGN.md section 8).
final class LoopResume {
    record State(long sum, String note) {}

    private LoopResume() {}

    public static void main(String[] arguments) throws Exception {
        if (arguments.length == 3 && arguments[0].equals("resume")) {
            resume(arguments[1], Integer.parseInt(arguments[2]));
            return;
        }
        List<Integer> sizes =
                arguments.length == 0
                        ? List.of(1_000, 100_000)
                        : List.of(arguments).stream().map(Integer::parseInt).toList();
        Path folder = Files.createTempDirectory(Path.of(""), "loop-resume");
        try {
            for (int turns : sizes) {
                String url = "jdbc:sqlite:" + folder.resolve("loop-" + turns + ".db");
                build(url, turns);
                System.out.println("a plain JVM, as a program that embeds Perdure starts:");
                for (int i = 0; i < 5; i++) {
                    inFreshProcess(url, turns, Redirect.INHERIT);
                }
                System.out.println("with an AOT cache (JEP 514), as ./perdure starts:");
                Path cache = folder.resolve("loop.aot");
                inFreshProcess(url, turns, Redirect.DISCARD, "-XX:AOTCacheOutput=" + cache);
                for (int i = 0; i < 5; i++) {
                    inFreshProcess(url, turns, Redirect.INHERIT, "-XX:AOTCache=" + cache);
                }
            }
        } finally {
            Folders.delete(folder);
        }
    }

    /// A loop whose turn number `stop` tells `reached` and then waits to be interrupted.
    private static Workflow<String, Long> loop(int stop, CountDownLatch reached, AtomicLong firstLineNanos) {
        return Workflow.named("loop")
                .takes(String.class)
                .returns(Long.class)
                .runs((run, note) -> {
                    State end =
                            run.loop(
                                    "turn",
                                    State.class,
                                    new State(0, note),
                                    (turn, state) -> {
                                        firstLineNanos.compareAndSet(0, System.nanoTime());
                                        int value =
                                                turn.step(
                                                        "work",
                                                        Integer.class,
                                                        () -> {
                                                            if (turn.scope().text().equals("turn[" + stop + "]")) {
                                                                reached.countDown();
                                                                Thread.sleep(Duration.ofHours(1));
                                                            }
                                                            return 1;
                                                        });
                                        return Loop.next(new State(state.sum() + value, state.note()));
                                    });
                    return end.sum();
                });
    }

    private static void build(String url, int turns) throws InterruptedException {
        CountDownLatch reached = new CountDownLatch(1);
        PerdureOptions options = PerdureOptions.DEFAULT.withCloseGrace(Duration.ZERO);
        long began = System.nanoTime();
        try (Perdure perdure = Perdure.open(url, options)) {
            perdure.register(loop(turns, reached, new AtomicLong()));
            RunHandle<Long> run = perdure.start("loop", "x".repeat(100), StartOptions.withId("loop"));
            reached.await();
            System.out.printf(
                    "%d turns recorded in %.1f s (%s)%n", turns, (System.nanoTime() - began) / 1e9, run.status());
        }
    }

    private static void inFreshProcess(String url, int turns, Redirect output, String... options)
            throws IOException, InterruptedException {
        List<String> command = new ArrayList<>();
        command.add(ProcessHandle.current().info().command().orElseThrow());
        command.add("--enable-native-access=ALL-UNNAMED");
        command.addAll(List.of(options));
        command.addAll(List.of("-cp", System.getProperty("java.class.path"), LoopResume.class.getName()));
        command.addAll(List.of("resume", url, Integer.toString(turns)));
        Process child = new ProcessBuilder(command).redirectOutput(output).redirectError(Redirect.DISCARD).start();
        if (child.waitFor() != 0) {
            throw new IllegalStateException("the resuming process failed");
        }
    }

    private static void resume(String url, int turns) throws InterruptedException {
        CountDownLatch reached = new CountDownLatch(1);
        AtomicLong firstLine = new AtomicLong();
        PerdureOptions options = PerdureOptions.DEFAULT.withCloseGrace(Duration.ZERO);
        try (Perdure perdure = Perdure.open("counting:" + url, options)) {
            perdure.register(loop(turns, reached, firstLine));
            long began = System.nanoTime();
            perdure.work();
            reached.await();
            System.out.printf(
                    "  resume at turn %d: %.1f ms from the claim to its first line (%.1f ms from work()), %d entries"
                            + " read%n",
                    turns,
                    (firstLine.get() - CountingReads.CLAIMED_NANOS.get()) / 1e6,
                    (firstLine.get() - began) / 1e6,
                    CountingReads.ENTRIES.get());
        }
    }
}
