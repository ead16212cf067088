package dev.perdure.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import dev.perdure.journal.RunId;
import dev.perdure.store.AppendOutcome.Committed;
import dev.perdure.store.ArtifactRecord;
import dev.perdure.store.ClaimRequest;
import dev.perdure.store.Finding;
import dev.perdure.store.InboxMessage;
import dev.perdure.store.QueueRecord;
import dev.perdure.store.RunAppend;
import dev.perdure.store.WorkerRecord;
import dev.perdure.store.WorkflowVersion;
import dev.perdure.testing.PostgresServer;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

import java.io.ByteArrayInputStream;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;

/// Damages a store in every way that is to be found, and looks if it is. Each damage is done in a transaction that is
/// rolled back after the verification, which looks at it from within.
class VerifyDamageTest {
    private static final long SEED = 20_261_121L;
    private static final int ROWS_PER_TABLE = 5;
    private static final PostgresServer SERVER = PostgresServer.shared();

    private static String schema;

    @BeforeAll
    static void writeEveryKindOfRow() {
        schema = SERVER.newSchema();
        String url = SERVER.url() + "&perdureSchema=" + schema;
        try (PostgresRunStore store = PostgresRunStore.open(StoreUrl.parse(url, Map.of()))) {
            store.announce(new WorkerRecord("w1", "host", 7, 8, 0), Story.T0, 100_000);
            Story held = new Story("held", "w1");
            Story waiting = new Story("waiting", "w1");
            Story ended = new Story("ended", "w1");
            Story pending = new Story("pending", "");
            commit(store, held.start("case-7"), waiting.start(""), ended.start("case-7"), pending.start(""));
            StringBuilder list = new StringBuilder();
            for (int i = 0; i < 12; i++) {
                list.append(i == 0 ? "" : ",")
                        .append("{\"role\":\"user\",\"text\":")
                        .append(Story.noise(i, 150))
                        .append('}');
                commit(store, held.step("{\"messages\":[" + list + "]}"));
                commit(store, waiting.step("{\"i\":" + i + "}"));
            }
            commit(store, held.step(Story.noise(1, 3_500)), ended.step(Story.noise(2, 9_000)));
            byte[] large = new byte[600_000];
            new Random(SEED).nextBytes(large);
            ArtifactRecord artifact = store.saveArtifact(new ByteArrayInputStream(large));
            commit(store, held.artifact(artifact.digest(), artifact.size()), ended.completed());
            store.deliver(new InboxMessage(held.id, "m1", InboxMessage.CANCEL, "n", "{}", Story.T0));
            store.deliver(new InboxMessage(held.id, "m2", InboxMessage.CANCEL, "n", "{}", Story.T0));
            prune(store, "swept");
            while (store.sweep(100) > 0) {}
            prune(store, "half swept");
            assertThat(store.sweep(2)).isPositive();
            commit(store, held.step("1", List.of("m1"), Optional.empty()));
            commit(store, waiting.step("2", List.of(), Story.waiting(Story.T0 + 9_000)));
            store.define(new QueueRecord("mail", 5, 2, 9, 60_000));
            commit(store, new Story("queued", "").enqueue("mail", "a"), new Story("begun", "").enqueue("mail", "b"));
            assertThat(
                            store.claim(
                                    new ClaimRequest(
                                            "w1",
                                            Set.of(new WorkflowVersion("chat", 1)),
                                            Optional.of(Set.of()),
                                            Set.of("mail"),
                                            1,
                                            Story.T0)))
                    .hasSize(1);
        }
    }

    private static void prune(PostgresRunStore store, String id) {
        Story run = new Story(id.replace(' ', '-'), "w1");
        commit(store, run.start(""));
        store.deliver(new InboxMessage(run.id, "m", InboxMessage.CANCEL, "n", "{}", Story.T0));
        commit(store, run.step("1"));
        commit(store, run.step(Story.noise(3, 1_500)));
        commit(store, run.completed());
        assertThat(store.prune(List.of(store.find(run.id).orElseThrow()), Story.T0 + 9, "ada")).hasSize(1);
    }

    private static void commit(PostgresRunStore store, RunAppend... appends) {
        assertThat(store.append(List.of(appends))).containsOnly(new Committed());
    }

    @AfterAll
    static void drop() {
        SERVER.drop(schema);
    }

    /// The connection of one damage.
    private interface Damaging {
        void with(Connection connection) throws SQLException;
    }

