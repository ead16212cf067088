package dev.perdure.tests.fleet;

import static org.assertj.core.api.Assertions.assertThat;

import dev.perdure.error.UnavailableException;
import dev.perdure.journal.EncodedEntry;
import dev.perdure.postgres.PostgresStoreProvider;
import dev.perdure.store.AppendOutcome;
import dev.perdure.store.AppendOutcome.Committed;
import dev.perdure.store.AppendOutcome.Refused;
import dev.perdure.store.ClaimRequest;
import dev.perdure.store.Finding;
import dev.perdure.store.InboxMessage;
import dev.perdure.store.RunAppend;
import dev.perdure.store.RunAppend.IndexChange;
import dev.perdure.store.RunRecord;
import dev.perdure.store.RunStatus;
import dev.perdure.store.RunStore;
import dev.perdure.store.WorkerRecord;
import dev.perdure.store.WorkflowVersion;
import dev.perdure.testing.PostgresServer;
import dev.perdure.tests.fleet.Proxy.Cut;
import dev.perdure.tests.fleet.Proxy.Point;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;

/// What a store answers, and what is in it, when the connection is cut at each statement of each of its acts: before
/// the server got it, when it got it but was not told to act, when it was, and when it has answered.
final class CutStatementsTest {
    private static final PostgresServer SERVER = PostgresServer.shared();
    private static final int MOST_STATEMENTS = 40;

    private final String url = SERVER.newStoreUrl();
    private Proxy proxy;
    private RunStore direct;
    private RunStore cut;
    private int runs;
    private int cuts;
    private int measured;

    @BeforeEach
    void open() {
        proxy = new Proxy(SERVER.port());
        direct = new PostgresStoreProvider().open(url);
        cut = new PostgresStoreProvider().open(proxy.through(url) + "&perdureConnections=2");
        direct.announce(new WorkerRecord("w", "here", 1, 1, 0), System.currentTimeMillis(), 600_000);
    }

    @AfterEach
    void close() throws Exception {
        List<Finding> findings = new ArrayList<>();
        direct.verify(Optional.empty(), Optional.empty(), findings::add);
        cut.close();
        direct.close();
        proxy.close();
        assertThat(findings).isEmpty();
        System.out.println("CutStatementsTest: " + cuts + " cuts");
    }

    /// Does `act` once for each of its statements and each point of them, each time to a new run.
    private void cutting(Function<String, Runnable> prepare) throws Exception {
        Runnable whole = prepare.apply(nextRun());
        proxy.count();
        whole.run();
        int statements = measured;
        assertThat(statements).as("statements of the act, without a notification").isBetween(1, MOST_STATEMENTS);
        for (Point point : Point.values()) {
            for (int i = 0; i < statements; i++) {
                Runnable act = prepare.apply(nextRun());
                proxy.cut(new Cut(i, point));
                act.run();
                cuts++;
            }
        }
    }

    /// To be called when the act is done, before looking what became of it.
    private void done() {
        measured = proxy.count();
    }

    private String nextRun() {
        return "run-" + runs++;
    }

    private void appends(List<RunAppend> batch) {
        List<AppendOutcome> outcomes = cut.append(batch);
        done();
        for (int i = 0; i < outcomes.size(); i++) {
            AppendOutcome outcome = outcomes.get(i);
            boolean there = isThere(batch.get(i));
            if (outcome instanceof Committed) {
                assertThat(there).as("what was acknowledged is there").isTrue();
            } else if (outcome instanceof Refused) {
                assertThat(there).as("what was refused is not there").isFalse();
            } else {
                assertThat(outcome)
                        .isInstanceOfSatisfying(
                                AppendOutcome.Unknown.class,
                                unknown -> assertThat(unknown.cause()).hasMessageContaining("ended the connection"));
            }
        }
        assertThat(cut.append(batch)).as("again").containsOnly(new Committed());
        for (RunAppend append : batch) {
            assertThat(direct.read(append.run(), 0, 0, 100))
                    .extracting(EncodedEntry::sequence)
                    .as("entries")
                    .containsExactlyElementsOf(
                            java.util.stream.LongStream.rangeClosed(0, append.last().sequence()).boxed().toList());
            assertThat(isThere(append)).isTrue();
        }
    }

    private boolean isThere(RunAppend append) {
        return direct.read(append.run(), 0, append.last().sequence(), 1).stream()
                .anyMatch(entry -> entry.digest().equals(append.last().digest()));
    }

    private Script started(String id) {
        Script run = new Script(id, "w");
        assertThat(direct.append(List.of(run.start()))).containsOnly(new Committed());
        return run;
    }

