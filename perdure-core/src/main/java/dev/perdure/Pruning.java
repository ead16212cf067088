package dev.perdure;

import dev.perdure.error.InvalidInputException;
import dev.perdure.store.RunStore;

import java.time.Duration;
import java.util.Optional;

/// Which runs [Administration#prune] removes, and in how large pieces.
///
/// ```java
/// var month = Pruning.endedBefore(Duration.ofDays(30)).ofWorkflow("brief");
/// ```
///
/// Immutable.
///
/// @param age how long ago a run must have ended
/// @param workflow only runs of this workflow
/// @param batch how many runs one transaction takes, 1 to [RunStore#MAX_PRUNED]
/// @param dryRun whether it is only counted what would be removed
public record Pruning(Duration age, Optional<String> workflow, int batch, boolean dryRun) {
    /// How many runs one transaction takes unless another number is given.
    public static final int DEFAULT_BATCH = 100;

    private static final Duration LONGEST = Duration.ofDays(1_000_000);

    /// @throws InvalidInputException if the age is negative or above a million days, or the batch is not one of 1 to
    ///   [RunStore#MAX_PRUNED]
    public Pruning {
        if (age.isNegative()) {
            throw new InvalidInputException("runs that will have ended in " + age.negated() + " cannot be pruned.");
        }
        if (age.compareTo(LONGEST) > 0) {
            throw new InvalidInputException(
                    "nothing ended longer ago than a million days; got " + age + ". Nothing was pruned.");
        }
        if (batch < 1 || batch > RunStore.MAX_PRUNED) {
            throw new InvalidInputException(
                    "a batch is of 1 to " + RunStore.MAX_PRUNED + " runs; got " + batch + ". Nothing was pruned.");
        }
    }

    /// Runs that ended so long ago, of all workflows.
    public static Pruning endedBefore(Duration age) {
        return new Pruning(age, Optional.empty(), DEFAULT_BATCH, false);
    }

    /// Only runs of this workflow.
    public Pruning ofWorkflow(String name) {
        return new Pruning(age, Optional.of(name), batch, dryRun);
    }

    /// So many runs in a transaction.
    public Pruning inBatchesOf(int runs) {
        return new Pruning(age, workflow, runs, dryRun);
    }

    /// Only counts.
    public Pruning asDryRun() {
        return new Pruning(age, workflow, batch, true);
    }

    /// What was done, so far or in all.
    ///
    /// @param runs how many runs were pruned, or would be
    /// @param entries how many entries these had
    /// @param kept how many that ended long enough ago were left, since something still needs them
    public record Report(long runs, long entries, long kept) {}
}
