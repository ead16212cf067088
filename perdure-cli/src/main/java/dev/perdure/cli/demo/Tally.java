package dev.perdure.cli.demo;

import java.util.HashSet;
import java.util.List;
import java.util.Set;

/// What was executed around a kill: counted from the executions file, and from the set of steps the journals held while
/// the worker was dead.
///
/// @param beforeKill executions before the kill
/// @param afterResume executions after it
/// @param twice steps that were recorded before the kill and executed again; must be 0
/// @param inFlightReran steps executed before the kill, not recorded, and so executed again
/// @param inFlight steps under way when the kill came
record Tally(long beforeKill, long afterResume, long twice, long inFlightReran, long inFlight) {
    /// @param before what was executed before the kill
    /// @param recorded what the journals held then
    /// @param after what was executed after the kill
    static Tally of(List<StepAddress> before, Set<StepAddress> recorded, List<StepAddress> after) {
        Set<StepAddress> again = new HashSet<>(after);
        Set<StepAddress> unrecorded = new HashSet<>(before);
        unrecorded.removeAll(recorded);
        long reran = unrecorded.stream().filter(again::contains).count();
        again.retainAll(recorded);
        return new Tally(before.size(), after.size(), again.size(), reran, unrecorded.size());
    }
}
