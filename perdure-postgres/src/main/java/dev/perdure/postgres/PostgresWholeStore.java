package dev.perdure.postgres;

import dev.perdure.error.ConflictException;
import dev.perdure.error.CorruptedException;
import dev.perdure.error.UnavailableException;
import dev.perdure.store.Anchor;
import dev.perdure.store.Finding;
import dev.perdure.store.StorePart;
import dev.perdure.store.StoreStanding;
import dev.perdure.store.StoreStanding.State;
import dev.perdure.store.StoredRow;
import dev.perdure.store.WholeStore;
import dev.perdure.store.WorkerRecord;

import java.sql.SQLException;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Function;

/// A store in one schema, as a whole. What closes it for writing are triggers: an open store has none, so that they
/// cost its appends nothing, and whoever has it open meets them.
final class PostgresWholeStore implements WholeStore {
    private static final String MOVE = "be moved";
    private static final String RECEIVE = "receive a copy";

    /// All but what says who the store is and where it stands.
    private static final String TABLES =
            "SELECT c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname = ?"
                    + " AND c.relkind = 'r' AND c.relname NOT IN ('format', 'standing') ORDER BY c.relname";

    private final Connections connections;

    PostgresWholeStore(Connections connections) {
        this.connections = connections;
    }

    @Override
    public String name() {
        return connections.url().toString();
    }

    @Override
    public StoreStanding standing() {
        return connections.call("be opened", Standing::read);
    }

    @Override
    public boolean isEmpty() {
        return connections.call(
                "be looked at",
                sql -> {
                    String any =
                            "SELECT (EXISTS (SELECT FROM perdure.register) OR EXISTS (SELECT FROM perdure.pruned)"
                                    + " OR EXISTS (SELECT FROM perdure.entry)"
                                    + " OR EXISTS (SELECT FROM perdure.queue) OR EXISTS (SELECT FROM perdure.artifact)"
                                    + " OR EXISTS (SELECT FROM perdure.shared) OR EXISTS (SELECT FROM"
                                    + " perdure.worker))::integer";
                    return sql.number(any) == 0;
                });
    }

    @Override
    public List<WorkerRecord> workers() {
        return connections.call("list workers", Workers::all);
    }

    @Override
    public void retire(String worker) {
        connections.change(
                "end a worker",
                sql -> {
                    Workers.retire(sql, worker);
                    return true;
                });
    }

    @Override
    public void refuseWorkers(long nowMillis) {
        connections.call(
                MOVE,
                sql -> {
                    refuseWorkers(sql);
                    return true;
                });
    }

    @Override
    public void leave(String toId, String toName, long nowMillis) {
        connections.change(
                MOVE,
                sql -> {
                    if (Standing.read(sql).state() == State.OPEN) {
                        leave(sql, toId, toName);
                    }
                    return true;
                });
    }

    // The triggers' locks wait for all that is being written, and let nothing new begin.
    private void leave(Sql sql, String toId, String toName) throws SQLException {
        sql.run("SELECT set_config('lock_timeout', '10s', true)");
        for (String table : tables(sql)) {
            sql.run(
                    "CREATE TRIGGER perdure_left BEFORE INSERT OR UPDATE OR DELETE ON perdure.\""
                            + table
                            + "\" FOR EACH STATEMENT EXECUTE FUNCTION perdure.refuse()");
        }
        refuseWorkers(sql);
        Standing.write(sql, State.LEAVING, toId, toName, null, "");
    }

    private void refuseWorkers(Sql sql) throws SQLException {
        sql.first(
                "SELECT id, host, pid FROM perdure.worker WHERE lease_until > perdure.clock() LIMIT 1",
                row -> {
                    throw new ConflictException(
                            "worker "
                                    + row.getString(1)
                                    + " (process "
                                    + row.getLong(3)
                                    + " on "
                                    + row.getString(2).replaceFirst("/.*", "")
                                    + ") has the store "
                                    + name()
                                    + ". Nothing was changed. Stop it, or wait until its lease runs out; --keep copies"
                                    + " while workers go on.");
                });
    }

    private List<String> tables(Sql sql) throws SQLException {
        return sql.all(TABLES, row -> row.getString(1), connections.url().schema());
    }

    @Override
    public void left() {
        connections.change(
                MOVE,
                sql -> {
                    StoreStanding now = Standing.read(sql);
                    if (now.state() == State.LEAVING) {
                        Standing.write(
                                sql,
                                new StoreStanding(
                                        now.id(), State.LEFT, now.peer(), now.peerName(), Optional.empty(), ""));
                    }
                    return true;
                });
    }

