package dev.perdure.tests.fleet;

import static org.assertj.core.api.Assertions.assertThat;

import dev.perdure.Perdure;
import dev.perdure.PerdureOptions;
import dev.perdure.RunHandle;
import dev.perdure.StartOptions;
import dev.perdure.Workflow;
import dev.perdure.error.UnavailableException;
import dev.perdure.postgres.PostgresStoreProvider;
import dev.perdure.store.AppendOutcome;
import dev.perdure.store.ClaimRequest;
import dev.perdure.store.Finding;
import dev.perdure.store.InboxMessage;
import dev.perdure.store.RunAppend;
import dev.perdure.store.RunRecord;
import dev.perdure.store.RunRelease;
import dev.perdure.store.RunStatus;
import dev.perdure.store.RunStore;
import dev.perdure.testing.PostgresServer;
import dev.perdure.tests.PassingStore;
import dev.perdure.tests.fleet.Proxy.Cut;
import dev.perdure.tests.fleet.Proxy.Point;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Predicate;
import java.util.function.Supplier;

/// A worker whose connection is cut at each statement of its first start, append, end, release and claim that matters,
/// and of a delivery to its run: the run is finished by this very worker, nobody else being there, without anything
/// done twice that was recorded.
final class LostAnswersTest {
    private static final PostgresServer SERVER = PostgresServer.shared();
    private static final int AT_ONCE = 12;
    private static final Duration LEASE = Duration.ofSeconds(2);
    private static final int LIMIT_SECONDS = 30;

    /// What is cut, and the most statements it may consist of; those beyond its last are never met.
    private enum Act {
        START(1),
        APPEND(1),
        END(1),
        RELEASE(5),
        CLAIM(11),
        DELIVER(3);

        private final int statements;

        Act(int statements) {
            this.statements = statements;
        }
    }

    private record Trial(Act act, Cut cut) {
        String id() {
            return (act + "-" + cut.statement() + "-" + cut.point()).toLowerCase(java.util.Locale.ROOT);
        }
    }

    /// Cuts the first act of this kind that there is.
    private static final class CuttingStore extends PassingStore {
        private final Trial trial;
        private final Proxy proxy;
        private final AtomicBoolean done = new AtomicBoolean();
        private volatile int met;

        private CuttingStore(RunStore beneath, Trial trial, Proxy proxy) {
            super(beneath);
            this.trial = trial;
            this.proxy = proxy;
        }

        private <T> T during(boolean fits, Supplier<T> act) {
            if (!fits || !done.compareAndSet(false, true)) {
                return act.get();
            }
            proxy.cut(trial.cut());
            try {
                return act.get();
            } finally {
                met = proxy.count();
            }
        }

        @Override
        public List<AppendOutcome> append(List<RunAppend> batch) {
            Predicate<RunAppend> fits =
                    switch (trial.act()) {
                        case START -> append -> append.create().isPresent();
                        case APPEND -> append -> append.create().isEmpty() && append.change().isEmpty();
                        case END -> append -> append.change().isPresent();
                        case RELEASE, CLAIM, DELIVER -> _ -> false;
                    };
            return during(batch.stream().anyMatch(fits), () -> super.append(batch));
        }

        @Override
        public void release(List<RunRelease> releases) {
            during(
                    trial.act() == Act.RELEASE,
                    () -> {
                        super.release(releases);
                        return true;
                    });
        }

        @Override
        public List<RunRecord> claim(ClaimRequest request) {
            return during(trial.act() == Act.CLAIM && isDue(request), () -> super.claim(request));
        }

        private boolean isDue(ClaimRequest request) {
            return request.only().stream()
                    .flatMap(java.util.Set::stream)
                    .anyMatch(run ->
                            find(run).filter(now -> now.status() == RunStatus.WAITING).isPresent()
                                    && !inbox(run, 1).isEmpty());
        }

        @Override
        public boolean deliver(InboxMessage message) {
            return during(trial.act() == Act.DELIVER, () -> super.deliver(message));
        }
    }

