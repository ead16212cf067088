package dev.perdure.journal;

import dev.perdure.error.CorruptedException;
import dev.perdure.journal.Event.ApprovalReminded;
import dev.perdure.journal.Event.ApprovalRequested;
import dev.perdure.journal.Event.ApprovalWithdrawn;
import dev.perdure.journal.Event.ArtifactSaved;
import dev.perdure.journal.Event.AttemptFailed;
import dev.perdure.journal.Event.CallRefused;
import dev.perdure.journal.Event.CancelTaken;
import dev.perdure.journal.Event.CheckpointReached;
import dev.perdure.journal.Event.ChildStarted;
import dev.perdure.journal.Event.DeadlinePassed;
import dev.perdure.journal.Event.DecisionTaken;
import dev.perdure.journal.Event.DoubtResolved;
import dev.perdure.journal.Event.InputReplaced;
import dev.perdure.journal.Event.MessageTaken;
import dev.perdure.journal.Event.Parent;
import dev.perdure.journal.Event.RunCancelled;
import dev.perdure.journal.Event.RunCompleted;
import dev.perdure.journal.Event.RunFailed;
import dev.perdure.journal.Event.RunPaused;
import dev.perdure.journal.Event.RunResumed;
import dev.perdure.journal.Event.RunRetried;
import dev.perdure.journal.Event.RunStarted;
import dev.perdure.journal.Event.SignalSent;
import dev.perdure.journal.Event.StepCompleted;
import dev.perdure.journal.Event.StepFailed;
import dev.perdure.journal.Event.StepInDoubt;
import dev.perdure.journal.Event.StepIntended;
import dev.perdure.journal.Event.StepProgressed;
import dev.perdure.journal.Event.StepPutOff;
import dev.perdure.journal.Event.StrandsFailed;
import dev.perdure.journal.Event.TurnEnded;
import dev.perdure.journal.Event.UndoRegistered;
import dev.perdure.journal.Event.UpdateAnswered;
import dev.perdure.journal.Event.UpdateRefused;
import dev.perdure.journal.Event.VariableSet;
import dev.perdure.journal.Event.WaitBegan;
import dev.perdure.journal.Event.WaitTimedOut;

import java.util.Optional;

/// The kinds of events: their numbers, and the fields of each in the encoding of [EntryCodec].
final class EventCodec {
    private EventCodec() {}

    // The numbers are part of the format: never reuse one.
    static int kind(Event event) {
        return switch (event) {
            case RunStarted _ -> 1;
            case StepIntended _ -> 2;
            case AttemptFailed _ -> 3;
            case StepInDoubt _ -> 4;
            case StepCompleted _ -> 5;
            case StepFailed _ -> 6;
            case TurnEnded _ -> 7;
            case UndoRegistered _ -> 29;
            case UpdateAnswered _ -> 30;
            case UpdateRefused _ -> 31;
            case CheckpointReached _ -> 8;
            case VariableSet _ -> 9;
            case StrandsFailed _ -> 10;
            case ArtifactSaved _ -> 11;
            case CancelTaken _ -> 12;
            case DeadlinePassed _ -> 28;
            case RunCompleted _ -> 13;
            case RunFailed _ -> 14;
            case RunCancelled _ -> 15;
            case RunRetried _ -> 16;
            case WaitBegan _ -> 17;
            case MessageTaken _ -> 18;
            case WaitTimedOut _ -> 19;
            case DoubtResolved _ -> 20;
            case RunPaused _ -> 21;
            case RunResumed _ -> 22;
            case StepPutOff _ -> 39;
            case InputReplaced _ -> 41;
            case ApprovalRequested _ -> 34;
            case DecisionTaken _ -> 35;
            case ApprovalReminded _ -> 36;
            case ApprovalWithdrawn _ -> 26;
            case StepProgressed _ -> 40;
            case ChildStarted _ -> 23;
            case CallRefused _ -> 24;
            case SignalSent _ -> 25;
        };
    }

