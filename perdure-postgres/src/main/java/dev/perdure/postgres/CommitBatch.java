package dev.perdure.postgres;

import dev.perdure.error.InvalidInputException;
import dev.perdure.error.PerdureException;
import dev.perdure.error.UnavailableException;
import dev.perdure.journal.EncodedEntry;
import dev.perdure.journal.RunId;
import dev.perdure.store.AppendOutcome;
import dev.perdure.store.AppendOutcome.Committed;
import dev.perdure.store.AppendOutcome.Refused;
import dev.perdure.store.AppendOutcome.Unknown;
import dev.perdure.store.InboxMessage;
import dev.perdure.store.RunAppend;

import org.jspecify.annotations.Nullable;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;

/// Commits a batch of appends by one call of the function `append`, with autocommit: one round trip, in which the
/// server checks the fences under the heads' locks, writes, and commits.
///
/// The function says only which appends it wrote. Why it left others is found out afterwards, by [JudgeAppend]: heads
/// only move on and epochs only grow, so that what it reads then is still the reason, or the append may be tried again.
///
/// If the connection breaks, nobody can tell whether the commit happened: the answer is Unknown. If the server answers
/// an error, it has undone everything: a deadlock is tried again, and if one append of several is at fault they go one
/// by one, so that it does not hurt the others.
final class CommitBatch implements AutoCloseable {
    /// Places in a batch have so many numbers (format-1.sql, entry.pos).
    private static final int MAX_ENTRIES = 1 << 18;

    /// What one call sends at most, unless a single append is larger; the protocol has a limit of 1 GiB.
    private static final long MAX_BYTES = 32L << 20;

    /// What an append takes besides bodies and payloads, roughly.
    private static final int APPEND_BYTES = 200;

    /// What a message takes besides its body, roughly.
    private static final int MESSAGE_BYTES = 400;

    /// Places of chains, so that handles begin with different ones.
    private static final AtomicInteger HANDLES = new AtomicInteger((int) ProcessHandle.current().pid());

    private final Connections connections;
    private final RunNumbers numbers = new RunNumbers();
    private final CommitLane lane = new CommitLane();
    private final int chain = HANDLES.getAndIncrement() & (VerifyChains.CHAINS - 1);

    CommitBatch(Connections connections) {
        this.connections = connections;
    }

    /// See [dev.perdure.store.RunStore#append].
    List<AppendOutcome> commit(List<RunAppend> batch) {
        return lane.call(() -> commitHere(batch));
    }

