package dev.perdure.tests.transactions;

import static org.assertj.core.api.Assertions.assertThat;

import dev.perdure.Loop;
import dev.perdure.Perdure;
import dev.perdure.PerdureOptions;
import dev.perdure.Retry;
import dev.perdure.Run;
import dev.perdure.RunNotEndedException;
import dev.perdure.StartOptions;
import dev.perdure.StepContext;
import dev.perdure.Transaction;
import dev.perdure.Workflow;
import dev.perdure.error.UnavailableException;
import dev.perdure.journal.Effect;
import dev.perdure.journal.Event;
import dev.perdure.store.RunFilter;
import dev.perdure.store.RunRecord;
import dev.perdure.store.RunStatus;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/// What processes do that are killed: runs whose transactions each write a row that names their step, one after the
/// other, in a loop, on strands beside other steps, and in the second attempt only.
public final class Tallying {
    static final int PER_RUN = 8;

    private final String table;

    Tallying(String table) {
        this.table = table;
    }

    /// `URL TABLE RUNS`: starts so many runs and executes all there are.
    public static void main(String[] arguments) {
        PerdureOptions options = PerdureOptions.DEFAULT.withLease(Duration.ofSeconds(15)).withStuckAfter(1_000);
        int runs = Integer.parseInt(arguments[2]);
        try (Perdure perdure = Perdure.open(arguments[0], options)) {
            new Tallying(arguments[1]).play(perdure, runs);
            System.out.println("done");
        }
    }

    /// Starts runs that are not there yet, and waits for the ends of all.
    void play(Perdure perdure, int runs) {
        perdure.register(workflow());
        perdure.work();
        for (int i = 0; i < runs; i++) {
            perdure.start("tally", "x", StartOptions.withId("run-" + i));
        }
        for (int i = 0; i < runs; i++) {
            end(perdure, "run-" + i);
        }
    }

    private static void end(Perdure perdure, String id) {
        while (true) {
            try {
                perdure.run(id, String.class).result();
                return;
            } catch (RunNotEndedException | UnavailableException again) {
                TransactionTests.sleep(10);
            }
        }
    }

    Workflow<String, String> workflow() {
        return Workflow.named("tally").takes(String.class).returns(String.class).runs((run, _) -> work(run));
    }

    private String work(Run run) {
        tally(run, "first", Transaction.DEFAULT);
        run.step("between", () -> {});
        run.parallel(
                "pay",
                List.of(1, 2, 3),
                (strand, n) -> {
                    strand.step("before", String.class, () -> "step " + n);
                    tally(strand, "charge", Transaction.DEFAULT);
                    return strand.step("after", String.class, () -> "step " + n);
                });
        run.loop(
                "turn",
                Integer.class,
                0,
                (turn, n) -> {
                    tally(turn, "note", Transaction.DEFAULT);
                    return n == 2 ? Loop.done(n) : Loop.next(n + 1);
                });
        tally(run, "stubborn", Transaction.DEFAULT.retry(Retry.upTo(2).from(Duration.ofMillis(1))));
        return "done";
    }

    private void tally(Run run, String name, Transaction options) {
        String row = run.id() + " " + run.scope().child(name).text();
        run.transaction(
                name,
                row,
                String.class,
                options,
                (connection, id) -> {
                    Database.run(connection, "INSERT INTO " + table + " VALUES ('" + id + "')");
                    if (name.equals("stubborn") && StepContext.current().attempt() == 1) {
                        throw new IllegalStateException("not yet");
                    }
                    return id;
                });
    }

    /// Compares rows and journals: of each transaction there is both or neither, and no row twice.
    static void assertRowsAreThoseOfTheJournals(Perdure perdure, Database database, String when) {
        List<String> recorded = new ArrayList<>();
        for (RunRecord run : perdure.administration().runs(RunFilter.newest(RunFilter.MAX_LIMIT))) {
            perdure.administration()
                    .journal(
                            run.id().value(),
                            0,
                            entry -> {
                                if (entry.event() instanceof Event.StepCompleted done
                                        && done.effect() == Effect.EXACTLY_ONCE) {
                                    recorded.add(run.id() + " " + entry.path());
                                }
                            });
        }
        recorded.sort(null);
        assertThat(database.tallied()).as("rows and entries %s", when).isEqualTo(recorded);
    }

    static void assertAllIsThere(Perdure perdure, Database database, int runs) {
        for (int i = 0; i < runs; i++) {
            assertThat(perdure.administration().find("run-" + i).status()).isEqualTo(RunStatus.COMPLETED);
        }
        assertThat(database.tallied()).hasSize(runs * PER_RUN).doesNotHaveDuplicates();
        assertThat(TransactionTests.findings(perdure)).isEmpty();
    }
}
