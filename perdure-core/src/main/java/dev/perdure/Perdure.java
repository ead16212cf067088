package dev.perdure;

import dev.perdure.error.ConflictException;
import dev.perdure.error.InvalidInputException;
import dev.perdure.error.UnavailableException;
import dev.perdure.journal.Digest;
import dev.perdure.journal.Event;
import dev.perdure.journal.Path;
import dev.perdure.journal.Plain;
import dev.perdure.journal.RunId;
import dev.perdure.runtime.GroupCommit;
import dev.perdure.runtime.HeadConflictException;
import dev.perdure.runtime.RunJournal;
import dev.perdure.runtime.RunJournal.With;
import dev.perdure.store.RunAppend.NewRun;
import dev.perdure.store.RunRecord;
import dev.perdure.store.RunStatus;
import dev.perdure.store.RunStore;
import dev.perdure.store.StoreProvider;
import dev.perdure.value.LogicalType;
import dev.perdure.value.Values;

import java.lang.reflect.Type;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/// The entry to durable runs: opens a store, knows the workflows of this program, starts runs and executes them.
///
/// ```java
/// try (Perdure perdure = Perdure.open("jdbc:sqlite:agents.db")) {
///     perdure.register(Workflow.named("brief").takes(Brief.class).returns(Report.class).runs(this::write));
///     RunHandle<Report> run = perdure.start("brief", new Brief("storage"), StartOptions.withId("brief-42"));
///     Report report = run.result();
/// }
/// ```
///
/// `open` executes nothing. `start` records a run and executes it here; started again after a crash, the same id goes
/// on where it was. `work` makes this process a worker, which executes all unfinished runs of the workflows it has
/// registered. Closing hands runs under way over to the next worker.
///
/// Thread-safe.
public final class Perdure implements AutoCloseable {
    private final Engine engine;
    private final Registry registry = new Registry();
    private final Worker worker;
    private final Administration administration;
    private final ScheduleRun schedules;

    private Perdure(RunStore store, PerdureOptions options) {
        this.engine =
                new Engine(store, new GroupCommit(store), new Values(options.maxPayloadBytes()), options, registry);
        this.worker = new Worker(engine, registry);
        this.administration = new Administration(engine, worker, registry);
        this.schedules = new ScheduleRun(engine, registry, administration);
    }

    /// Opens the store that `url` names: `jdbc:sqlite:FILE`, or `memory:` for tests.
    ///
    /// @throws InvalidInputException if no store on the class path takes the URL, or what it names is not a store
    /// @throws dev.perdure.error.UnavailableException if it cannot be opened now
    public static Perdure open(String url) {
        return open(url, PerdureOptions.DEFAULT);
    }

    /// As [#open(String)], with options.
    public static Perdure open(String url, PerdureOptions options) {
        StoreProvider provider = StoreProviders.of(url);
        Rehearsal.beginOnce(); // beside the opening
        RunStore store = provider.open(url);
        try {
            return on(store, options);
        } catch (RuntimeException | Error e) {
            store.close(); // whoever tries again opens another
            throw e;
        }
    }

    /// Whether there is a store at `url`; makes none.
    ///
    /// @throws InvalidInputException as [#open(String)]
    /// @throws dev.perdure.error.UnavailableException if that cannot be told now
    public static boolean exists(String url) {
        return StoreProviders.of(url).exists(url);
    }

    /// Uses a store that is open already, and closes it when this is closed.
    public static Perdure on(RunStore store, PerdureOptions options) {
        return new Perdure(store, options);
    }

    /// Makes workflows known to this process.
    ///
    /// @throws ConflictException if another workflow of the same name and version is known
    public Perdure register(Workflow<?, ?>... workflows) {
        Rehearsal.beginOnce();
        for (Workflow<?, ?> workflow : workflows) {
            add(workflow);
        }
        return this;
    }