    private List<AppendOutcome> commitHere(List<RunAppend> batch) {
        checkDistinct(batch);
        @Nullable AppendOutcome[] outcomes = new AppendOutcome[batch.size()];
        List<Integer> sound = new ArrayList<>();
        for (int i = 0; i < outcomes.length; i++) {
            outcomes[i] = malformed(batch.get(i));
            if (outcomes[i] == null) {
                sound.add(i);
            }
        }
        if (sound.size() > 1) {
            sound.sort(Comparator.comparing(i -> batch.get(i).run().value())); // the order of locks
        }
        for (List<Integer> part : parts(batch, sound)) {
            List<RunAppend> appends = part.stream().map(batch::get).toList();
            List<AppendOutcome> answers = commitPart(appends, 1);
            for (int i = 0; i < answers.size(); i++) {
                outcomes[part.get(i)] = answers.get(i);
            }
        }
        List<AppendOutcome> all = new ArrayList<>(outcomes.length);
        for (AppendOutcome outcome : outcomes) {
            if (outcome == null) {
                throw new IllegalStateException("an append was left unanswered");
            }
            all.add(outcome);
        }
        return all;
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

    private static @Nullable AppendOutcome malformed(RunAppend append) {
        if (append.entries().size() > MAX_ENTRIES) {
            return new Refused(
                    new InvalidInputException(
                            "run "
                                    + append.run()
                                    + ": an append has at most "
                                    + MAX_ENTRIES
                                    + " entries. Nothing was written. Divide it."));
        }
        long expected = append.first().sequence();
        for (EncodedEntry entry : append.entries()) {
            if (entry.sequence() != expected) {
                return JudgeAppend.misplaced(append, entry.sequence(), expected);
            }
            expected++;
        }
        if (append.create().isPresent() && append.first().sequence() != 0) {
            return JudgeAppend.misplaced(append, append.first().sequence(), 0);
        }
        if (append.create().isPresent() && !append.consumed().isEmpty()) {
            return JudgeAppend.missing(append, append.consumed().getFirst());
        }
        return null;
    }

    private static List<List<Integer>> parts(List<RunAppend> batch, List<Integer> sound) {
        List<List<Integer>> parts = new ArrayList<>();
        List<Integer> part = new ArrayList<>();
        long bytes = 0;
        long entries = 0;
        for (int i : sound) {
            RunAppend append = batch.get(i);
            long size = bytes(append);
            if (!part.isEmpty() && (bytes + size > MAX_BYTES || entries + append.entries().size() > MAX_ENTRIES)) {
                parts.add(part);
                part = new ArrayList<>();
                bytes = 0;
                entries = 0;
            }
            part.add(i);
            bytes += size;
            entries += append.entries().size();
        }
        if (!part.isEmpty()) {
            parts.add(part);
        }
        return parts;
    }

    private static long bytes(RunAppend append) {
        long bytes = APPEND_BYTES;
        for (EncodedEntry entry : append.entries()) {
            bytes += entry.body().length + entry.data().length;
        }
        for (InboxMessage message : append.send()) {
            bytes += message.body().length() * 3L + MESSAGE_BYTES;
        }
        for (var leaf : append.shared().values()) {
            bytes += leaf.bytes().length;
        }
        return bytes;
    }

    private List<AppendOutcome> commitPart(List<RunAppend> part, int attempt) {
        boolean[] written;
        try (Connection connection = connections.borrow("commit entries")) {
            written = call(new Sql(connection, connections.url().schema()), part);
        } catch (SQLException e) {
            return failed(part, e, attempt);
        } catch (PerdureException e) {
            return all(part, new Refused(e)); // there was no connection: nothing was sent
        }
        List<AppendOutcome> outcomes = new ArrayList<>(part.size());
        for (int i = 0; i < written.length; i++) {
            if (written[i]) {
                outcomes.add(new Committed());
            } else {
                numbers.forget(part.get(i).run());
                outcomes.add(judge(part.get(i), attempt));
            }
        }
        return outcomes;
    }

    /// Writes what can be written, in the transaction of this connection; answers which was. Thread-safe.
    boolean[] call(Sql sql, List<RunAppend> part) throws SQLException {
        @Nullable Long[] known = new Long[part.size()];
        for (int i = 0; i < known.length; i++) {
            known[i] = numbers.of(part.get(i).run());
        }
        @Nullable Long[] written =
                part.size() == 1 && AppendOne.suits(part.getFirst())
                        ? new Long[] {AppendOne.call(sql, part.getFirst(), chain, known[0])}
                        : call(sql, new BatchArrays(part, known));
        boolean[] answers = new boolean[written.length];
        for (int i = 0; i < written.length; i++) {
            Long number = written[i];
            answers[i] = number != null;
            if (number != null && known[i] == null) {
                numbers.note(part.get(i).run(), number);
            } else if (number == null) {
                numbers.forget(part.get(i).run());
            }
        }
        return answers;
    }

    private @Nullable Long[] call(Sql sql, BatchArrays arrays) throws SQLException {
        try (PreparedStatement statement = sql.prepare(arrays.call())) {
            arrays.bind(sql, statement, chain);
            try (ResultSet row = statement.executeQuery()) {
                row.next();
                return (Long[]) row.getArray(1).getArray();
            }
        }
    }

    private List<AppendOutcome> failed(List<RunAppend> part, SQLException failure, int attempt) {
        PerdureException cause = connections.failure(failure, "commit entries");
        if (Failures.isGone(failure)) {
            return all(part, new Unknown(cause));
        }
        if (Failures.isTransient(failure) && attempt < Connections.MAX_ATTEMPTS) {
            Connections.pause(attempt);
            return commitPart(part, attempt + 1);
        }
        if (part.size() == 1 && Failures.lacksMessage(failure)) {
            return List.of(judge(part.getFirst(), attempt));
        }
        if (part.size() == 1 || !Failures.mayConcernOneRow(failure)) {
            return all(part, new Refused(cause));
        }
        List<AppendOutcome> outcomes = new ArrayList<>(part.size());
        for (RunAppend append : part) {
            outcomes.addAll(commitPart(List.of(append), 1));
        }
        return outcomes;
    }

    /// What became of an append that was not written.
    private AppendOutcome judge(RunAppend append, int attempt) {
        try {
            Optional<AppendOutcome> reason = connections.call("commit entries", sql -> JudgeAppend.judge(sql, append));
            if (reason.isPresent()) {
                return reason.get();
            }
        } catch (PerdureException e) {
            return new Refused(e);
        }
        if (attempt == Connections.MAX_ATTEMPTS) {
            return new Refused(
                    new UnavailableException(
                            "run "
                                    + append.run()
                                    + " changed each time its entries were to be committed. Nothing was written. Try"
                                    + " again."));
        }
        return commitPart(List.of(append), attempt + 1).getFirst(); // what stood in the way is gone
    }

    private static List<AppendOutcome> all(List<RunAppend> part, AppendOutcome outcome) {
        return part.stream().map(_ -> outcome).toList();
    }

    @Override
    public void close() {
        lane.close();
    }
}
