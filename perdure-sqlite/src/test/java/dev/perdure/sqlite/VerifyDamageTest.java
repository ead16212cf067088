package dev.perdure.sqlite;

import static org.assertj.core.api.Assertions.assertThat;

import dev.perdure.store.AppendOutcome.Committed;
import dev.perdure.store.ArtifactRecord;
import dev.perdure.store.ClaimRequest;
import dev.perdure.store.Finding;
import dev.perdure.store.InboxMessage;
import dev.perdure.store.QueueRecord;
import dev.perdure.store.RunStore;
import dev.perdure.store.WorkerRecord;
import dev.perdure.store.WorkflowVersion;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.ByteArrayInputStream;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;

/// Damages a store's file in every way that is to be found, and looks if it is.
class VerifyDamageTest {
    private static final long SEED = 20_261_121L;
    private static final int ROWS_PER_TABLE = 6;

    @TempDir static Path folder;

    private static Path sound;
    private Path damaged;

    @BeforeAll
    static void writeEveryKindOfRow() {
        sound = folder.resolve("sound.db");
        try (RunStore store = new SqliteStoreProvider().open("jdbc:sqlite:" + sound)) {
            store.announce(new WorkerRecord("w1", "host", 7, 8, 0), Story.T0, 1_000);
            Story held = new Story("held", "w1");
            Story waiting = new Story("waiting", "w1");
            Story ended = new Story("ended", "w1");
            Story pending = new Story("pending", "");
            commit(store, held.start("case-7"), waiting.start(""), ended.start("case-7"), pending.start(""));
            writeList(store, held);
            for (int i = 0; i < 150; i++) {
                commit(store, waiting.step("{\"i\":" + i + "}"));
            }
            commit(store, held.step(Story.noise(1, 3_500)), ended.step(Story.noise(2, 9_000)));
            commit(store, held.step("\"" + "a long but dull text, ".repeat(900) + "\""));
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
            store.size(); // moves the log into place, so that the file can be copied
        }
    }

    private static void writeList(RunStore store, Story run) {
        StringBuilder list = new StringBuilder();
        for (int i = 0; i < 20; i++) {
            list.append(i == 0 ? "" : ",")
                    .append("{\"role\":\"user\",\"text\":")
                    .append(Story.noise(i, 150))
                    .append('}');
            commit(store, run.step("{\"messages\":[" + list + "]}"));
        }
    }

    private static void prune(RunStore store, String id) {
        Story run = new Story(id.replace(' ', '-'), "w1");
        commit(store, run.start(""));
        store.deliver(new InboxMessage(run.id, "m", InboxMessage.CANCEL, "n", "{}", Story.T0));
        commit(store, run.step("1"));
        commit(store, run.step(Story.noise(3, 1_500)));
        commit(store, run.completed());
        assertThat(store.prune(List.of(store.find(run.id).orElseThrow()), Story.T0 + 9, "ada")).hasSize(1);
    }

    private static void commit(RunStore store, dev.perdure.store.RunAppend... appends) {
        assertThat(store.append(List.of(appends))).containsOnly(new Committed());
    }

    @BeforeEach
    void copy() throws Exception {
        damaged = folder.resolve("damaged.db");
        Files.deleteIfExists(folder.resolve("damaged.db-wal"));
        Files.deleteIfExists(folder.resolve("damaged.db-shm"));
        Files.copy(sound, damaged, StandardCopyOption.REPLACE_EXISTING);
    }

    @Test
    void findsNothingInTheSoundStore() {
        assertThat(verify()).isEmpty();
    }

    @Test
    void findsAFlippedBitInEveryColumnOfEveryTable() throws Exception {
        Random random = new Random(SEED);
        int flips = 0;
        for (String table :
                strings("SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite%'")) {
            List<String> columns = strings("SELECT name FROM pragma_table_info('" + table + "')");
            for (String column : columns) {
                for (Row row : rows(table, columns, column, random)) {
                    for (int bit : new int[] {0, random.nextInt(0, 8), random.nextInt(0, 40)}) {
                        flips += assertFound(table, column, row, bit);
                    }
                }
            }
        }
        assertThat(flips).isGreaterThan(500);
    }

    /// One value, and the condition by which its row is found.
    private record Row(String condition, List<Object> key, @Nullable Object value) {}