    @Override
    public void stay() {
        connections.change(
                "stay",
                sql -> {
                    for (String table : tables(sql)) {
                        sql.run("DROP TRIGGER IF EXISTS perdure_left ON perdure.\"" + table + "\"");
                    }
                    Standing.write(sql, State.OPEN, null, null, null, "");
                    return true;
                });
    }

    @Override
    public <T> T look(Function<Contents, T> reader) {
        return VerifySnapshot.with(connections, sql -> reader.apply(new ReadContents(sql, connections.url())));
    }

    @Override
    public void receive(String fromId, String fromName) {
        connections.change(
                RECEIVE,
                sql -> {
                    if (Standing.read(sql).state() == State.OPEN) {
                        Standing.write(sql, State.RECEIVING, fromId, fromName, null, "");
                    }
                    return true;
                });
    }

    @Override
    public void add(StorePart part, String place, List<StoredRow> rows) {
        connections.change(
                RECEIVE,
                sql -> {
                    StoreStanding now = checkReceiving(sql);
                    try {
                        new ReceiveRows(sql, name()).add(part, rows);
                    } catch (SQLException e) {
                        if (Failures.isDuplicate(e)) {
                            throw WholeStore.crowded(name(), e);
                        }
                        throw e;
                    }
                    Standing.write(sql, now.state(), now.peer().orElse(null), now.peerName().orElse(null), part, place);
                    return true;
                });
    }

    private StoreStanding checkReceiving(Sql sql) throws SQLException {
        StoreStanding now = Standing.read(sql);
        if (now.state() != State.RECEIVING) {
            throw new ConflictException(
                    name() + " is no longer a copy that is being made. Nothing was changed. Somebody finished it.");
        }
        return now;
    }

    @Override
    public void clear() {
        connections.change(
                RECEIVE,
                sql -> {
                    StoreStanding now = checkReceiving(sql);
                    for (String table : tables(sql)) {
                        if (!table.equals("chain") && !table.equals("change")) {
                            sql.run("TRUNCATE perdure.\"" + table + "\" RESTART IDENTITY");
                        }
                    }
                    sql.run("ALTER SEQUENCE perdure.run_no RESTART");
                    sql.run(
                            "UPDATE perdure.chain SET batches = 0, entries = 0, digest ="
                                    + " decode(repeat('00', 32), 'hex')");
                    Standing.write(sql, now.state(), now.peer().orElse(null), now.peerName().orElse(null), null, "");
                    return true;
                });
    }

    @Override
    public void received() {
        connections.change(
                RECEIVE,
                sql -> {
                    StoreStanding now = checkReceiving(sql);
                    Standing.write(sql, State.OPEN, now.peer().orElse(null), now.peerName().orElse(null), null, "");
                    return true;
                });
        analyze();
    }

    // Plans for tables that have just been filled are made from what was there before, until autovacuum comes by.
    private void analyze() {
        try {
            connections.alone(
                    "be analyzed",
                    sql -> {
                        for (String table : tables(sql)) {
                            sql.run("ANALYZE perdure.\"" + table + "\"");
                        }
                        return true;
                    });
        } catch (UnavailableException e) {
            // the copy is complete; autovacuum does it later
        }
    }

    @Override
    public Anchor verify(Consumer<Finding> findings) {
        return VerifySnapshot.with(
                connections,
                sql -> new VerifyStore(sql, new Findings(sql, Optional.empty(), findings), Optional.empty()).verify());
    }

    @Override
    public long fence() {
        return connections.change(
                "be fenced",
                sql -> {
                    sql.run("LOCK TABLE perdure.worker, perdure.head, perdure.run IN EXCLUSIVE MODE");
                    if (sql.number("SELECT count(*) FROM perdure.head h WHERE h.seal <> perdure.seal_head(h)") > 0) {
                        throw new CorruptedException(
                                name()
                                        + " has rows of head that were changed after they were written. Nothing was"
                                        + " changed. Run `perdure verify`, and restore another backup.");
                    }
                    sql.run("SELECT perdure.show(no, 0::smallint, '', null, 0) FROM perdure.run WHERE status = 1");
                    sql.run(
                            "UPDATE perdure.head SET epoch = epoch + ?, clean = clean AND holder IS NULL, holder ="
                                    + " null",
                            EPOCHS_OF_A_LOST_FUTURE);
                    sql.run("UPDATE perdure.head h SET seal = perdure.seal_head(h)");
                    sql.run("DELETE FROM perdure.worker");
                    sql.run("SELECT perdure.changed()");
                    return sql.number("SELECT count(*) FROM perdure.register");
                });
    }

    @Override
    public void close() {
        connections.close();
    }
}
