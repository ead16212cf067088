package dev.perdure.tests.fleet;

import dev.perdure.store.AppendOutcome;
import dev.perdure.store.ClaimRequest;
import dev.perdure.store.RunAppend;
import dev.perdure.store.RunRecord;
import dev.perdure.store.RunRelease;
import dev.perdure.store.RunStore;
import dev.perdure.tests.PassingStore;

import java.util.List;

/// Writes down what the store says, before the worker hears of it.
final class RecordingStore extends PassingStore {
    private final HistoryFile history;

    RecordingStore(RunStore beneath, HistoryFile history) {
        super(beneath);
        this.history = history;
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
}