    private List<Row> rows(String table, List<String> columns, String column, Random random) throws Exception {
        copy();
        List<Row> all = new ArrayList<>();
        String key = table.equals("milestone") ? "run, branch, seq" : columns.getFirst();
        try (Connection c = connect();
                Statement s = c.createStatement();
                ResultSet r = s.executeQuery("SELECT \"" + column + "\", " + key + " FROM \"" + table + "\"")) {
            while (r.next()) {
                List<Object> values = new ArrayList<>();
                for (int i = 2; i <= r.getMetaData().getColumnCount(); i++) {
                    values.add(r.getObject(i));
                }
                all.add(new Row(key.replace(", ", " = ? AND ") + " = ?", values, r.getObject(1)));
            }
        }
        assertThat(all).as("rows of " + table).isNotEmpty();
        while (all.size() > ROWS_PER_TABLE) {
            all.remove(random.nextInt(all.size()));
        }
        return all;
    }

    private int assertFound(String table, String column, Row row, int bit) throws Exception {
        Object flipped = flipped(row.value, bit);
        if (flipped == null) {
            return 0;
        }
        copy();
        try (Connection c = connect();
                PreparedStatement update =
                        c.prepareStatement(
                                "UPDATE \"" + table + "\" SET \"" + column + "\" = ? WHERE " + row.condition)) {
            update.setObject(1, flipped);
            for (int i = 0; i < row.key.size(); i++) {
                update.setObject(i + 2, row.key.get(i));
            }
            assertThat(update.executeUpdate()).as("%s.%s", table, column).isEqualTo(1);
        } catch (SQLException e) {
            assertThat(e.getMessage()).as("%s.%s", table, column).contains("CONSTRAINT"); // the key of another row
            return 0;
        }
        List<Finding> findings = verify();
        assertThat(findings)
                .as("bit %d of %s.%s at %s, which was %s", bit, table, column, row.key, row.value)
                .isNotEmpty();
        if (List.of("entry", "head", "run", "register", "milestone", "inbox").contains(table)
                && !column.equals(row.condition.replace(" = ?", ""))
                && !column.equals("run")
                && !column.startsWith("chunk")) {
            assertThat(findings).as("%s.%s", table, column).anyMatch(f -> f.run().isPresent());
        }
        return 1;
    }

