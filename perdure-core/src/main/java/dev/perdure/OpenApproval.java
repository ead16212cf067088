package dev.perdure;

import java.time.Instant;
import java.util.List;
import java.util.Optional;

/// An approval that waits for somebody to decide, as [Administration#approvals] lists them. Immutable.
///
/// @param run the run's id
/// @param workflow the run's workflow
/// @param path where in the run it was asked for; addresses it
/// @param name its name, which addresses it too, unless the run has several of that name
/// @param proposal JSON of what is proposed, as it was edited last
/// @param digest the digest of the proposal; a decision holds for this one only
/// @param suggest whether it may be edited
/// @param editable the fields that may be edited; empty: all
/// @param choices all choices, `approve` and `reject` first
/// @param assignees who may decide by now, `role:` before roles; empty: everybody
/// @param quorum how many people have to make the same choice
/// @param verifiedOnly whether people who only claim to be somebody are refused
/// @param reasons what the agent says for its proposal
/// @param since when it was asked for
/// @param until when it ends undecided
/// @param atTimeout the choice that holds then
/// @param reminders how many times it was reminded of or escalated
/// @param votes who has decided so far
/// @param refused why decisions on it did not count, oldest first
public record OpenApproval(
        String run,
        String workflow,
        String path,
        String name,
        String proposal,
        String digest,
        boolean suggest,
        List<String> editable,
        List<String> choices,
        List<String> assignees,
        int quorum,
        boolean verifiedOnly,
        List<String> reasons,
        Instant since,
        Optional<Instant> until,
        String atTimeout,
        int reminders,
        List<Decision.Vote> votes,
        List<String> refused) {
    /// Copies the lists.
    public OpenApproval {
        editable = List.copyOf(editable);
        choices = List.copyOf(choices);
        assignees = List.copyOf(assignees);
        reasons = List.copyOf(reasons);
        votes = List.copyOf(votes);
        refused = List.copyOf(refused);
    }
}
