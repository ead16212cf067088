package dev.perdure;

import dev.perdure.value.LogicalType;

import java.util.ArrayList;
import java.util.List;

/// Who may decide on an approval and how: what the journal keeps of an [Approval] beside its proposal.
///
/// @param choices what may be chosen, `approve` and `reject` first
/// @param suggest whether the proposal may be edited
/// @param editable the fields that may be; empty: all
/// @param assignees who may decide, `role:` before roles; empty: everybody
/// @param stages what happens while it is undecided, in order of time
/// @param atTimeout the choice that holds when the time is up
record ApprovalTerms(
        List<String> choices,
        boolean suggest,
        List<String> editable,
        List<String> assignees,
        int quorum,
        boolean verifiedOnly,
        List<Stage> stages,
        String atTimeout,
        List<String> reasons) {
    static final LogicalType TYPE = new LogicalType("perdure.ApprovalTerms", 1);

    /// After a time it is reminded of; whoever is named may decide from then on.
    record Stage(long afterMillis, List<String> assignees) {}

    /// Who may decide once so many stages hold.
    List<String> assigneesAt(int stage) {
        if (assignees.isEmpty()) {
            return List.of();
        }
        List<String> all = new ArrayList<>(assignees);
        stages.stream().limit(stage).flatMap(one -> one.assignees().stream()).forEach(all::add);
        return all.stream().distinct().toList();
    }

    /// Whether somebody may decide once so many stages hold.
    boolean allows(String id, List<String> roles, int stage) {
        List<String> who = assigneesAt(stage);
        return who.isEmpty() || who.contains(id) || roles.stream().anyMatch(role -> who.contains(Approval.ROLE + role));
    }
}