    /// Tells webhooks what happens to the runs of this process; those that are workers deliver it.
    ///
    /// @throws ConflictException if one of the same name is known, or somebody has ended the run that serves it
    public Perdure register(Webhook... webhooks) {
        for (Webhook webhook : webhooks) {
            WebhookRuns runs = new WebhookRuns(engine, new WebhookPost(InetAddress::getAllByName, engine.clock()));
            runs.prepare(webhook);
            registry.add(webhook);
            runs.workflowsFor(webhook).forEach(registry::addSystem);
        }
        return this;
    }

    private void add(Workflow<?, ?> workflow) {
        SystemRuns.refuse(workflow.name());
        registry.add(workflow);
        schedules.workflowsFor(workflow).forEach(registry::addSystem);
    }

    /// Makes queues known to the store, where they stay, or changes their limits.
    ///
    /// @throws InvalidInputException if the store has too many
    public Perdure register(Queue... queues) {
        for (Queue queue : queues) {
            administration.queues().define(queue);
        }
        return this;
    }

    /// Makes triggers known to this process, and makes their runs, which wait for what they fire on, unless they are
    /// there.
    ///
    /// @throws ConflictException if another trigger of the same name is known
    public Perdure register(Trigger... triggers) {
        for (Trigger trigger : triggers) {
            registry.add(trigger);
            start(Trigger.PREFIX + trigger.name(), trigger.name(), StartOptions.withId(trigger.run()));
        }
        return this;
    }

    /// Starts a run with a random id. See [#start(String, Object, StartOptions)].
    public <O> RunHandle<O> start(String workflow, Object input) {
        return start(workflow, input, StartOptions.DEFAULT);
    }

    /// Starts a run of the newest registered version of a workflow, and executes it in this process.
    ///
    /// Idempotent by id: if the run exists with the same workflow and input, this gives a handle on it, and if it is
    /// unfinished and nobody else executes it, it goes on here. See [StartOptions] for what of the options counts then.
    ///
    /// @param input the input; `null` is not one
    /// @return a handle, once the run is recorded durably; its result type must be the workflow's
    /// @throws InvalidInputException if the workflow is unknown or the input does not fit it
    /// @throws ConflictException if the id is taken by a run of another workflow or input, or by one in another group,
    ///   queue or key than the options name
    public <O> RunHandle<O> start(String workflow, Object input, StartOptions options) {
        Workflow<?, ?> newest = registry.newest(workflow);
        if (input == null) { // callers without null checks
            throw new InvalidInputException("workflow " + workflow + " needs an input, not null. Hand in a value.");
        }
        RunId id = options.id().orElseGet(() -> new RunId(engine.options().newId()));
        byte[] json = engine.values().write(input, newest.input(), "the input of run " + id);
        engine.values().read(json, newest.input(), "the input of run " + id); // fails here rather than in the run
        return started(newest, id, Plain.of(json), options);
    }

    /// As [#start(String, Object, StartOptions)], for a workflow at hand, which is registered if it is not yet.
    public <I, O> RunHandle<O> start(Workflow<I, O> workflow, I input, StartOptions options) {
        if (registry.find(workflow.name(), workflow.version()).isEmpty()) {
            add(workflow);
        }
        return start(workflow.name(), input, options);
    }

    /// Starts a run whose input is JSON text, as the command line does.
    ///
    /// @throws InvalidInputException if it is not JSON, or does not fit the workflow's input type
    public <O> RunHandle<O> startJson(String workflow, String json, StartOptions options) {
        Workflow<?, ?> newest = registry.newest(workflow);
        Object input =
                engine.values()
                        .read(
                                json.getBytes(StandardCharsets.UTF_8),
                                newest.input(),
                                "the input of workflow " + workflow);
        return start(workflow, input, options);
    }