    /// Writes the fields of an event, apart from its contents.
    static void write(WireWriter w, long timeMillis, Event event) {
        switch (event) {
            case RunStarted e -> {
                w.string(e.workflow())
                        .varint(e.version())
                        .u8(
                                (e.session().isPresent() ? 1 : 0)
                                        | (e.parent().isPresent() ? 2 : 0)
                                        | (e.deadlineMillis().isPresent() ? 4 : 0));
                e.session().ifPresent(w::string);
                e.parent()
                        .ifPresent(parent -> w.string(parent.run()).varint(parent.sequence()).u8(parent.bond().code()));
                e.deadlineMillis().ifPresent(w::varint);
            }
            case StepIntended e -> w.varint(e.attempt()).u8(e.input().isPresent() ? 1 : 0);
            case AttemptFailed e -> w.varint(e.attempt()).varint(e.retryAtMillis()).u8(e.input().isPresent() ? 1 : 0);
            case StepInDoubt e -> w.varint(e.attempt());
            case StepCompleted e ->
                    w.u8(e.effect().code())
                            .varint(e.attempt())
                            .varint(Math.max(0, timeMillis - e.startedMillis()))
                            .u8(e.input().isPresent() ? 1 : 0);
            case StepFailed e -> w.varint(e.attempt()).u8(e.input().isPresent() ? 1 : 0);
            case TurnEnded e -> {
                w.varint(e.turn())
                        .u8(
                                (e.done() ? 1 : 0)
                                        | (e.exclusive() ? 2 : 0)
                                        | (e.variables().isPresent() ? 4 : 0)
                                        | (e.children() > 0 ? 8 : 0)
                                        | (e.undos().isPresent() ? 16 : 0)
                                        | (e.late() ? 32 : 0))
                        .varint(e.loopStart());
                if (e.children() > 0) {
                    w.varint(e.children());
                }
            }
            case UndoRegistered e -> w.string(e.undo());
            case UpdateAnswered e -> w.string(e.message()).string(e.name());
            case UpdateRefused e -> w.string(e.message()).string(e.name());
            case CheckpointReached e -> w.string(e.label()).u8(e.variables().isPresent() ? 1 : 0);
            case VariableSet e -> w.string(e.name());
            case StrandsFailed e -> w.varint(e.strand());
            case ArtifactSaved e -> w.string(e.name()).string(e.mediaType()).digest(e.content()).varint(e.size());
            case CancelTaken e -> w.string(e.message()).string(e.reason());
            case DeadlinePassed e -> w.varint(e.deadlineMillis());
            case RunCompleted _ -> {}
            case RunFailed e -> w.varint(e.causeSequence() + 1).string(e.causeStrand()).u8(e.undone() ? 1 : 0);
            case RunCancelled e -> w.string(e.reason());
            case RunRetried e -> w.string(e.by()).string(e.reason()).varint(e.fromSequence()).string(e.strand());
            case WaitBegan e -> w.string(e.what()).varint(e.untilMillis());
            case MessageTaken e -> w.string(e.message()).string(e.kind()).string(e.name());
            case WaitTimedOut _ -> {}
            case DoubtResolved e ->
                    w.varint(e.attempt())
                            .u8(e.resolution().code())
                            .string(e.by())
                            .string(e.reason())
                            .u8(e.result().isPresent() ? 1 : 0);
            case RunPaused e -> w.string(e.by()).string(e.reason());
            case RunResumed e -> w.string(e.by()).string(e.reason());
            case InputReplaced _ -> {}
            case StepProgressed e -> w.varint(e.attempt()).u8(e.input().isPresent() ? 1 : 0);
            case StepPutOff e ->
                    w.varint(e.attempt())
                            .varint(e.times())
                            .varint(e.sinceMillis())
                            .varint(e.untilMillis())
                            .u8(e.input().isPresent() ? 1 : 0);
            case ApprovalRequested e -> w.varint(e.untilMillis());
            case DecisionTaken e ->
                    w.string(e.message())
                            .string(e.by())
                            .string(e.choice())
                            .string(e.refused())
                            .u8(e.edited().isPresent() ? 1 : 0);
            case ApprovalReminded e -> w.varint(e.stage());
            case ApprovalWithdrawn e -> w.string(e.reason());
            case ChildStarted e ->
                    w.string(e.run()).string(e.workflow()).varint(e.version()).u8(e.bond().code()).digest(e.input());
            case CallRefused _ -> {}
            case SignalSent e -> w.string(e.run()).string(e.name());
        }
    }

