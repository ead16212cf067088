package dev.perdure.tests.guarantees;

import dev.perdure.error.UnavailableException;
import dev.perdure.journal.Digest;
import dev.perdure.journal.Entry;
import dev.perdure.journal.EntryCodec;
import dev.perdure.store.AppendOutcome;
import dev.perdure.store.RunAppend;
import dev.perdure.store.RunStore;
import dev.perdure.tests.PassingStore;

import java.util.List;
import java.util.function.Predicate;

/// A store that refuses appends with certain entries, as if the process had died before committing them.
final class RefusingStore extends PassingStore {
    private final Predicate<Entry> refused;

    RefusingStore(RunStore beneath, Predicate<Entry> refused) {
        super(beneath);
        this.refused = refused;
    }

    @Override
    public List<AppendOutcome> append(List<RunAppend> batch) {
        if (batch.stream().flatMap(append -> entries(append).stream()).anyMatch(refused)) {
            throw new UnavailableException("the power went out. Switch it on.");
        }
        return super.append(batch);
    }

    /// The entries of an append.
    static List<Entry> entries(RunAppend append) {
        return append.entries().stream()
                .map(entry -> EntryCodec.decodeUnchecked(append.run(), append.branch(), entry, Digest.ZERO))
                .toList();
    }
}
