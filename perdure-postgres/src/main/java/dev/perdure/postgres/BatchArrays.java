package dev.perdure.postgres;

import dev.perdure.journal.Digest;
import dev.perdure.journal.EncodedEntry;
import dev.perdure.journal.EntryCodec;
import dev.perdure.journal.Leaf;
import dev.perdure.store.InboxMessage;
import dev.perdure.store.QueuePlace;
import dev.perdure.store.RunAppend;
import dev.perdure.store.RunAppend.IndexChange;
import dev.perdure.store.RunAppend.NewRun;
import dev.perdure.store.Serves;

import org.jspecify.annotations.Nullable;

import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/// The arguments of the function `append` for one batch: an array for each of its parameters. What no append of the
/// batch needs is not sent.
final class BatchArrays {
    private static final int OF_APPENDS = 9;
    private static final int OF_ENTRIES = 5;

    private final List<RunAppend> batch;
    private final @Nullable Long[] known;
    private final List<Column> columns = new ArrayList<>();

    /// One argument.
    ///
    /// @param name of the parameter, null for those that come first and in order
    private record Column(@Nullable String name, String type, Object elements) {}

    /// @param known the numbers of the runs that are known
    BatchArrays(List<RunAppend> batch, @Nullable Long[] known) {
        this.batch = batch;
        this.known = known;
        addAppends();
        addEntries();
        addCreations();
        addChanges();
        addMessages();
        addSent();
        addShared();
    }

    /// The call; unnamed arguments first.
    String call() {
        StringBuilder call = new StringBuilder("SELECT perdure.append(?");
        for (int i = 0; i < columns.size(); i++) {
            String name = columns.get(i).name;
            call.append(", ").append(name == null ? "" : name + " => ").append('?');
        }
        return call.append(')').toString();
    }

    void bind(Sql sql, PreparedStatement statement, int chain) throws SQLException {
        statement.setInt(1, chain);
        for (int i = 0; i < columns.size(); i++) {
            Column column = columns.get(i);
            statement.setArray(i + 2, sql.array(column.type, column.elements));
        }
    }

    private void addAppends() {
        int size = batch.size();
        String[] runs = new String[size];
        int[] branches = new int[size];
        long[] epochs = new long[size];
        byte[][] expected = new byte[size][];
        long[] firsts = new long[size];
        long[] lasts = new long[size];
        byte[][] heads = new byte[size][];
        long[] times = new long[size];
        for (int i = 0; i < size; i++) {
            RunAppend append = batch.get(i);
            runs[i] = append.run().value();
            branches[i] = append.branch();
            epochs[i] = append.epoch();
            expected[i] = append.expectedHead().toBytes();
            firsts[i] = append.first().sequence();
            lasts[i] = append.last().sequence();
            heads[i] = append.last().digest().toBytes();
            times[i] = append.timeMillis();
        }
        add("text", runs);
        add("int8", known);
        add("int4", branches);
        add("int8", epochs);
        add("bytea", expected);
        add("int8", firsts);
        add("int8", lasts);
        add("bytea", heads);
        add("int8", times);
        assert columns.size() == OF_APPENDS;
    }

    private void addEntries() {
        int size = batch.stream().mapToInt(append -> append.entries().size()).sum();
        int[] appends = new int[size];
        long[] sequences = new long[size];
        byte[][] bodies = new byte[size][];
        byte[][] digests = new byte[size][];
        byte[][] data = new byte[size][];
        int next = 0;
        for (int i = 0; i < batch.size(); i++) {
            for (EncodedEntry entry : batch.get(i).entries()) {
                appends[next] = i + 1;
                sequences[next] = entry.sequence();
                bodies[next] = entry.body();
                digests[next] = entry.digest().toBytes();
                data[next] = entry.data();
                next++;
            }
        }
        add("int4", appends);
        add("int8", sequences);
        add("bytea", bodies);
        add("bytea", digests);
        add("bytea", data);
        assert columns.size() == OF_APPENDS + OF_ENTRIES;
    }

