package dev.perdure;

import dev.perdure.error.ConflictException;
import dev.perdure.error.InvalidInputException;
import dev.perdure.runtime.HostIdentity;
import dev.perdure.store.InboxMessage;
import dev.perdure.store.RunFilter;
import dev.perdure.store.RunRecord;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;

/// What waits for people to decide, in all runs, and their decisions on their way there.
///
/// Locking is optimistic: a decision's message is named after the approval it is for and how many decisions came before
/// it, so of two that are made on the same state the store takes one. Whoever made the other looks again, and finds it
/// decided, or decides on what is there now. A run that gives up waiting closes the approval by a message of the same
/// kind ([ApprovalClosing]).
///
/// Thread-safe.
final class Approvals {
    /// How a run's reason begins that waits for an approval; its path follows.
    static final String WAITING = RunFilter.APPROVAL;

    /// Approvals before whatever else a run waits for, so that the run index finds them.
    static final Comparator<String> FIRST =
            Comparator.comparing((String what) -> !isWaiting(what)).thenComparing(Comparator.naturalOrder());

    private static final int MAX_TRIES = 100;
    private static final long PROCESS = ProcessHandle.current().pid();

    private final Engine engine;
    private final Worker worker;

    Approvals(Engine engine, Worker worker) {
        this.engine = engine;
        this.worker = worker;
    }

    static boolean isWaiting(String what) {
        return what.startsWith(WAITING);
    }

    /// The name an approval was given, from its path.
    static String name(String path) {
        String last = path.substring(path.lastIndexOf('/') + 1);
        int ordinal = last.indexOf('#');
        return ordinal < 0 ? last : last.substring(0, ordinal);
    }

    // Looking

    /// What nobody has decided yet; decisions that are on their way to the run count.
    List<OpenApproval> of(RunRecord run) {
        List<OpenApproval> open = new ArrayList<>();
        if (run.status().ended()) {
            return open;
        }
        long now = engine.clock().millis();
        List<InboxMessage> sent = engine.store().inbox(run.id(), Worker.MESSAGES);
        ReadApprovals.of(engine, run)
                .open()
                .forEach((path, state) -> {
                    underWay(sent, path, state).forEach(message -> assume(state, message, now));
                    if (!state.ended()) {
                        open.add(state.open(run.id().value(), run.workflow(), path, now));
                    }
                });
        return open;
    }

    private static List<InboxMessage> underWay(List<InboxMessage> sent, String path, ApprovalState state) {
        return sent.stream()
                .filter(message -> ApprovalClosing.isOf(path, message))
                .filter(message -> !state.messages().contains(message.id()))
                .toList();
    }

    /// Takes a decision for taken that is on its way to the run. What an edit makes of the proposal, the run will say.
    ///
    /// @return who edited the proposal, if somebody did
    private Optional<String> assume(ApprovalState state, InboxMessage message, long now) {
        if (message.kind().equals(InboxMessage.APPROVAL_CLOSED)) {
            ApprovalClosing.assume(state, message);
            return Optional.empty();
        }
        try {
            ApprovalSaid said =
                    engine.values()
                            .read(message.body().getBytes(StandardCharsets.UTF_8), ApprovalSaid.class, "a decision");
            Optional<String> refused = state.refusal(said, state.stageAt(now));
            if (refused.isPresent()) {
                state.refused(message.id(), said.by(), refused.get());
                return Optional.empty();
            }
            state.counted(message.id(), said, state.proposal(), state.digest());
            return said.edit().map(_ -> said.by());
        } catch (InvalidInputException e) { // by another version of Perdure
            state.refused(message.id(), "", String.valueOf(e.getMessage()));
            return Optional.empty();
        }
    }

    // Deciding

    OpenApproval decide(Supplier<RunRecord> find, String nameOrPath, Verdict verdict, Identity by) {
        for (int i = 0; i < MAX_TRIES; i++) {
            Optional<OpenApproval> decided = tryToDecide(find.get(), nameOrPath, verdict, by);
            if (decided.isPresent()) {
                return decided.get();
            }
        }
        throw new ConflictException(
                "approval " + nameOrPath + " is being decided by many at once. Look at it again, then decide.");
    }

