package dev.perdure;

import dev.perdure.error.InvalidInputException;
import dev.perdure.journal.Digest;
import dev.perdure.journal.History;
import dev.perdure.journal.Path;
import dev.perdure.journal.RunId;
import dev.perdure.value.TypeRef;

import org.jspecify.annotations.Nullable;

import java.lang.reflect.Type;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.UUID;
import java.util.function.BinaryOperator;
import java.util.random.RandomGenerator;
import java.util.stream.Collectors;

/// A run, as its workflow's code sees it: everything that must survive a crash goes through here.
///
/// ```java
/// Report write(Run run, Brief brief) {
///     Hits hits = run.step("search", Hits.class, () -> web.search(brief.topic()));
///     List<Note> notes = run.parallel("read", hits.urls(), (strand, url) ->
///             strand.step("fetch", Note.class, () -> read(url)));
///     return run.step("draft", Report.class, () -> llm.draft(notes));
/// }
/// ```
///
/// Each call is addressed by a *path* made of the names the code gives: `search`, `read[0]/fetch`. On replay a call
/// whose path is recorded hands out what was recorded; the first one that is not recorded goes live. The names and
/// their order must therefore follow from the run's input and results alone.
///
/// Not thread-safe: a `Run` belongs to its strand, and a call from another thread, or inside a step, is refused. Calls
/// may throw an error of their own kind to unwind the code when the run leaves this process; do not catch `Throwable`.
public final class Run extends Steps {
    private final History history;

    Run(Strand strand, Path path, History history) {
        super(strand, path);
        this.history = history;
    }

    /// The run's id.
    public RunId id() {
        return strand.execution().id();
    }

    /// The path of the scope this object stands for: empty for the run itself, `turn[3]` inside a loop's fourth turn.
    public Path scope() {
        return scope.path();
    }

    // Tools

    /// An object whose every method call is a step of this run: tools become durable in one line. The step is named
    /// after the interface and the method (`SearchTools.search`), the arguments are its recorded input.
    ///
    /// The proxy may be used by all strands of this run.
    ///
    /// A type variable stands for what the interface says it is: in `interface Users extends Repo<User> {}` the methods
    /// of `Repo<T>` are written and read as those of `User`.
    ///
    /// @param tools an interface whose parameter and result types can be serialized
    /// @param target what really does the work
    /// @throws InvalidInputException if `tools` is no interface, or a generic one; a call throws it too, if the types
    ///   of its method are not known (`<T> T echo(T value)`, a raw `List`)
    public <T> T durable(Class<T> tools, T target) {
        return durable(tools, target, Step.DEFAULT);
    }

    /// As [#durable(Class, Object)], with the options of every step.
    public <T> T durable(Class<T> tools, T target, Step options) {
        return DurableProxy.of(strand.execution(), tools, target, options);
    }

    /// Undoes what this strand, and those it has joined, did so far: calls the undos that steps registered by
    /// [Step#undo] and that were not executed yet, the last one first. Each is a step of its own, at `undo/` and the
    /// path of the step it takes back.
    ///
    /// A run that fails, is cancelled or has had its time does so by itself. Call this to undo and then go another way.
    /// A request to cancel waits until it is done.
    ///
    /// @throws UndoFailedException if an undo failed for good; those before it in the journal are not executed then
    public void compensate() {
        strand.check(this);
        new Compensation(strand).undoAll("");
    }

    // Strands

    /// Runs `body` once for each item, each on a strand of its own (`name[0]`, `name[1]`, ...), all at the same time,
    /// and returns the results in the order of the items.
    ///
    /// If a strand fails the others are ended and this throws what it threw; that it was the first is recorded.
    public <A, R extends @Nullable Object> List<R> parallel(String name, List<A> items, Strands.Body<A, R> body) {
        return parallel(name, items, Integer.MAX_VALUE, body);
    }

    /// As [#parallel(String, List, Strands.Body)], with at most `width` strands at the same time.
    public <A, R extends @Nullable Object> List<R> parallel(
            String name, List<A> items, int width, Strands.Body<A, R> body) {
        strand.check(this);
        if (width < 1) {
            throw new InvalidInputException("parallel " + name + " needs a width of at least 1, not " + width);
        }
        try (Strands strands = new Strands(this, scope.next("parallel", name), width)) {
            List<Strands.Joined<R>> opened =
                    items.stream().map(item -> strands.open(strand -> body.run(strand, item))).toList();
            strands.join();
            return opened.stream().map(Strands.Joined::result).collect(Collectors.toList());
        }
    }

