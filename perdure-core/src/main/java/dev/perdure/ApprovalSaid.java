package dev.perdure;

import dev.perdure.value.LogicalType;

import java.util.List;
import java.util.Optional;

/// A decision on its way to the run, and in its journal.
///
/// @param digest of the proposal decided upon
/// @param edit JSON text of what changes
record ApprovalSaid(
        String by,
        List<String> roles,
        boolean verified,
        String from,
        long atMillis,
        String choice,
        String comment,
        String digest,
        Optional<String> edit) {
    static final LogicalType TYPE = new LogicalType("perdure.ApprovalSaid", 1);
}