    private static @Nullable Object flipped(@Nullable Object value, int bit) {
        return switch (value) {
            case null -> 1L;
            case Integer number -> number ^ (1L << bit);
            case Long number -> number ^ (1L << bit);
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
        execute("DELETE FROM entry WHERE id > (SELECT max(id) FROM entry) - 3");

        assertThat(verify()).anyMatch(f -> f.run().equals(Optional.of("waiting")) && f.where().contains("head"));
    }

    @Test
    void namesTheEntryWhoseChunkWasDeleted() throws Exception {
        execute("DELETE FROM chunk WHERE id = (SELECT max(chunk) FROM entry)");

        assertThat(verify()).anyMatch(f -> f.run().isPresent() && f.what().contains("lacks chunk"));
    }

    @Test
    void namesTheEntryWhoseSharedPayloadWasDeleted() throws Exception {
        execute("DELETE FROM shared");

        assertThat(verify()).anyMatch(f -> f.run().equals(Optional.of("ended")) && f.what().contains("shared payload"));
    }

    @Test
    void namesARunOfWhichEverythingWasDeleted() throws Exception {
        execute("DELETE FROM inbox WHERE run = 2");
        execute("DELETE FROM milestone WHERE run = 2");
        execute("DELETE FROM entry WHERE run = 2");
        execute("DELETE FROM head WHERE run = 2");
        execute("DELETE FROM run WHERE no = 2");

        assertThat(verify()).anyMatch(f -> f.run().equals(Optional.of("waiting")) && f.what().contains("was started"));
        assertThat(verify("waiting")).isNotEmpty();
        assertThat(verify("pending")).isEmpty();
    }

    @Test
    void findsARunDeletedFromTheRegisterToo() throws Exception {
        for (String table : List.of("milestone", "entry", "head")) {
            execute("DELETE FROM " + table + " WHERE run = 4");
        }
        execute("DELETE FROM run WHERE no = 4");
        execute("DELETE FROM register WHERE no = 4");

        assertThat(verify()).anyMatch(f -> f.where().equals("register"));
    }

    @Test
    void namesAMissingArtifact() throws Exception {
        execute("DELETE FROM artifact_piece");
        execute("DELETE FROM artifact");

        assertThat(verify()).anyMatch(f -> f.run().equals(Optional.of("held")) && f.what().contains("artifact report"));
    }

    @Test
    void namesWhatWasAddedToTheSchemaOrTakenFromIt() throws Exception {
        execute("CREATE TRIGGER lie AFTER INSERT ON entry BEGIN SELECT 1; END");
        execute("CREATE INDEX more ON entry (seq)");
        execute("CREATE TABLE mine (n integer)");
        execute("CREATE INDEX of_mine ON mine (n)");
        execute("CREATE TRIGGER on_mine AFTER INSERT ON mine BEGIN SELECT 1; END");
        execute("CREATE VIEW all_mine AS SELECT * FROM mine");
        execute("DROP INDEX run_claim");
        execute("ALTER TABLE worker ADD COLUMN more integer");
        execute("ANALYZE");

        assertThat(verify())
                .filteredOn(f -> f.where().equals("schema"))
                .extracting(Finding::what)
                .containsExactlyInAnyOrder(
                        "holds a trigger lie that Perdure did not create",
                        "holds a index more that Perdure did not create",
                        "lacks the index run_claim",
                        "the table worker was changed after the store was created");
    }

    @Test
    void reportsDamagedPagesWithoutFailing() throws Exception {
        int pageSize = 8_192;
        long pages = Files.size(damaged) / pageSize;
        Set<Long> schema = schemaPages(pageSize);
        for (long page = 1; page < pages; page++) { // page 0 says what the file is: without it, it is no store
            if (schema.contains(page)) {
                continue; // and so do these
            }
            copy();
            try (RandomAccessFile file = new RandomAccessFile(damaged.toFile(), "rw")) {
                file.seek(page * pageSize);
                file.write(new byte[] {77, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12});
            }
            assertThat(verify()).as("page %d of %d", page, pages).isNotEmpty();
        }
    }

    /// The pages below page 0, which is the root of the table of tables:
    /// https://sqlite.org/fileformat.html#b_tree_pages
    private static Set<Long> schemaPages(int pageSize) throws Exception {
        ByteBuffer root = ByteBuffer.wrap(Files.readAllBytes(sound), 0, pageSize);
        Set<Long> pages = new HashSet<>();
        if (root.get(100) == 5) { // an interior page: others are below it
            pages.add(root.getInt(108) - 1L);
            for (int cell = 0; cell < root.getShort(103); cell++) {
                pages.add(root.getInt(root.getShort(112 + 2 * cell)) - 1L);
            }
        }
        return pages;
    }

    @Test
    void changesNothing() throws Exception {
        byte[] before = Files.readAllBytes(damaged);
        verify();

        assertThat(Files.readAllBytes(damaged)).isEqualTo(before);
    }

    private List<Finding> verify() {
        return verify(Optional.empty());
    }

    private List<Finding> verify(String run) {
        return verify(Optional.of(new dev.perdure.journal.RunId(run)));
    }

    private List<Finding> verify(Optional<dev.perdure.journal.RunId> only) {
        List<Finding> findings = new ArrayList<>();
        try (Sql sql = new StoreFile(damaged, StoreOptions.DEFAULT).connect()) {
            new VerifyStore(sql, only, Optional.empty(), findings::add).verify();
        } catch (SQLException e) {
            throw new AssertionError("verification failed", e);
        }
        return findings;
    }

    private void execute(String sql) throws SQLException {
        try (Connection c = connect();
                Statement s = c.createStatement()) {
            assertThat(s.executeUpdate(sql)).isNotNegative();
        }
    }

    private List<String> strings(String sql) throws SQLException {
        List<String> found = new ArrayList<>();
        try (Connection c = connect();
                Statement s = c.createStatement();
                ResultSet r = s.executeQuery(sql)) {
            while (r.next()) {
                found.add(r.getString(1));
            }
        }
        return found;
    }

    private Connection connect() throws SQLException {
        return DriverManager.getConnection("jdbc:sqlite:" + damaged);
    }
}
