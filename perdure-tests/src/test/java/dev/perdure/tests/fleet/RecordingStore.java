package dev.perdure.tests.fleet;

import dev.perdure.store.AppendOutcome;
import dev.perdure.store.ClaimRequest;
import dev.perdure.store.RunAppend;
import dev.perdure.store.RunRecord;
import dev.perdure.store.RunRelease;
import dev.perdure.store.RunStore;
import dev.perdure.store.StoreTransaction;
import dev.perdure.store.Transactions;
import dev.perdure.tests.PassingStore;

import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.UnaryOperator;

/// Writes down what the store says, before the worker hears of it.
final class RecordingStore extends PassingStore {
    private final HistoryFile history;
    private final UnaryOperator<Transactions> plant;

    /// @param plant what is done to transactions: nothing, or a bug
    RecordingStore(RunStore beneath, HistoryFile history, UnaryOperator<Transactions> plant) {
        super(beneath);
        this.history = history;
        this.plant = plant;
    }

    @Override
    public List<AppendOutcome> append(List<RunAppend> batch) {
        List<AppendOutcome> outcomes = super.append(batch);
        for (int i = 0; i < outcomes.size(); i++) {
            if (outcomes.get(i) instanceof AppendOutcome.Committed) {
                history.acknowledged(batch.get(i));
            }
        }
        return outcomes;
    }

    @Override
    public List<RunRecord> claim(ClaimRequest request) {
        List<RunRecord> claimed = super.claim(request);
        claimed.forEach(history::claimed);
        return claimed;
    }

    @Override
    public void release(List<RunRelease> releases) {
        super.release(releases);
        releases.forEach(release -> history.released(release.run().value(), release.epoch()));
    }

    @Override
    public Optional<Transactions> transactions() {
        return super.transactions().map(plant).map(RecordedTransactions::new);
    }

    private final class RecordedTransactions implements Transactions {
        private final Transactions beneath;

        RecordedTransactions(Transactions beneath) {
            this.beneath = beneath;
        }

        @Override
        public boolean alone() {
            return beneath.alone();
        }

        @Override
        public StoreTransaction begin(Duration limit) {
            return new Recorded(beneath.begin(limit), history);
        }
    }

    private record Recorded(StoreTransaction beneath, HistoryFile history) implements StoreTransaction {
        @Override
        public Connection connection() {
            return beneath.connection();
        }

        @Override
        public AppendOutcome commit(RunAppend append) throws SQLException {
            AppendOutcome outcome = beneath.commit(append);
            if (outcome instanceof AppendOutcome.Committed) {
                history.acknowledged(append);
            }
            return outcome;
        }

        @Override
        public Trouble trouble() {
            return beneath.trouble();
        }

        @Override
        public void cancel(String why) {
            beneath.cancel(why);
        }

        @Override
        public void close() {
            beneath.close();
        }
    }
}