    private <O> RunHandle<O> started(Workflow<?, ?> workflow, RunId id, Plain input, StartOptions options) {
        options.place().ifPresent(administration.queues()::check);
        Debounce.check(options);
        if (options.debounce().isPresent()) {
            RunId waiting = new Debounce(engine, worker, workflow, options).start(input);
            if (!options.enqueueOnly()) {
                worker.want(waiting, options.place());
            }
            return handle(waiting, workflow.output());
        }
        String group = workflow.groupFor(options.group());
        boolean here = !options.enqueueOnly() && options.place().isEmpty() && serves(group) && worker.hasRoom();
        Optional<String> holder = here ? Optional.of(worker.id()) : Optional.empty();
        RunJournal journal = new RunJournal(id, 0, here ? 1 : 0, -1, Digest.ZERO, 0, engine.commits(), engine.clock());
        LogicalType type = LogicalType.of(workflow.input());
        Optional<Long> deadline = options.deadline().map(time -> engine.clock().instant().plus(time).toEpochMilli());
        try {
            RunJournal.Written written =
                    journal.commit(
                            Path.ROOT,
                            With.create(
                                    new NewRun(
                                            workflow.name(),
                                            workflow.version(),
                                            options.session(),
                                            holder,
                                            options.place(),
                                            group)),
                            slots ->
                                    new Event.RunStarted(
                                            workflow.name(),
                                            workflow.version(),
                                            options.session(),
                                            Optional.empty(),
                                            deadline,
                                            slots.compared(input, type)));
            if (here) {
                worker.held()
                        .executeNew(
                                newRecord(workflow, id, options, group, written), workflow, journal, written.entry());
            } else if (!options.enqueueOnly()) {
                worker.want(id, options.place());
            }
        } catch (HeadConflictException exists) {
            adopt(workflow, id, input, options);
        } catch (UnavailableException unsure) {
            worker.expectStrays();
            throw unsure;
        }
        return handle(id, workflow.output());
    }

    private RunRecord newRecord(
            Workflow<?, ?> workflow, RunId id, StartOptions options, String group, RunJournal.Written written) {
        return new RunRecord(
                id,
                0,
                workflow.name(),
                workflow.version(),
                options.session(),
                RunStatus.RUNNING,
                "",
                written.sequence(),
                written.digest(),
                1,
                Optional.of(worker.id()),
                0,
                written.timeMillis(),
                written.timeMillis(),
                Optional.empty(),
                Optional.empty(),
                group);
    }

    private boolean serves(String group) {
        return engine.options().groups().contains(group);
    }

    private void adopt(Workflow<?, ?> workflow, RunId id, Plain input, StartOptions options) {
        RunRecord there = SameStart.of(engine, workflow, id, input, options);
        if (!there.status().ended()
                && !options.enqueueOnly()
                && registry.find(there.workflow(), there.version()).isEmpty()) {
            throw new InvalidInputException(
                    "run "
                            + id
                            + " goes on with version "
                            + there.version()
                            + " of workflow "
                            + there.workflow()
                            + ", which it was started with and which is not registered here. Register that"
                            + " version too.");
        }
        if (!there.status().ended() && !options.enqueueOnly()) {
            worker.want(id, there.place());
        }
    }

    /// Makes this process a worker: it executes unfinished runs of its registered workflows, those of workers that died
    /// included, until it is closed. Returns at once; calling it again changes nothing.
    public Perdure work() {
        worker.claimAll();
        return this;
    }

    /// A handle on a run that exists.
    ///
    /// @throws InvalidInputException if there is none with this id
    public <O> RunHandle<O> run(String id, Class<O> resultType) {
        RunId runId = new RunId(id);
        administration.find(id);
        return handle(runId, resultType);
    }

    private <O> RunHandle<O> handle(RunId id, Type output) {
        return new RunHandle<>(engine, worker, administration, id, output);
    }

    /// Everything about runs but starting and executing them: lists, journals, verification, retry.
    public Administration administration() {
        return administration;
    }

    /// Hands runs under way over to other workers: lets steps under way end for a while, then interrupts them, and
    /// closes the store. Runs that nobody else takes over go on when a worker starts again.
    @Override
    public void close() {
        worker.close();
        engine.commits().close();
        engine.store().close();
    }
}