    /// Opens a structured scope for strands that do different things; close it when they are joined.
    ///
    /// ```java
    /// try (Strands strands = run.strands("gather")) {
    ///     Strands.Joined<Weather> weather = strands.open(s -> s.step("weather", Weather.class, () -> ask()));
    ///     Strands.Joined<News> news = strands.open(s -> s.step("news", News.class, () -> read()));
    ///     strands.join();
    ///     return new Brief(weather.result(), news.result());
    /// }
    /// ```
    public Strands strands(String name) {
        strand.check(this);
        return new Strands(this, scope.next("strands", name), Integer.MAX_VALUE);
    }

    // Loops and checkpoints

    /// A durable loop: each turn's end is a checkpoint, and a resume begins at the last turn instead of replaying all.
    ///
    /// ```java
    /// Chat end = run.loop("turn", Chat.class, start, (turn, chat) -> {
    ///     Message reply = turn.step("model", chat, Message.class, model::answer);
    ///     return reply.isLast() ? Loop.done(chat.with(reply)) : Loop.next(chat.with(reply));
    /// });
    /// ```
    ///
    /// State that grows by appending to lists is stored in linear size. The body must not change variables of the code
    /// around it: after a resume the turns before the last are not executed again.
    ///
    /// @return the state the last turn was done with
    public <S> S loop(String name, Class<S> type, S initial, Loop.Body<S> body) {
        strand.check(this);
        return new LoopCall<>(this, scope.next("loop", name), type, body).call(initial);
    }

    /// As [#loop(String, Class, Object, Loop.Body)], for a generic state type.
    public <S> S loop(String name, TypeRef<S> type, S initial, Loop.Body<S> body) {
        strand.check(this);
        return new LoopCall<>(this, scope.next("loop", name), type.type(), body).call(initial);
    }

    /// Marks a point of the history with a label, to be found, forked from or rolled back to.
    public void checkpoint(String label) {
        strand.check(this);
        Markers.checkpoint(strand, scope.next("checkpoint", label), label);
    }

    // Variables and artifacts

    /// Gives one of the run's variables a value, which is visible from outside while the run goes on.
    public void set(String name, Object value) {
        strand.check(this);
        Path path = scope.path().child(Path.checkName("variable", name));
        Markers.set(strand, path, name, value);
    }

    /// The value of a variable: what this strand wrote last, or what was there when the strand began.
    public <T> Optional<T> get(String name, Class<T> type) {
        strand.check(this);
        return strand.variables()
                .get(name)
                .map(value ->
                        values().read(
                                        value.json().getBytes(StandardCharsets.UTF_8),
                                        type,
                                        "variable " + name + " of run " + id()));
    }

    /// Declares how the values that several strands give a variable are combined, in the order of the strands. Inside a
    /// loop's turn it holds for that turn.
    public <T> void reduce(String name, Class<T> type, BinaryOperator<T> reducer) {
        strand.check(this);
        Markers.reduce(strand, name, type, reducer);
    }

    /// Saves a content of any size outside the journal. It is read in pieces and never held in memory as a whole. On
    /// replay the recorded artifact is returned and `source` is not opened.
    ///
    /// Saved at least once: a kill before it is recorded opens `source` again. A source that fails is a failed step.
    ///
    /// @throws StepFailedException if `source` could not be opened or read to its end, live as well as on replay
    /// @throws CancelledException if the run was cancelled
    /// @throws InvalidInputException if the name cannot be one
    public Artifact artifact(String name, String mediaType, Artifact.Source source) {
        strand.check(this);
        return new ArtifactCall(strand, scope.next("artifact", name), name, mediaType).call(source);
    }

    // Other runs

    /// Starts another workflow as a child of this run and waits for its end: [#startChild] and [#await] in one.
    ///
    /// ```java
    /// Receipt receipt = run.child("ship", shipping, order);
    /// ```
    ///
    /// @return the child's result
    /// @throws ChildFailedException if it failed
    /// @throws ChildCancelledException if it was cancelled
    /// @throws CancelledException if this run was cancelled; the child is then asked to cancel, too
    public <I, O> O child(String name, Workflow<I, O> workflow, I input) {
        return child(name, workflow, input, ChildOptions.DEFAULT);
    }

    /// As [#child(String, Workflow, Object)], with options.
    public <I, O> O child(String name, Workflow<I, O> workflow, I input, ChildOptions options) {
        strand.check(this);
        Path path = scope.next("child", name);
        Child<O> child = startChild(path, name, workflow, input, workflow.output(), options);
        return new AwaitCall<>(strand, path, child).await(Optional.empty()).orElseThrow();
    }

