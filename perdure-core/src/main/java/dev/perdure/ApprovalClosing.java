package dev.perdure;

import dev.perdure.error.PerdureException;
import dev.perdure.journal.Path;
import dev.perdure.store.InboxMessage;

import java.util.Optional;

/// How a run that gives up waiting for a decision makes sure that none is lost: what was sent first counts.
///
/// Decisions are messages whose ids are numbered, so that of two made on the same state the store takes one. Whoever
/// closes an approval takes the next number by a message of its own. If the store takes it, nobody's decision can be
/// sent any more; if not, somebody's is in the inbox, and is looked at first. The entry that ends the approval consumes
/// the message. A kill between the two leaves it in the inbox, where the run that resumes finds it.
///
/// Not thread-safe: it belongs to its strand.
final class ApprovalClosing {
    /// What a message that closes says: the approval's own time is up.
    static final String TIME_UP = "\"time up\"";

    /// The same: the time of the wait is up that the approval is part of, or another arm of it came first.
    static final String SUPERSEDED = "\"superseded\"";

    private final Strand strand;
    private final Path path;
    private Optional<String> message = Optional.empty();
    private boolean superseded;

    ApprovalClosing(Strand strand, Path path) {
        this.strand = strand;
        this.path = path;
    }

    /// The id of the next message about an approval.
    static String messageId(String path, ApprovalState state) {
        return "decision:" + path + "@" + state.sequence() + ":" + state.messages().size();
    }

    /// Whether a message is about the approval at a path.
    static boolean isOf(String path, InboxMessage message) {
        return (message.kind().equals(InboxMessage.DECISION) || message.kind().equals(InboxMessage.APPROVAL_CLOSED))
                && message.name().equals(path);
    }

    /// Takes an approval for ended that a message on its way closes.
    static void assume(ApprovalState state, InboxMessage message) {
        if (message.body().equals(TIME_UP)) {
            state.timedOut();
        } else {
            state.withdrawn(Long.MAX_VALUE, "the run goes on without it");
        }
    }

    /// Closes the approval, unless it is. False: a decision came before, and can be taken now.
    boolean close(ApprovalState state, String why) {
        if (message.isPresent()) {
            return true;
        }
        Execution execution = strand.execution();
        String id = messageId(path.text(), state);
        InboxMessage closing =
                new InboxMessage(
                        execution.id(),
                        id,
                        InboxMessage.APPROVAL_CLOSED,
                        path.text(),
                        why,
                        execution.engine().clock().millis());
        try {
            if (execution.engine().store().deliver(closing)) {
                message = Optional.of(id);
                return true;
            }
            execution.readInbox();
        } catch (PerdureException stopped) {
            throw execution.leave(new Outcome.Stopped(stopped));
        }
        execution.throwIfUnwinding();
        return !execution.gate().waits().holds(other -> isOf(path.text(), other));
    }

    /// Takes note of a message that closed the approval before this process took the run.
    void found(InboxMessage closing) {
        message = Optional.of(closing.id());
        superseded = closing.body().equals(SUPERSEDED);
    }

    /// Whether the approval was found closed because the wait it is part of is over.
    boolean superseded() {
        return superseded;
    }

    /// The message that closed it.
    Optional<String> message() {
        return message;
    }
}