    /// Empty: somebody else was faster, look again.
    private Optional<OpenApproval> tryToDecide(RunRecord run, String nameOrPath, Verdict verdict, Identity by) {
        if (run.status().ended()) {
            throw new ConflictException(
                    "run "
                            + run.id()
                            + " has ended: it is "
                            + run.status().name().toLowerCase(Locale.ROOT)
                            + ", and takes no decision any more.");
        }
        List<InboxMessage> sent = engine.store().inbox(run.id(), Worker.MESSAGES); // before the journal: none is missed
        ReadApprovals read = ReadApprovals.of(engine, run);
        if (!read.open().containsKey(nameOrPath)) { // a name, or one that was decided before
            read = ReadApprovals.whole(engine, run);
        }
        Map.Entry<String, ApprovalState> found = find(run, read, nameOrPath);
        String path = found.getKey();
        ApprovalState state = found.getValue();
        String where = "approval " + path + " of run " + run.id();
        if (state.ended()) { // recorded since
            throw ended(where, state, "");
        }
        long now = engine.clock().millis();
        if (now >= state.untilMillis()) {
            throw new ConflictException(
                    where
                            + " is over: nobody decided in time, and the outcome is \""
                            + state.terms().atTimeout()
                            + "\", as the run declared.");
        }
        underWay(sent, path, state).forEach(message -> assume(where, state, message, now));
        ApprovalSaid said = said(state, verdict, by, now);
        if (verdict.seen() != null && !said.digest().startsWith(verdict.seen())) {
            throw new ConflictException(
                    where
                            + ": the proposal has changed. You looked at "
                            + verdict.seen()
                            + ", what is proposed now is "
                            + state.digest().abbreviated()
                            + ". Look at it, and decide on that.");
        }
        Optional<String> refused = state.refusal(said, state.stageAt(now));
        if (refused.isPresent()) {
            throw new ConflictException(where + " takes no such decision: " + refused.get() + ".");
        }
        verdict(where, state, verdict);
        int number = state.messages().size();
        if (number >= ApprovalState.MAX_DECISIONS) {
            throw new ConflictException(
                    where
                            + " has taken "
                            + number
                            + " decisions and takes no more. Cancel the run, or let it time out.");
        }
        boolean first =
                engine.store()
                        .deliver(
                                new InboxMessage(
                                        run.id(),
                                        ApprovalClosing.messageId(path, state),
                                        InboxMessage.DECISION,
                                        path,
                                        new String(
                                                engine.values()
                                                        .write(said, ApprovalSaid.class, "a decision on " + where),
                                                StandardCharsets.UTF_8),
                                        now));
        worker.poke();
        return first ? Optional.of(state.open(run.id().value(), run.workflow(), path, now)) : Optional.empty();
    }

    private void assume(String where, ApprovalState state, InboxMessage message, long now) {
        Optional<String> editor = assume(state, message, now);
        if (state.ended()) {
            throw ended(where, state, " The run has not taken note of it yet.");
        }
        if (editor.isPresent()) {
            throw new ConflictException(
                    where
                            + ": "
                            + editor.get()
                            + " has edited the proposal just now, and the run has not taken note of it yet. Look at it"
                            + " again, then decide on what is proposed then.");
        }
    }

    private static ConflictException ended(String where, ApprovalState state, String further) {
        return new ConflictException(where + " " + state.howEnded() + "." + further);
    }

    private ApprovalSaid said(ApprovalState state, Verdict verdict, Identity by, long now) {
        return new ApprovalSaid(
                by.id(),
                by.roles().stream().sorted().toList(),
                by.verified(),
                System.getProperty("user.name", "unknown") + "@" + HostIdentity.hostName() + ", process " + PROCESS,
                now,
                verdict.choice(),
                verdict.comment(),
                state.digest().hex(),
                Optional.ofNullable(verdict.edit()));
    }

    /// Refuses an edit that cannot fit, where the one who made it can correct it.
    private void verdict(String where, ApprovalState state, Verdict verdict) {
        if (verdict.edit() != null) {
            try {
                ApprovalEdit.apply(engine.values(), state.proposal(), verdict.edit(), state.terms());
            } catch (InvalidInputException e) {
                throw new InvalidInputException(where + ": " + e.getMessage());
            }
        }
    }

    private static Map.Entry<String, ApprovalState> find(RunRecord run, ReadApprovals read, String nameOrPath) {
        Map<String, ApprovalState> all = read.all();
        ApprovalState exact = all.get(nameOrPath);
        if (exact != null) {
            return Map.entry(nameOrPath, exact);
        }
        List<String> named = all.keySet().stream().filter(path -> name(path).equals(nameOrPath)).toList();
        List<String> open = named.stream().filter(read.open()::containsKey).toList();
        List<String> fit = open.isEmpty() ? named : open;
        if (fit.size() > 1) {
            throw new InvalidInputException(
                    "run "
                            + run.id()
                            + " has "
                            + fit.size()
                            + " approvals named "
                            + nameOrPath
                            + ". Say which by its path: "
                            + String.join(", ", fit)
                            + ".");
        }
        if (fit.isEmpty()) {
            throw new InvalidInputException(
                    "run "
                            + run.id()
                            + " asks for no approval \""
                            + nameOrPath
                            + "\". "
                            + (read.open().isEmpty()
                                    ? "It asks for none now: `perdure approvals` lists what waits."
                                    : "It asks for: " + String.join(", ", read.open().keySet()) + "."));
        }
        return Map.entry(fit.getFirst(), all.get(fit.getFirst()));
    }
}