    /// Starts another workflow as a child of this run, and goes on. The child is a run of its own, in the same session,
    /// which any worker that knows the workflow executes. However often this run is killed, it is started once.
    ///
    /// @throws dev.perdure.error.ConflictException if its id is taken by a run that is not this run's child with the
    ///   same workflow and input; recorded, and thrown on replay, too
    /// @throws InvalidInputException if the input does not fit, or the run has [ChildCall#MAX_BOUND] children
    /// @throws CancelledException if this run was cancelled
    public <I, O> Child<O> startChild(String name, Workflow<I, O> workflow, I input, ChildOptions options) {
        strand.check(this);
        return startChild(scope.next("child", name), name, workflow, input, workflow.output(), options);
    }

    /// As [#startChild(String, Workflow, Object, ChildOptions)], of the newest version of a workflow that is registered
    /// in this process.
    ///
    /// @throws InvalidInputException also if no workflow of that name is registered
    public <O> Child<O> startChild(String name, String workflow, Object input, Class<O> result, ChildOptions options) {
        strand.check(this);
        Workflow<?, ?> newest = strand.execution().engine().registry().newest(workflow);
        return startChild(scope.next("child", name), name, newest, input, result, options);
    }

    private <O> Child<O> startChild(
            Path path, String name, Workflow<?, ?> workflow, Object input, Type output, ChildOptions options) {
        strand.execution().engine().registry().addIfNew(workflow);
        return new ChildCall(strand, path, name, workflow, options).start(input, output);
    }

    /// Waits for the end of a child. The run leaves memory meanwhile. An end that came before is taken at once; a child
    /// is awaited once.
    ///
    /// @return the child's result
    /// @throws ChildFailedException if it failed
    /// @throws ChildCancelledException if it was cancelled
    /// @throws CancelledException if this run was cancelled; the child is then asked to cancel, too, and may be awaited
    ///   again
    public <O> O await(Child<O> child) {
        strand.check(this);
        return new AwaitCall<>(strand, scope.next("await", child.name()), child).await(Optional.empty()).orElseThrow();
    }

    /// As [#await(Child)], but gives up after `limit`, counted from when the wait first began. The child goes on, and
    /// may be awaited again.
    ///
    /// @return the result, or empty if the child has not ended in time; which of the two is recorded
    public <O> Optional<O> await(Child<O> child, Duration limit) {
        strand.check(this);
        return new AwaitCall<>(strand, scope.next("await", child.name()), child).await(Optional.of(limit));
    }

    /// Sends another run a signal, which its code takes by [#awaitSignal]: exactly once, however often this run is
    /// killed.
    ///
    /// @throws dev.perdure.error.ConflictException if there is no such run, or it has ended, or it has 10,000 messages
    ///   that it has not taken; recorded, and thrown on replay, too
    /// @throws CancelledException if this run was cancelled
    public void signal(RunId to, String name, Object payload) {
        strand.check(this);
        new SignalCall(strand, scope.next("signal", name)).send(to, name, payload);
    }

    // Waiting

    /// Waits for `duration`. It is durable: the run leaves memory meanwhile, and goes on when the time has come,
    /// however often its process was restarted.
    ///
    /// @throws CancelledException if the run was cancelled
    public void sleep(Duration duration) {
        strand.check(this);
        new WaitCall(strand, scope.next("sleep", "sleep")).sleep(duration);
    }

    /// Waits for the next signal of that name, sent by [RunHandle#signal] or `perdure signal` from any process. One
    /// that was sent before is taken at once; each is taken once, in the order in which they came. The run leaves
    /// memory meanwhile.
    ///
    /// ```java
    /// Payment payment = run.awaitSignal("paid", Payment.class);
    /// ```
    ///
    /// @throws InvalidInputException if the signal's payload does not fit `type`; it is consumed all the same
    /// @throws CancelledException if the run was cancelled
    public <T> T awaitSignal(String name, Class<T> type) {
        strand.check(this);
        Optional<T> signal = new WaitCall(strand, scope.next("signal", name)).signal(name, type, Optional.empty());
        return signal.orElseThrow();
    }

    /// As [#awaitSignal(String, Class)], but gives up after `limit`, counted from when the wait first began.
    ///
    /// @return the signal, or empty if none came in time; which of the two is recorded
    public <T> Optional<T> awaitSignal(String name, Class<T> type, Duration limit) {
        strand.check(this);
        return new WaitCall(strand, scope.next("signal", name)).signal(name, type, Optional.of(limit));
    }

    /// Asks people whether to go on with `proposal`, an action that is to run. Add who may decide, and how, then call
    /// [Approval#await].
    ///
    /// ```java
    /// Decision<Draft> ok = run.approval("publish", draft).within(Duration.ofDays(3)).await();
    /// ```
    ///
    /// @throws InvalidInputException if the name cannot be one, or the proposal's type is not known at run time
    public <T> Approval<T> approval(String name, T proposal) {
        return approval(name, proposal, plainType("the proposal of approval " + name, proposal));
    }