    private List<Finding> after(Optional<String> only, Damaging damage) throws SQLException {
        try (Connection connection = SERVER.connect()) {
            connection.setAutoCommit(false);
            damage.with(connection);
            List<Finding> findings = new ArrayList<>();
            Sql sql = new Sql(connection, schema);
            new VerifyStore(sql, new Findings(sql, only.map(RunId::new), findings::add), Optional.empty()).verify();
            connection.rollback();
            return findings;
        }
    }

    private List<Finding> after(String... statements) throws SQLException {
        return after(Optional.empty(), statements(statements));
    }

    private static Damaging statements(String... statements) {
        return connection -> {
            try (Statement statement = connection.createStatement()) {
                for (String one : statements) {
                    assertThat(statement.executeUpdate(one.replace("perdure.", schema + "."))).isNotNegative();
                }
            }
        };
    }

    @Test
    void findsNothingInTheSoundStore() throws Exception {
        assertThat(after()).isEmpty();
    }

    @Test
    void findsAFlippedBitInEveryColumnOfEveryTable() throws Exception {
        Random random = new Random(SEED);
        int flips = 0;
        for (String[] column :
                rows(
                        "SELECT c.table_name, c.column_name FROM information_schema.columns c WHERE c.table_schema = '"
                                + schema
                                + "' ORDER BY 1, 2")) {
            List<String[]> all = rows("SELECT ctid FROM " + schema + "." + column[0] + " ORDER BY ctid");
            assertThat(all).as("rows of " + column[0]).isNotEmpty();
            while (all.size() > ROWS_PER_TABLE) {
                all.remove(random.nextInt(all.size()));
            }
            for (String[] row : all) {
                for (int bit : new int[] {0, random.nextInt(0, 8), random.nextInt(0, 30)}) {
                    flips += flip(column[0], column[1], row[0], bit);
                }
            }
        }
        assertThat(flips).isGreaterThan(400);
    }

    private int flip(String table, String column, String ctid, int bit) throws SQLException {
        Object[] values = new Object[1];
        List<Finding> findings;
        try {
            findings =
                    after(
                            Optional.empty(),
                            connection -> {
                                values[0] = flipped(value(connection, table, column, ctid), bit);
                                write(connection, table, column, ctid, values[0]);
                            });
        } catch (SQLException e) {
            assertThat(e.getSQLState()).as("%s.%s", table, column).matches("23505|23514|22003|428C9");
            return 0; // the key of another row, a check, or out of range
        }
        if (values[0] == null) {
            return 0;
        }
        assertThat(findings).as("bit %d of %s.%s at %s, now %s", bit, table, column, ctid, values[0]).isNotEmpty();
        if (List.of("entry", "head", "run", "register", "inbox").contains(table)
                && !List.of("pos", "run", "no").contains(column)) {
            assertThat(findings).as("%s.%s", table, column).anyMatch(f -> f.run().isPresent());
        }
        return 1;
    }

    private static @Nullable Object value(Connection c, String table, String column, String ctid) throws SQLException {
        String select = "SELECT \"" + column + "\" FROM " + schema + "." + table + " WHERE ctid = '" + ctid + "'";
        try (Statement s = c.createStatement();
                ResultSet row = s.executeQuery(select)) {
            row.next();
            Object value = row.getObject(1);
            return value == null && row.getMetaData().getColumnType(1) == java.sql.Types.VARCHAR ? "" : value;
        }
    }

    private static void write(Connection c, String table, String column, String ctid, @Nullable Object value)
            throws SQLException {
        if (value == null) {
            return;
        }
        String update = "UPDATE " + schema + "." + table + " SET \"" + column + "\" = ? WHERE ctid = '" + ctid + "'";
        try (PreparedStatement s = c.prepareStatement(update)) {
            s.setObject(1, value);
            assertThat(s.executeUpdate()).isEqualTo(1);
        }
    }

    private static @Nullable Object flipped(@Nullable Object value, int bit) {
        return switch (value) {
            case null -> null;
            case Integer number -> number ^ (1 << bit);
            case Long number -> number ^ (1L << bit);
            case Boolean flag -> !flag;
            case String text -> text.isEmpty() ? "x" : (char) (text.charAt(0) ^ (1 << bit % 5)) + text.substring(1);
            case byte[] bytes -> {
                if (bytes.length == 0) {
                    yield null;
                }
                byte[] changed = bytes.clone();
                changed[(bit * 31) % bytes.length] ^= (byte) (1 << bit % 8);
                yield changed;
            }
            default -> throw new IllegalStateException(value.toString());
        };
    }