    /// Reads an event of this kind: its fields from the body, its payloads from the data.
    static Event read(int kind, long timeMillis, WireReader r, WireReader data) {
        return switch (kind) {
            case 1 -> {
                String workflow = r.string();
                int version = r.smallInt();
                int flags = r.u8();
                Optional<String> session = (flags & 1) != 0 ? Optional.of(r.string()) : Optional.empty();
                Optional<Parent> parent =
                        (flags & 2) != 0
                                ? Optional.of(new Parent(r.string(), r.varint(), Bond.of(r.u8())))
                                : Optional.empty();
                Optional<Long> deadline = (flags & 4) != 0 ? Optional.of(r.varint()) : Optional.empty();
                yield new RunStarted(workflow, version, session, parent, deadline, content(r, data));
            }
            case 2 -> new StepIntended(r.smallInt(), optional(r.u8(), r, data));
            case 3 -> {
                int attempt = r.smallInt();
                long retryAt = r.varint();
                yield new AttemptFailed(attempt, retryAt, optional(r.u8(), r, data), content(r, data));
            }
            case 4 -> new StepInDoubt(r.smallInt(), content(r, data));
            case 5 -> {
                Effect effect = Effect.of(r.u8());
                int attempt = r.smallInt();
                long started = Math.max(0, timeMillis - r.varint()); // kept as how long it took
                yield new StepCompleted(effect, attempt, started, optional(r.u8(), r, data), content(r, data));
            }
            case 6 -> {
                int attempt = r.smallInt();
                yield new StepFailed(attempt, optional(r.u8(), r, data), content(r, data));
            }
            case 7 -> {
                long turn = r.varint();
                int flags = r.u8();
                long loopStart = r.varint();
                long children = (flags & 8) != 0 ? r.varint() : 0;
                Content state = content(r, data);
                yield new TurnEnded(
                        turn,
                        (flags & 1) != 0,
                        loopStart,
                        (flags & 2) != 0,
                        children,
                        (flags & 32) != 0,
                        state,
                        optional(flags >> 2 & 1, r, data),
                        optional(flags >> 4 & 1, r, data));
            }
            case 29 -> new UndoRegistered(r.string(), content(r, data));
            case 30 -> new UpdateAnswered(r.string(), r.string(), content(r, data), content(r, data));
            case 31 -> new UpdateRefused(r.string(), r.string(), content(r, data), content(r, data));
            case 8 -> new CheckpointReached(r.string(), optional(r.u8(), r, data));
            case 9 -> new VariableSet(r.string(), content(r, data));
            case 10 -> new StrandsFailed(r.smallInt(), content(r, data));
            case 11 -> new ArtifactSaved(r.string(), r.string(), r.digest(), r.varint());
            case 12 -> new CancelTaken(r.string(), r.string());
            case 28 -> new DeadlinePassed(r.varint());
            case 13 -> new RunCompleted(content(r, data));
            case 14 -> new RunFailed(r.varint() - 1, r.string(), r.u8() == 1, content(r, data));
            case 15 -> new RunCancelled(r.string());
            case 16 -> new RunRetried(r.string(), r.string(), r.varint(), r.string());
            case 17 -> new WaitBegan(r.string(), r.varint());
            case 18 -> new MessageTaken(r.string(), r.string(), r.string(), content(r, data));
            case 19 -> new WaitTimedOut();
            case 20 -> {
                int attempt = r.smallInt();
                Resolution resolution = Resolution.of(r.u8());
                String by = r.string();
                String reason = r.string();
                yield new DoubtResolved(attempt, resolution, by, reason, optional(r.u8(), r, data));
            }
            case 21 -> new RunPaused(r.string(), r.string());
            case 22 -> new RunResumed(r.string(), r.string());
            case 39 -> {
                int attempt = r.smallInt();
                int times = r.smallInt();
                long since = r.varint();
                long until = r.varint();
                yield new StepPutOff(attempt, times, since, until, optional(r.u8(), r, data), content(r, data));
            }
            case 34 -> {
                long until = r.varint();
                Content proposal = content(r, data);
                yield new ApprovalRequested(until, proposal, content(r, data));
            }
            case 35 -> {
                String message = r.string();
                String by = r.string();
                String choice = r.string();
                String refused = r.string();
                int edited = r.u8();
                Content said = content(r, data);
                yield new DecisionTaken(message, by, choice, refused, said, optional(edited, r, data));
            }
            case 36 -> new ApprovalReminded(r.smallInt());
            case 26 -> new ApprovalWithdrawn(r.string());
            case 40 -> {
                int attempt = r.smallInt();
                yield new StepProgressed(attempt, optional(r.u8(), r, data), content(r, data));
            }
            case 23 -> new ChildStarted(r.string(), r.string(), r.smallInt(), Bond.of(r.u8()), r.digest());
            case 24 -> new CallRefused(content(r, data));
            case 25 -> new SignalSent(r.string(), r.string(), content(r, data));
            case 41 -> new InputReplaced(content(r, data));
            default ->
                    throw new CorruptedException(
                            "unknown kind "
                                    + kind
                                    + ": written by a newer version of Perdure, or damaged. Upgrade, or run `perdure"
                                    + " verify`.");
        };
    }

    private static Optional<Content> optional(int present, WireReader body, WireReader data) {
        return present == 1 ? Optional.of(content(body, data)) : Optional.empty();
    }

    private static Content content(WireReader body, WireReader data) {
        String type = body.string();
        int version = body.smallInt();
        int mode = body.u8();
        Optional<Digest> explicit = mode == 2 ? Optional.of(body.digest()) : Optional.empty();
        Packed packed = Packed.read(data);
        Digest digest = packed.digest();
        return new Content(type, version, digest, mode == 1 ? Optional.of(digest) : explicit, packed);
    }
}
