package dev.perdure;

import java.time.Instant;
import java.util.List;
import java.util.Optional;

/// How an [Approval] ended. Immutable.
///
/// @param choice [Approval#APPROVE], [Approval#REJECT] or one of its own choices
/// @param payload the proposal as it was decided upon: as proposed, or as somebody edited it. This is what is to run
/// @param edited whether somebody edited it
/// @param timedOut whether nobody decided in time, and the declared outcome holds
/// @param votes who decided, in order; only decisions that counted, on this very payload
public record Decision<T>(String choice, T payload, boolean edited, boolean timedOut, List<Vote> votes) {
    /// Copies the list.
    public Decision {
        votes = List.copyOf(votes);
    }

    /// One person's decision.
    ///
    /// @param verified whether it was made sure that it is this person, or it is only claimed
    /// @param from where it was made: user, host and process
    public record Vote(String by, boolean verified, String from, Instant at, String choice, String comment) {}

    /// Whether the payload is to run.
    public boolean approved() {
        return choice.equals(Approval.APPROVE);
    }

    /// Whether it is not to run.
    public boolean rejected() {
        return choice.equals(Approval.REJECT);
    }

    /// Who made the decision that settled it; empty if it timed out.
    public Optional<String> by() {
        return settling().map(Vote::by);
    }

    /// Why, in the words of who settled it; empty if nothing was said.
    public String comment() {
        return settling().map(Vote::comment).orElse("");
    }

    private Optional<Vote> settling() {
        return timedOut || votes.isEmpty() ? Optional.empty() : Optional.of(votes.getLast());
    }
}