    @Test
    void namesTheRunWhoseLastEntriesWereDeleted() throws Exception {
        assertThat(
                        after(
                                "DELETE FROM perdure.entry e USING perdure.head h, perdure.run r WHERE r.id = 'waiting'"
                                        + " AND h.run = r.no AND e.run = h.run AND e.seq > h.seq - 3"))
                .anyMatch(f -> f.run().equals(Optional.of("waiting")) && f.where().contains("head"));
    }

    @Test
    void namesAMissingEntryInTheMiddle() throws Exception {
        assertThat(
                        after(
                                "DELETE FROM perdure.entry e USING perdure.run r WHERE r.id = 'waiting' AND e.run ="
                                        + " r.no AND e.seq = 5"))
                .anyMatch(f -> f.run().equals(Optional.of("waiting")) && f.where().equals("entry 5"));
    }

    @Test
    void namesTwoEntriesThatChangedPlaces() throws Exception {
        assertThat(
                        after(
                                "UPDATE perdure.entry e SET seq = -1 FROM perdure.run r WHERE r.id = 'waiting' AND"
                                        + " e.run = r.no AND e.seq = 5",
                                "UPDATE perdure.entry e SET seq = 5 FROM perdure.run r WHERE r.id = 'waiting' AND e.run"
                                        + " = r.no AND e.seq = 6",
                                "UPDATE perdure.entry e SET seq = 6 FROM perdure.run r WHERE r.id = 'waiting' AND e.run"
                                        + " = r.no AND e.seq = -1"))
                .anyMatch(f -> f.run().equals(Optional.of("waiting")) && f.where().equals("entry 5"));
    }

    @Test
    void namesTheEntryWhoseSharedPayloadWasDeleted() throws Exception {
        assertThat(after("DELETE FROM perdure.shared"))
                .anyMatch(f -> f.run().equals(Optional.of("ended")) && f.what().contains("shared payload"));
    }

    @Test
    void namesARunOfWhichEverythingWasDeleted() throws Exception {
        String[] damage = {
            "DELETE FROM perdure.entry WHERE run = (SELECT no FROM perdure.run WHERE id = 'waiting')",
            "DELETE FROM perdure.head WHERE run = (SELECT no FROM perdure.run WHERE id = 'waiting')",
            "DELETE FROM perdure.run WHERE id = 'waiting'"
        };
        assertThat(after(damage))
                .anyMatch(f -> f.run().equals(Optional.of("waiting")) && f.what().contains("was started"))
                .anyMatch(f -> f.where().startsWith("chain"));
        assertThat(after(Optional.of("waiting"), statements(damage))).isNotEmpty();
        assertThat(after(Optional.of("pending"), statements(damage))).isEmpty();
    }

    @Test
    void namesTheRunWhoseMessageWasDeleted() throws Exception {
        assertThat(after("DELETE FROM perdure.inbox WHERE id = 'm2'"))
                .anyMatch(f -> f.run().equals(Optional.of("held")) && f.where().contains("inbox"));
    }

    @Test
    void namesAMissingArtifact() throws Exception {
        assertThat(after("DELETE FROM perdure.artifact_piece", "DELETE FROM perdure.artifact"))
                .anyMatch(f -> f.run().equals(Optional.of("held")) && f.what().contains("artifact report"));
    }

    @Test
    void goesOnPastWhatTheServerCannotRead() throws Exception {
        assertThat(after("ALTER TABLE perdure.shared RENAME TO gone"))
                .anyMatch(f -> f.where().equals("shared") && f.what().contains("42P01"))
                .noneMatch(f -> f.where().startsWith("chain"));
    }

    private static List<String[]> rows(String query) throws SQLException {
        List<String[]> found = new ArrayList<>();
        try (Connection c = SERVER.connect();
                Statement s = c.createStatement();
                ResultSet r = s.executeQuery(query)) {
            while (r.next()) {
                String[] row = new String[r.getMetaData().getColumnCount()];
                for (int i = 0; i < row.length; i++) {
                    row[i] = r.getString(i + 1);
                }
                found.add(row);
            }
        }
        return found;
    }
}
