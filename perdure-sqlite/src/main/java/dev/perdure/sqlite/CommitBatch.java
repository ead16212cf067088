package dev.perdure.sqlite;

import dev.perdure.error.CorruptedException;
import dev.perdure.error.InvalidInputException;
import dev.perdure.error.PerdureException;
import dev.perdure.journal.RunId;
import dev.perdure.store.AppendOutcome;
import dev.perdure.store.AppendOutcome.Committed;
import dev.perdure.store.AppendOutcome.Refused;
import dev.perdure.store.AppendOutcome.Unknown;
import dev.perdure.store.RunAppend;

import org.jspecify.annotations.Nullable;

import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/// Commits a batch of appends in one transaction.
///
/// A commit of one entry costs five statements: begin, insert the entry, move the run's head, move the chain's head,
/// commit. There is no query among them: what they rely on is remembered from the last commit, and their WHERE clauses
/// compare it with what is stored. If any of it proves wrong (another process wrote in between), the transaction is
/// rolled back and the batch goes a second time, with everything read afresh under the write lock.
///
/// The commit leader calls this on its own thread, be it virtual: see NativeCalls.
final class CommitBatch {
    private final Writer writer;
    private final StoreFile file;

    CommitBatch(Writer writer, StoreFile file) {
        this.writer = writer;
        this.file = file;
    }

    /// See [dev.perdure.store.RunStore#append].
    List<AppendOutcome> commit(List<RunAppend> batch) {
        checkDistinct(batch);
        return writer.exclusively("commit entries", () -> commitHeld(batch));
    }

    private List<AppendOutcome> commitHeld(List<RunAppend> batch) {
        List<AppendOutcome> outcomes = attempt(batch, true);
        if (outcomes == null) {
            outcomes = attempt(batch, false);
        }
        if (outcomes == null) {
            throw new CorruptedException(
                    file.path() + ": a head cannot be moved on although it is the expected one. Run `perdure verify`.");
        }
        return outcomes;
    }

    // Something is wrong with one of them, a damaged row of its run perhaps: the others are not to suffer from it.
    private List<AppendOutcome> oneByOne(List<RunAppend> batch) {
        List<AppendOutcome> outcomes = new ArrayList<>(batch.size());
        for (RunAppend append : batch) {
            outcomes.addAll(commitHeld(List.of(append)));
        }
        return outcomes;
    }

    private static void checkDistinct(List<RunAppend> batch) {
        if (batch.size() < 2) {
            return;
        }
        Set<RunId> runs = HashSet.newHashSet(batch.size());
        for (RunAppend append : batch) {
            if (!runs.add(append.run())) {
                throw new InvalidInputException(
                        "run "
                                + append.run()
                                + " occurs twice in a batch. Nothing was written. Append its entries together.");
            }
        }
    }

    /// Null: something assumed was wrong, nothing was written.
    private @Nullable List<AppendOutcome> attempt(List<RunAppend> batch, boolean trusting) {
        @Nullable AppendOutcome[] outcomes = new AppendOutcome[batch.size()];
        Sql sql = writer.sql();
        try {
            sql.run("BEGIN IMMEDIATE");
            List<JudgeAppend.Accepted> accepted =
                    new JudgeAppend(sql, trusting ? writer.heads() : null).judge(batch, outcomes);
            if (accepted.isEmpty()) {
                sql.run("ROLLBACK");
                return finished(outcomes);
            }
            ChainHead before = trusting && writer.chain() != null ? writer.chain() : ChainHead.load(sql);
            WriteAppends write = new WriteAppends(sql, before);
            if (!write.write(accepted)) {
                writer.rollback();
                return null;
            }
            return end(accepted, write, outcomes);
        } catch (SQLException e) {
            writer.rollback();
            if (trusting && Failures.isConstraint(e)) {
                return null; // a number that was to be given to a new row is taken
            }
            return batch.size() > 1 && Failures.mayConcernOneRow(e)
                    ? oneByOne(batch)
                    : refused(outcomes, file.failure(e, "commit entries"));
        } catch (PerdureException e) {
            writer.rollback();
            return batch.size() > 1 ? oneByOne(batch) : refused(outcomes, e);
        } catch (RuntimeException | Error e) {
            writer.rollback();
            throw e;
        }
    }

    private List<AppendOutcome> end(
            List<JudgeAppend.Accepted> accepted, WriteAppends write, @Nullable AppendOutcome[] outcomes) {
        try {
            writer.sql().run("COMMIT");
        } catch (SQLException e) {
            writer.rollback();
            PerdureException cause = file.failure(e, "commit entries");
            if (Failures.leavesCommitOpen(e)) {
                for (JudgeAppend.Accepted one : accepted) {
                    outcomes[one.index()] = new Unknown(cause);
                }
                return finished(outcomes);
            }
            return refused(outcomes, cause);
        }
        writer.assumeChain(write.chain());
        for (int i = 0; i < accepted.size(); i++) {
            JudgeAppend.Accepted one = accepted.get(i);
            writer.heads().assume(one.append().run(), write.heads().get(i));
            outcomes[one.index()] = new Committed();
        }
        writer.noteWritten(write.bytes(), write.changedIndex());
        return finished(outcomes);
    }

    private static List<AppendOutcome> refused(@Nullable AppendOutcome[] outcomes, PerdureException cause) {
        for (int i = 0; i < outcomes.length; i++) {
            if (outcomes[i] == null) {
                outcomes[i] = new Refused(cause);
            }
        }
        return finished(outcomes);
    }

    private static List<AppendOutcome> finished(@Nullable AppendOutcome[] outcomes) {
        List<AppendOutcome> all = new ArrayList<>(outcomes.length);
        for (AppendOutcome outcome : outcomes) {
            if (outcome == null) {
                throw new IllegalStateException("an append was left unanswered");
            }
            all.add(outcome);
        }
        return all;
    }
}
