package dev.perdure.tests.fleet;

import static org.assertj.core.api.Assertions.assertThat;

import dev.perdure.Perdure;
import dev.perdure.StartOptions;
import dev.perdure.error.ConflictException;
import dev.perdure.error.UnavailableException;
import dev.perdure.journal.Entry;
import dev.perdure.journal.Resolution;
import dev.perdure.store.Finding;
import dev.perdure.store.RunFilter;
import dev.perdure.store.RunRecord;
import dev.perdure.store.RunStatus;
import dev.perdure.testing.PostgresServer;
import dev.perdure.tests.ChildJvm;
import dev.perdure.tests.fleet.FleetWork.Task;
import dev.perdure.tests.fleet.HistoryFile.Line;

import java.io.IOException;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/// Worker processes on one store, each with a connection of its own that can be disturbed, and what is known of their
/// runs. Whoever uses it starts runs, lets things go wrong, and has it all checked in the end.
final class Fleet implements AutoCloseable {
    private static final Pattern IN_DOUBT = Pattern.compile("step (\\S+) is in doubt");
    private static final int LOOK_MILLIS = 25;

    /// One process.
    record Member(String name, ChildJvm process, Proxy proxy, Path history) {
        List<Line> lines() throws IOException {
            return HistoryFile.read(history);
        }
    }

    private final PostgresServer server;
    private final Path folder;
    private final Duration lease;
    final String url;
    final Perdure direct;
    private final Map<String, Task> started = new LinkedHashMap<>();
    private final Map<String, Path> histories = new LinkedHashMap<>();
    private final List<Member> members = new ArrayList<>();
    private final List<Perdure> workersHere = new ArrayList<>();
    private final List<Proxy> proxiesHere = new ArrayList<>();
    private String plant = "";

    Fleet(PostgresServer server, Path folder, Duration lease) {
        this.server = server;
        this.folder = folder;
        this.lease = lease;
        this.url = server.newStoreUrl();
        this.direct = Perdure.open(url);
        direct.register(FleetWork.undisturbed().workflows());
        UserRows.create(server, url);
    }

    /// Lets the processes that are started from now on have this bug, see [FleetWorker].
    void plant(String bug) {
        plant = bug;
    }

    /// Starts one more process; it may not be at work yet.
    Member add() throws IOException {
        String name = "w" + histories.size();
        Path history = folder.resolve(name + ".history");
        histories.put(name, history);
        Proxy proxy = new Proxy(server.port());
        ChildJvm process =
                ChildJvm.start(
                        FleetWorker.class,
                        "96m",
                        proxy.through(url),
                        history.toString(),
                        Long.toString(lease.toMillis()),
                        plant);
        Member member = new Member(name, process, proxy, history);
        members.add(member);
        return member;
    }

    /// Adds a worker in this process, which is quicker, and enough where it is the server that fails.
    Proxy addHere(String itsUrl) throws IOException {
        Proxy proxy = new Proxy(server.port());
        proxiesHere.add(proxy);
        addHereDirectly(proxy.through(itsUrl));
        return proxy;
    }

    /// As [#addHere], without a proxy.
    void addHereDirectly(String itsUrl) throws IOException {
        String name = "w" + histories.size();
        Path history = folder.resolve(name + ".history");
        histories.put(name, history);
        workersHere.add(FleetWorker.open(itsUrl, new HistoryFile(history), lease, UnaryOperator.identity()));
    }

    List<Perdure> workersHere() {
        return workersHere;
    }

    List<Member> members() {
        return members;
    }

    /// Kills a process with SIGKILL.
    void kill(Member member) throws Exception {
        member.process().kill();
        member.proxy().close();
        members.remove(member);
    }

    /// Starts a run that some worker takes; insists when the server is away.
    void start(String workflow, String id, Task task) throws InterruptedException {
        started.put(id, task);
        insist(() -> direct.start(workflow, task, StartOptions.withId(id).forAWorker()));
        insist(() -> direct.run(id, String.class).signal(FleetWork.SIGNAL, "told", "once"));
    }

    private static void insist(Runnable act) throws InterruptedException {
        long since = System.nanoTime();
        while (true) {
            try {
                act.run();
                return;
            } catch (UnavailableException away) {
                assertThat(System.nanoTime() - since).isLessThan(Duration.ofMinutes(1).toNanos());
                Thread.sleep(LOOK_MILLIS);
            } catch (ConflictException ended) { // it was signalled before, and the answer was lost
                return;
            }
        }
    }

