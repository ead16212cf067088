package dev.perdure;

import dev.perdure.journal.Digest;
import dev.perdure.store.InboxMessage;
import dev.perdure.store.StorePart;
import dev.perdure.store.StoredRow;
import dev.perdure.store.WholeStore;

import java.nio.charset.StandardCharsets;

/// A digest over the rows of a part that have no digest of their own, whatever their order: stores keep messages of
/// different runs in different orders. Only compared within one process.
final class SumOfRows {
    private final byte[] sum = new byte[Digest.LENGTH];

    private SumOfRows() {}

    /// The rows' digests, each bit of them counted modulo 2. No two rows of a store are equal.
    static Digest of(StorePart part, WholeStore.Contents contents) {
        SumOfRows sum = new SumOfRows();
        contents.visit(
                part,
                "",
                (_, row) -> {
                    sum.add(row);
                    return true;
                });
        return Digest.of(sum.sum);
    }

    private void add(StoredRow row) {
        // The number of an arrival is the store's own; its order within a run is what counts, and is as rows come.
        Object compared = row instanceof StoredRow.OfMessage(InboxMessage m, var by) ? text(m) + by : row;
        byte[] digest = Digest.over(compared.toString().getBytes(StandardCharsets.UTF_8)).toBytes();
        for (int i = 0; i < sum.length; i++) {
            sum[i] ^= digest[i];
        }
    }

    private static String text(InboxMessage m) {
        return new InboxMessage(m.run(), m.id(), m.kind(), m.name(), m.body(), m.sentMillis()).toString();
    }
}
