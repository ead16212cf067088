package dev.perdure.tests.crash;

import dev.perdure.journal.RunId;
import dev.perdure.store.AppendOutcome;
import dev.perdure.store.ClaimRequest;
import dev.perdure.store.RunAppend;
import dev.perdure.store.RunRecord;
import dev.perdure.store.RunStore;
import dev.perdure.tests.PassingStore;

import java.util.List;
import java.util.Optional;

/// The planted bug "acknowledge before commit": answers an append at once and commits it when the next call comes.
final class ForgetfulStore extends PassingStore {
    private List<RunAppend> unwritten = List.of();

    ForgetfulStore(RunStore beneath) {
        super(beneath);
    }

    @Override
    public synchronized List<AppendOutcome> append(List<RunAppend> batch) {
        write();
        if (batch.stream().anyMatch(append -> append.create().isPresent())) {
            return super.append(batch);
        }
        unwritten = batch;
        return batch.stream().<AppendOutcome>map(_ -> new AppendOutcome.Committed()).toList();
    }

    private void write() {
        if (!unwritten.isEmpty()) {
            super.append(unwritten);
            unwritten = List.of();
        }
    }

    @Override
    public synchronized Optional<RunRecord> find(RunId run) {
        write();
        return super.find(run);
    }

    @Override
    public synchronized List<RunRecord> claim(ClaimRequest request) {
        write();
        return super.claim(request);
    }
}