    private final Map<String, Integer> effects = new ConcurrentHashMap<>();

    @Test
    @Timeout(120)
    void aRunIsFinishedByItsWorkerWhicheverAnswerIsLost() throws Exception {
        String url = SERVER.newStoreUrl();
        try (RunStore direct = new PostgresStoreProvider().open(url);
                ExecutorService trials = Executors.newFixedThreadPool(AT_ONCE)) {
            List<Future<Integer>> met = new ArrayList<>();
            for (Act act : Act.values()) {
                for (Point point : List.of(Point.BEFORE, Point.SENT, Point.ANSWERED)) {
                    for (int i = 0; i < act.statements; i++) {
                        Trial trial = new Trial(act, new Cut(i, point));
                        met.add(trials.submit(() -> attempt(url, trial)));
                    }
                }
            }
            int cuts = 0;
            for (Future<Integer> one : met) {
                cuts += one.get();
            }
            System.out.println("LostAnswersTest: " + cuts + " of " + met.size() + " trials met their statement");
            assertThat(cuts).as("trials that cut a connection").isGreaterThan(met.size() * 2 / 3);
            List<Finding> findings = new ArrayList<>();
            direct.verify(Optional.empty(), Optional.empty(), findings::add);
            assertThat(findings).isEmpty();
        }
    }

    private Workflow<String, Integer> workflow(String name) {
        return Workflow.named(name)
                .takes(String.class)
                .returns(Integer.class)
                .runs((run, input) -> {
                    int first = run.step("first", Integer.class, () -> effect(run.id().value() + " first"));
                    int told = run.awaitSignal("told", Integer.class);
                    int last = run.step("last", Integer.class, () -> effect(run.id().value() + " last"));
                    return first + told + last;
                });
    }

    private int effect(String step) {
        effects.merge(step, 1, Integer::sum);
        return 10;
    }

    /// @return 1 if the connection was cut
    private int attempt(String url, Trial trial) throws Exception {
        Proxy proxy = new Proxy(SERVER.port());
        CuttingStore store =
                new CuttingStore(
                        new PostgresStoreProvider().open(proxy.through(url) + "&perdureConnections=4"), trial, proxy);
        try (proxy;
                Perdure perdure = Perdure.on(store, PerdureOptions.DEFAULT.withLease(LEASE))) {
            perdure.register(workflow(trial.id()));
            RunHandle<Integer> run =
                    insisting(trial, () -> perdure.start(trial.id(), "", StartOptions.withId(trial.id())));
            for (int looks = 0; insisting(trial, run::status) != RunStatus.WAITING; looks++) {
                assertThat(looks).as("%s is not released", trial).isLessThan(1_000);
                Thread.sleep(10);
            }
            insisting(trial, () -> run.signal("told", 1, "once"));
            assertThat(insisting(trial, () -> run.result(Duration.ofSeconds(LIMIT_SECONDS))))
                    .as("result of %s", trial.id())
                    .isEqualTo(21);
            assertThat(effects.get(trial.id() + " first")).as("first, %s", trial).isBetween(1, 2);
            assertThat(effects.get(trial.id() + " last")).as("last, %s", trial).isBetween(1, 2);
        } catch (Exception | AssertionError e) {
            throw new AssertionError(trial + " failed: " + e.getMessage(), e);
        }
        return store.met > trial.cut().statement() ? 1 : 0;
    }

    /// As callers do that were told that the store cannot be reached, at most so often.
    private static <T> T insisting(Trial trial, Supplier<T> act) {
        for (int i = 1; ; i++) {
            try {
                return act.get();
            } catch (UnavailableException gone) {
                assertThat(gone.getMessage())
                        .as("%s", trial)
                        .containsAnyOf("ended the connection", "lease of the worker"); // or the machine is busy
                assertThat(i).as("errors of %s: %s", trial, gone.getMessage()).isLessThan(5);
            }
        }
    }
}
