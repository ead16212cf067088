package dev.perdure.tests.crash;

import dev.perdure.journal.RunId;
import dev.perdure.store.AppendOutcome;
import dev.perdure.store.RunAppend;
import dev.perdure.store.RunStore;
import dev.perdure.tests.PassingStore;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// The planted bug "consume after commit": a message is marked as consumed with the run's next entries, not in the
/// transaction of the entry that took it.
final class LateConsumingStore extends PassingStore {
    private final Map<RunId, List<String>> taken = new HashMap<>();

    LateConsumingStore(RunStore beneath) {
        super(beneath);
    }

    @Override
    public synchronized List<AppendOutcome> append(List<RunAppend> batch) {
        List<RunAppend> late = new ArrayList<>();
        for (RunAppend append : batch) {
            List<String> before = Optional.ofNullable(taken.put(append.run(), append.consumed())).orElse(List.of());
            late.add(
                    new RunAppend(
                            append.run(),
                            append.branch(),
                            append.epoch(),
                            append.expectedHead(),
                            append.entries(),
                            append.timeMillis(),
                            append.shared(),
                            before,
                            append.send(),
                            append.change(),
                            append.create()));
        }
        return super.append(late);
    }
}
