package dev.perdure.store;

import java.util.Optional;

/// Something a verification found to be other than what was written.
///
/// @param run the run concerned, where one is known
/// @param where the place: an entry, a payload, a table's row and column
/// @param what what is wrong with it
public record Finding(Optional<String> run, String where, String what) {
    @Override
    public String toString() {
        return run.map(id -> "run " + id + ", ").orElse("") + where + ": " + what;
    }
}