    private void addCreations() {
        List<Integer> appends = new ArrayList<>();
        List<NewRun> made = new ArrayList<>();
        List<Long> created = new ArrayList<>();
        for (int i = 0; i < batch.size(); i++) {
            RunAppend append = batch.get(i);
            if (append.create().isPresent()) {
                appends.add(i + 1);
                made.add(append.create().get());
                created.add(
                        EntryCodec.decodeUnchecked(append.run(), append.branch(), append.first(), Digest.ZERO)
                                .timeMillis());
            }
        }
        if (!appends.isEmpty()) {
            add("c_append", "int4", ints(appends));
            add("c_workflow", "text", made.stream().map(NewRun::workflow).toArray());
            add("c_version", "int4", made.stream().mapToInt(NewRun::version).toArray());
            add("c_session", "text", made.stream().map(run -> run.session().orElse(null)).toArray());
            add("c_holder", "text", made.stream().map(run -> run.holder().orElse(null)).toArray());
            if (made.stream().anyMatch(run -> run.place().isPresent())) {
                add(
                        "c_queue",
                        "text",
                        made.stream().map(run -> run.place().map(QueuePlace::queue).orElse(null)).toArray());
                add("c_key", "text", made.stream().map(run -> run.place().map(QueuePlace::key).orElse(null)).toArray());
                add(
                        "c_priority",
                        "int4",
                        made.stream().map(run -> run.place().map(QueuePlace::priority).orElse(null)).toArray());
            }
            if (made.stream().anyMatch(run -> !run.group().equals(Serves.DEFAULT_GROUP))) {
                add("c_group", "text", made.stream().map(NewRun::group).toArray());
            }
            add("c_created", "int8", created.stream().mapToLong(Long::longValue).toArray());
        }
    }

    private void addChanges() {
        List<Integer> appends = new ArrayList<>();
        List<IndexChange> changes = new ArrayList<>();
        for (int i = 0; i < batch.size(); i++) {
            if (batch.get(i).change().isPresent()) {
                appends.add(i + 1);
                changes.add(batch.get(i).change().get());
            }
        }
        if (!appends.isEmpty()) {
            short[] statuses = new short[changes.size()];
            for (int i = 0; i < statuses.length; i++) {
                statuses[i] = StatusNumber.of(changes.get(i).status());
            }
            add("x_append", "int4", ints(appends));
            add("x_status", "int2", statuses);
            add("x_reason", "text", changes.stream().map(IndexChange::reason).toArray());
            add("x_wake_at", "int8", changes.stream().map(change -> change.wakeAtMillis().orElse(null)).toArray());
            add("x_release", "bool", changes.stream().map(IndexChange::release).toArray());
        }
    }

    private void addMessages() {
        List<Integer> appends = new ArrayList<>();
        List<String> messages = new ArrayList<>();
        for (int i = 0; i < batch.size(); i++) {
            for (String message : batch.get(i).consumed()) {
                appends.add(i + 1);
                messages.add(message);
            }
        }
        if (!appends.isEmpty()) {
            add("m_append", "int4", ints(appends));
            add("m_id", "text", messages.toArray());
        }
    }

    private void addSent() {
        List<Integer> appends = new ArrayList<>();
        List<InboxMessage> sent = new ArrayList<>();
        for (int i = 0; i < batch.size(); i++) {
            for (InboxMessage message : batch.get(i).send()) {
                appends.add(i + 1);
                sent.add(message);
            }
        }
        if (!appends.isEmpty()) {
            add("n_append", "int4", ints(appends));
            add("n_run", "text", sent.stream().map(message -> message.run().value()).toArray());
            add("n_id", "text", sent.stream().map(InboxMessage::id).toArray());
            add("n_kind", "text", sent.stream().map(InboxMessage::kind).toArray());
            add("n_name", "text", sent.stream().map(InboxMessage::name).toArray());
            add("n_body", "text", sent.stream().map(InboxMessage::body).toArray());
            add("n_sent", "int8", sent.stream().mapToLong(InboxMessage::sentMillis).toArray());
        }
    }

    private void addShared() {
        List<Integer> appends = new ArrayList<>();
        List<byte[]> digests = new ArrayList<>();
        List<Leaf> leaves = new ArrayList<>();
        for (int i = 0; i < batch.size(); i++) {
            for (Map.Entry<Digest, Leaf> shared : batch.get(i).shared().entrySet()) {
                appends.add(i + 1);
                digests.add(shared.getKey().toBytes());
                leaves.add(shared.getValue());
            }
        }
        if (!appends.isEmpty()) {
            add("s_append", "int4", ints(appends));
            add("s_digest", "bytea", digests.toArray(byte[][]::new));
            add("s_codec", "int4", leaves.stream().mapToInt(Leaf::codec).toArray());
            add("s_raw_length", "int4", leaves.stream().mapToInt(Leaf::rawLength).toArray());
            add("s_bytes", "bytea", leaves.stream().map(Leaf::bytes).toArray(byte[][]::new));
        }
    }

    private static int[] ints(List<Integer> numbers) {
        return numbers.stream().mapToInt(Integer::intValue).toArray();
    }

    private void add(String type, Object elements) {
        columns.add(new Column(null, type, elements));
    }

    private void add(String name, String type, Object elements) {
        columns.add(new Column(name, type, elements));
    }
}