    /// As [#approval(String, Object)], for a proposal of a generic or an interface type.
    public <T> Approval<T> approval(String name, T proposal, TypeRef<T> type) {
        return approval(name, proposal, type.type());
    }

    private <T> Approval<T> approval(String name, T proposal, Type type) {
        strand.check(this);
        return new Approval<>(this, scope.next("approval", name), name, proposal, type);
    }

    /// Waits for the next update of that name, sent by [RunHandle#update] or `perdure update` from any process, and
    /// answers it: `answer` looks at what is asked for and returns what the sender is told. If it throws, or what was
    /// sent does not fit, the update is refused: the sender gets an [UpdateRefusedException], and this waits for the
    /// next.
    ///
    /// ```java
    /// Update<Integer, String> limit = run.awaitUpdate("limit", Integer.class, String.class, cents -> {
    ///     if (cents > 100_000) {
    ///         throw new IllegalArgumentException("at most 100000");
    ///     }
    ///     return "the limit is " + cents;
    /// });
    /// ```
    ///
    /// That it was taken and what it was answered is one entry. `answer` is called live only, and again if the process
    /// dies before that entry is written; so it only looks and computes, and calls nothing of the run. Do what follows
    /// with what this returns.
    ///
    /// @throws CancelledException if the run was cancelled
    public <I, O> Update<I, O> awaitUpdate(String name, Class<I> input, Class<O> output, Function<I, O> answer) {
        strand.check(this);
        return new UpdateCall<>(strand, scope.next("update", name), name, input, output, answer)
                .call(Optional.empty())
                .orElseThrow();
    }

    /// As [#awaitUpdate(String, Class, Class, Function)], but gives up after `limit`, counted from when the wait first
    /// began.
    ///
    /// @return the update, or empty if none was answered in time; which of the two is recorded
    public <I, O> Optional<Update<I, O>> awaitUpdate(
            String name, Class<I> input, Class<O> output, Duration limit, Function<I, O> answer) {
        strand.check(this);
        return new UpdateCall<>(strand, scope.next("update", name), name, input, output, answer)
                .call(Optional.of(limit));
    }

    /// Waits for several things at once, and does what the one that comes first says.
    ///
    /// ```java
    /// String outcome = run.first("answer",
    ///         Arm.signal("paid", Payment.class, payment -> "paid by " + payment.account()),
    ///         Arm.child(shipment, tracking -> "shipped: " + tracking),
    ///         Arm.approval(run.approval("waive", order), said -> "waived: " + said.approved()),
    ///         Arm.after(Duration.ofDays(3), () -> "no answer"));
    /// ```
    ///
    /// Which one won is one entry. Only its message is consumed: one that comes too late waits for a later call. If
    /// several are there when the run looks, such as after it was out of memory, the message that arrived first wins,
    /// and any message wins against a time.
    ///
    /// @param name names the wait's place in the run, as a step's name does
    /// @throws InvalidInputException if there is no arm, or two wait for the same; or if the payload of the one that
    ///   won does not fit its type, which is consumed all the same
    /// @throws CancelledException if the run was cancelled
    @SafeVarargs
    @SuppressWarnings("varargs") // only read
    public final <R extends @Nullable Object> R first(String name, Arm<? extends R>... arms) {
        strand.check(this);
        return new FirstCall<R>(strand, scope.next("first", name), List.of(arms)).call();
    }

    // Time and chance

    /// The time, the same on replay: that of the last entry this strand wrote or replayed.
    public Instant now() {
        strand.check(this);
        strand.drawn();
        return Instant.ofEpochMilli(strand.cursor().lastTimeMillis());
    }

    /// A source of random numbers that yields the same numbers on replay. Not for secrets.
    public RandomGenerator random() {
        return new Random(derive("random").firstLong());
    }

    /// A random UUID (RFC 9562 version 8), the same on replay. Not for secrets.
    public UUID uuid() {
        Digest digest = derive("uuid");
        long high = (digest.firstLong() & 0xffff_ffff_ffff_0fffL) | 0x8000L;
        long low = (Digest.over(digest.toBytes()).firstLong() & 0x3fff_ffff_ffff_ffffL) | 0x8000_0000_0000_0000L;
        return new UUID(high, low);
    }

    private Digest derive(String what) {
        strand.check(this);
        strand.drawn();
        String place = what + "\0" + scope.path().text() + "\0" + scope.nextOrdinal(what);
        return Digest.over(strand.cursor().lastDigest().toBytes(), place.getBytes(StandardCharsets.UTF_8));
    }

    /// The path of a call that is not this class's own.
    Path nextPath(String kind, String name) {
        strand.check(this);
        return scope.next(kind, name);
    }

    History history() {
        return history;
    }
}