    /// Waits until all runs have ended; somebody says of steps in doubt that they happened.
    void awaitAll(Duration limit) throws InterruptedException {
        long deadline = System.nanoTime() + limit.toNanos();
        while (true) {
            List<RunRecord> open = List.of();
            try {
                open = open();
                if (open.isEmpty()) {
                    return;
                }
                open.forEach(this::resolve);
            } catch (UnavailableException cut) {
                // a connection of before the server was stopped
            }
            assertThat(System.nanoTime() - deadline)
                    .as("nanoseconds past the deadline, with %s; %s", open, whatTheySaid())
                    .isNegative();
            Thread.sleep(LOOK_MILLIS);
        }
    }

    /// The runs that workers execute; none while the server is away.
    Set<String> running() {
        try {
            return runs().stream()
                    .filter(run -> run.status() == RunStatus.RUNNING)
                    .map(run -> run.id().value())
                    .collect(Collectors.toSet());
        } catch (UnavailableException cut) {
            return Set.of();
        }
    }

    /// The runs that have not ended.
    List<RunRecord> open() {
        return runs().stream().filter(run -> !run.status().ended()).toList();
    }

    private List<RunRecord> runs() {
        return direct.administration().runs(RunFilter.newest(RunFilter.MAX_LIMIT));
    }

    /// Says of all steps in doubt that they happened: whether they did nobody can know while a worker may be asleep.
    void resolve() {
        open().forEach(this::resolve);
    }

    private void resolve(RunRecord run) {
        Matcher doubt = IN_DOUBT.matcher(run.reason());
        if (run.status() == RunStatus.WAITING && doubt.find()) {
            String id = run.id().value();
            String result = "\"" + FleetWork.paid(id, doubt.group(1)) + "\"";
            try {
                direct.administration().resolve(id, doubt.group(1), Resolution.HAPPENED, result, "test", "known");
            } catch (ConflictException | UnavailableException said) {
                // it is said already, or cannot be said now
            }
        }
    }

    String whatTheySaid() {
        StringBuilder said = new StringBuilder();
        members.forEach(member -> said.append(member.name()).append(": ").append(member.process().lines()));
        return said.toString();
    }

    // Checking

    /// What is broken of the guarantees, as far as things have gone.
    List<String> broken() throws IOException, SQLException {
        Map<String, Long> rowsBefore = UserRows.count(server, url);
        Map<String, List<Line>> lines = new TreeMap<>();
        for (Map.Entry<String, Path> history : histories.entrySet()) {
            lines.put(history.getKey(), HistoryFile.read(history.getValue()));
        }
        Map<String, List<Entry>> journals = new TreeMap<>();
        for (RunRecord run : runs()) { // after the lines: what they tell of is there
            List<Entry> entries = new ArrayList<>();
            direct.administration().journal(run.id().value(), 0, entries::add);
            journals.put(run.id().value(), entries);
        }
        List<String> broken = new FleetChecker(lines, journals).check();
        broken.addAll(new RowsChecker(journals).check(rowsBefore, UserRows.count(server, url)));
        return broken;
    }

    /// Everything is as it should be, now that all runs have ended.
    void assertSound() throws Exception {
        assertThat(broken()).as("broken guarantees; %s", whatTheySaid()).isEmpty();
        try (Perdure undisturbed = Perdure.open("memory:")) {
            undisturbed.register(FleetWork.undisturbed().workflows());
            for (RunRecord run : runs()) {
                assertThat(run.status()).as("%s: %s", run.id(), run.reason()).isEqualTo(RunStatus.COMPLETED);
                String id = run.id().value();
                var twin = undisturbed.<String>start(run.workflow(), started.get(id), StartOptions.withId(id));
                insist(() -> twin.signal(FleetWork.SIGNAL, "told"));
                assertThat(direct.run(id, String.class).result()).as("result of %s", id).isEqualTo(twin.result());
            }
        }
        List<Finding> findings = new ArrayList<>();
        direct.administration().verify(Optional.empty(), Optional.empty(), findings::add);
        assertThat(findings).as("findings of verify").isEmpty();
    }

    /// How many transactions wrote rows.
    int transactions() throws SQLException {
        return UserRows.count(server, url).size();
    }

    /// How often a step's body began, in all processes.
    long executions(String run, String path) throws IOException {
        return count(line -> line instanceof Line.Executed body && body.run().equals(run) && body.path().equals(path));
    }

    /// How often a run was claimed.
    long claims(String run) throws IOException {
        return count(line -> line instanceof Line.Claimed claimed && claimed.run().equals(run));
    }

    private long count(Predicate<Line> which) throws IOException {
        long count = 0;
        for (Path history : histories.values()) {
            count += HistoryFile.read(history).stream().filter(which).count();
        }
        return count;
    }

    @Override
    public void close() throws Exception {
        for (Member member : List.copyOf(members)) {
            kill(member);
        }
        workersHere.forEach(Perdure::close);
        for (Proxy proxy : proxiesHere) {
            proxy.close();
        }
        direct.close();
    }
}
