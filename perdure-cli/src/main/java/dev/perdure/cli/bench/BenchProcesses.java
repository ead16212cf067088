package dev.perdure.cli.bench;

import dev.perdure.Perdure;
import dev.perdure.cli.bench.Workload.Plan;
import dev.perdure.cli.bench.Workload.Started;
import dev.perdure.cli.console.JavaProcess;
import dev.perdure.cli.console.Progress;
import dev.perdure.error.UnavailableException;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// Measures runs that several processes share: each executes its part in one go, all at the same time. The raw limit is
/// measured before and after, while they wait.
///
/// What is measured is the time from the word to the last process's end, over the steps of all; at the end this process
/// reads back from the store what the others wrote.
final class BenchProcesses implements AutoCloseable {
    private static final long RAW_MILLIS = 1_000;

    private record Child(Process process, BufferedReader out, Writer in, String prefix, int runs) {}

    private final Perdure perdure;
    private final RawLimit.Source limit;
    private final Bench.Plan plan;
    private final Progress progress;
    private final List<Child> children = new ArrayList<>();

    BenchProcesses(Perdure perdure, RawLimit.Source limit, Bench.Plan plan, Progress progress) {
        this.perdure = perdure;
        this.limit = limit;
        this.plan = plan;
        this.progress = progress;
    }

    /// @param url the store's, with its password
    Measurement measure(String url, String prefix, int processes) {
        for (int i = 0; i < processes; i++) {
            int runs = plan.runs() / processes + (i < plan.runs() % processes ? 1 : 0);
            children.add(start(url, prefix + "-" + i, runs));
        }
        progress.say("warming up ...");
        List<Started> runs = new ArrayList<>();
        for (Child child : children) {
            long first = Long.parseLong(answer(child, "ready"));
            for (long number = first; number < first + child.runs(); number++) {
                runs.add(
                        new Started(
                                perdure.run(child.prefix() + "-" + number, Integer.class),
                                new Plan(number, plan.steps())));
            }
        }
        Optional<RawLimit> raw = limit.open();
        try {
            return measure(runs, raw);
        } finally {
            raw.ifPresent(RawLimit::close);
        }
    }

    private Measurement measure(List<Started> runs, Optional<RawLimit> raw) {
        raw.ifPresent(limit -> {
            slice(limit);
            limit.reset(); // the first was to warm up
            slice(limit);
        });
        long before = storedBytes(raw);
        Latencies all = new Latencies();
        progress.say("measuring ...");
        long begin = System.nanoTime();
        children.forEach(BenchProcesses::go);
        for (Child child : children) {
            all.add(answer(child, "done"));
        }
        long nanos = System.nanoTime() - begin;
        raw.ifPresent(BenchProcesses::slice);
        long after = storedBytes(raw);
        Bench.readBack(perdure, runs, Optional.of(runs), progress);
        return new Measurement(
                plan.runs(),
                plan.total(),
                plan.total() * 1e9 / nanos,
                all.micros(0.5),
                all.micros(0.99),
                (double) (after - before) / plan.total(),
                raw.map(RawLimit::result));
    }

    private long storedBytes(Optional<RawLimit> raw) {
        return perdure.administration().size().storedBytes() - raw.map(RawLimit::bytesInStore).orElse(0L);
    }

    private static void slice(RawLimit raw) {
        raw.commitRows(RAW_MILLIS);
        raw.commitGroups(RAW_MILLIS);
    }

    private Child start(String url, String prefix, int runs) {
        ProcessBuilder builder =
                new ProcessBuilder(
                                JavaProcess.command(
                                        BenchWorker.class,
                                        Integer.toString(runs),
                                        Integer.toString(plan.steps()),
                                        Integer.toString(plan.warmUpSeconds()),
                                        prefix))
                        .redirectError(ProcessBuilder.Redirect.INHERIT);
        builder.environment().put("PERDURE_STORE", url);
        builder.environment().remove("PERDURE_STORE_PASSWORD"); // the URL has it, in an environment as before
        builder.environment().remove("PERDURE_STORE_PASSWORD_FILE");
        try {
            Process process = builder.start();
            return new Child(
                    process, process.inputReader(StandardCharsets.UTF_8), process.outputWriter(), prefix, runs);
        } catch (IOException e) {
            throw new UnavailableException("a process of the benchmark could not be started.", e);
        }
    }

    private static void go(Child child) {
        try {
            child.in().write("go\n");
            child.in().flush();
        } catch (IOException e) {
            throw ended(child, e);
        }
    }

    private static String answer(Child child, String word) {
        try {
            String line = child.out().readLine();
            if (line != null && line.startsWith(word + " ")) {
                return line.substring(word.length() + 1);
            }
        } catch (IOException e) {
            throw ended(child, e);
        }
        throw ended(child, new IOException("no " + word));
    }

    private static UnavailableException ended(Child child, IOException e) {
        return new UnavailableException(
                "process " + child.process().pid() + " of the benchmark ended early; it said why above.", e);
    }

    /// Ends the processes. They do so by themselves when this one does.
    @Override
    public void close() {
        for (Child child : children) {
            try {
                child.in().close();
                child.out().close();
            } catch (IOException e) {
                child.process().destroy(); // it is gone, or goes now
            }
        }
    }
}