    /// What is lost with the connection is an error that says so.
    private static boolean isDone(Runnable act) {
        try {
            act.run();
            return true;
        } catch (UnavailableException gone) {
            assertThat(gone).hasMessageContaining("ended the connection");
            return false;
        }
    }

    @Test
    void aStartIsCommittedOnceOrNotWhereverTheConnectionIsCut() throws Exception {
        cutting(id -> {
            RunAppend start = new Script(id, "w").start();
            return () -> appends(List.of(start));
        });
    }

    @Test
    void anAppendIsCommittedOnceOrNotWhereverTheConnectionIsCut() throws Exception {
        cutting(id -> {
            RunAppend step = started(id).step(Optional.empty());
            return () -> appends(List.of(step));
        });
        cutting(id -> { // of several runs
            RunAppend one = started(id).step(Optional.empty());
            RunAppend two =
                    started(id + "b")
                            .step(Optional.of(new IndexChange(RunStatus.WAITING, "sleeps", Optional.of(1L), true)));
            return () -> appends(List.of(one, two));
        });
    }

    @Test
    void aMessageIsDeliveredOnceOrNotWhereverTheConnectionIsCut() throws Exception {
        cutting(id -> {
            Script run = started(id);
            InboxMessage message = new InboxMessage(run.id, "m", InboxMessage.CANCEL, "", "{}", 1);
            return () -> {
                boolean known = isDone(() -> assertThat(cut.deliver(message)).isTrue());
                done();
                int there = direct.inbox(run.id, 10).size();
                assertThat(there).isBetween(known ? 1 : 0, 1);
                assertThat(isDone(() -> cut.deliver(message))).as("again").isTrue();
                assertThat(direct.inbox(run.id, 10)).hasSize(1);
            };
        });
    }

    @Test
    void aRunIsReleasedOnceOrNotWhereverTheConnectionIsCut() throws Exception {
        cutting(id -> {
            Script run = started(id);
            return () -> {
                Runnable release = () -> cut.release(run.id, 1, RunStatus.PENDING, "", Optional.empty(), 0);
                boolean known = isDone(release);
                done();
                RunRecord now = direct.find(run.id).orElseThrow();
                assertThat(now.holder().isEmpty()).isEqualTo(now.status() == RunStatus.PENDING);
                assertThat(known && now.holder().isPresent()).as("released, and held").isFalse();
                assertThat(isDone(release)).as("again").isTrue();
                assertThat(direct.find(run.id).orElseThrow().holder()).isEmpty();
            };
        });
    }

    @Test
    void aClaimIsMadeOnceOrNotWhereverTheConnectionIsCut() throws Exception {
        cutting(id -> {
            Script run = new Script(id, "");
            assertThat(direct.append(List.of(run.start()))).containsOnly(new Committed());
            return () -> {
                ClaimRequest request =
                        new ClaimRequest(
                                "w",
                                Set.of(new WorkflowVersion(Script.WORKFLOW, 1)),
                                Optional.empty(),
                                Set.of(),
                                10,
                                System.currentTimeMillis());
                List<RunRecord> claimed = new ArrayList<>();
                boolean known = isDone(() -> claimed.addAll(cut.claim(request)));
                done();
                RunRecord now = direct.find(run.id).orElseThrow();
                if (known) {
                    assertThat(claimed).extracting(RunRecord::id).containsExactly(run.id);
                }
                assertThat(now.epoch()).isEqualTo(now.holder().isPresent() ? 1 : 0);
                for (int again = 0; direct.find(run.id).orElseThrow().holder().isEmpty(); again++) {
                    assertThat(isDone(() -> claimed.addAll(cut.claim(request)))).as("again").isTrue();
                    assertThat(again).as("claims, until the server has noticed the cut").isLessThan(1_000);
                }
                assertThat(claimed).extracting(RunRecord::id).hasSizeLessThan(2).allMatch(run.id::equals);
                direct.release(run.id, 1, RunStatus.PAUSED, "", Optional.empty(), 0);
                assertThat(direct.find(run.id).orElseThrow().holder()).isEmpty();
            };
        });
    }

    @Test
    void aLeaseIsKeptOrNotWhereverTheConnectionIsCut() throws Exception {
        cutting(id ->
                () -> {
                    isDone(() -> assertThat(cut.renew("w", 0, TimeUnit.MINUTES.toMillis(10))).isTrue());
                    done();
                    assertThat(isDone(() -> assertThat(cut.renew("w", 0, TimeUnit.MINUTES.toMillis(10))).isTrue()))
                            .as("again")
                            .isTrue();
                });
    }
}
