package dev.perdure.sqlite;

import dev.perdure.error.ConflictException;
import dev.perdure.store.Anchor;
import dev.perdure.store.Finding;
import dev.perdure.store.RunStatus;
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

/// A store in one file, as a whole. Everything happens on the calling thread.
final class SqliteWholeStore implements WholeStore {
    private static final String MOVE = "be moved";
    private static final String RECEIVE = "receive a copy";

    /// How many pages the log holds before they are moved into place: 32 MiB.
    private static final int CHECKPOINT_PAGES = 4_096;

    private final StoreFile file;
    private final Sql sql;

    private SqliteWholeStore(StoreFile file, Sql sql) {
        this.file = file;
        this.sql = sql;
    }

    static SqliteWholeStore open(StoreFile file) {
        file.prepare();
        try {
            Sql sql = file.connect();
            sql.script("PRAGMA wal_autocheckpoint=" + CHECKPOINT_PAGES);
            return new SqliteWholeStore(file, sql);
        } catch (SQLException e) {
            throw file.failure(e, "be opened");
        }
    }

    /// For tests: see [SqliteRunStore#limitPages].
    void limitPages(long pages) {
        call("be limited", () -> sql.number("PRAGMA max_page_count=" + pages));
    }

    private interface Act<T> {
        T run() throws SQLException;
    }

    private <T> T call(String act, Act<T> work) {
        try {
            return work.run();
        } catch (SQLException e) {
            throw file.failure(e, act);
        }
    }

    private <T> T change(String act, Act<T> work) {
        return call(
                act,
                () -> {
                    sql.run("BEGIN IMMEDIATE");
                    try {
                        T result = work.run();
                        sql.run("COMMIT");
                        return result;
                    } catch (SQLException | RuntimeException | Error e) {
                        rollback();
                        throw e;
                    }
                });
    }

    private void rollback() {
        sql.forgetStatements();
        try {
            sql.run("ROLLBACK");
        } catch (SQLException e) {
            // SQLite has rolled back by itself; the caller throws the error that led here
        }
    }

    @Override
    public String name() {
        return String.valueOf(file.path().toAbsolutePath().normalize());
    }

    @Override
    public StoreStanding standing() {
        return call("be opened", () -> Standing.load(sql));
    }

    @Override
    public boolean isEmpty() {
        return call(
                "be looked at",
                () ->
                        ChainHead.load(sql).equals(ChainHead.EMPTY)
                                && sql.number(
                                                "SELECT EXISTS (SELECT 1 FROM queue) OR EXISTS (SELECT 1 FROM artifact)"
                                                        + " OR EXISTS (SELECT 1 FROM worker)")
                                        == 0);
    }

    @Override
    public List<WorkerRecord> workers() {
        return call("list workers", () -> Workers.all(sql));
    }

    @Override
    public void retire(String worker) {
        change(
                "end a worker",
                () -> {
                    Workers.retire(sql, worker);
                    return true;
                });
    }

    @Override
    public void refuseWorkers(long nowMillis) {
        call(
                MOVE,
                () -> {
                    refuseHolders(nowMillis);
                    return true;
                });
    }

    @Override
    public void leave(String toId, String toName, long nowMillis) {
        change(
                MOVE,
                () -> {
                    StoreStanding now = Standing.load(sql);
                    if (now.state() == State.OPEN) {
                        refuseHolders(nowMillis);
                        LeftTriggers.create(sql, text(toName));
                        Standing.write(sql, stand(now, State.LEAVING, Optional.of(toId), Optional.of(toName)));
                    }
                    return true;
                });
    }

    /// What the triggers of a store that left for `toName` say.
    static String text(String toName) {
        return "it was moved to " + toName + ", or is being moved";
    }

    private void refuseHolders(long nowMillis) throws SQLException {
        for (WorkerRecord worker : Workers.all(sql)) {
            if (worker.leaseUntilMillis() > nowMillis) {
                throw new ConflictException(
                        "worker "
                                + worker.id()
                                + " (process "
                                + worker.pid()
                                + " on "
                                + worker.host().replaceFirst("/.*", "")
                                + ") has the store "
                                + name()
                                + ". Nothing was changed. Stop it, or wait until its lease runs out; --keep copies"
                                + " while workers go on.");
            }
        }
    }

    private static StoreStanding stand(
            StoreStanding now, State state, Optional<String> peer, Optional<String> peerName) {
        return new StoreStanding(now.id(), state, peer, peerName, Optional.empty(), "");
    }

    @Override
    public void left() {
        change(
                MOVE,
                () -> {
                    StoreStanding now = Standing.load(sql);
                    if (now.state() == State.LEAVING) {
                        Standing.write(sql, stand(now, State.LEFT, now.peer(), now.peerName()));
                    }
                    return true;
                });
    }

    @Override
    public void stay() {
        change(
                "stay",
                () -> {
                    LeftTriggers.drop(sql);
                    Standing.write(sql, stand(Standing.load(sql), State.OPEN, Optional.empty(), Optional.empty()));
                    return true;
                });
    }

    @Override
    public <T> T look(Function<Contents, T> reader) {
        return call(
                "be copied",
                () -> {
                    try (Sql reading = file.connect()) {
                        reading.script("PRAGMA query_only=ON");
                        reading.run("BEGIN"); // one snapshot, which ends with the connection
                        return reader.apply(new ReadContents(reading, file));
                    }
                });
    }

    @Override
    public void receive(String fromId, String fromName) {
        change(
                RECEIVE,
                () -> {
                    StoreStanding now = Standing.load(sql);
                    if (now.state() == State.OPEN) {
                        Standing.write(sql, stand(now, State.RECEIVING, Optional.of(fromId), Optional.of(fromName)));
                    }
                    return true;
                });
    }

    @Override
    public void add(StorePart part, String place, List<StoredRow> rows) {
        change(
                RECEIVE,
                () -> {
                    StoreStanding now = checkReceiving();
                    try {
                        new ReceiveRows(sql, name()).add(part, rows);
                    } catch (SQLException e) {
                        if (Failures.isConstraint(e)) {
                            throw WholeStore.crowded(name(), e);
                        }
                        throw e;
                    }
                    Standing.write(
                            sql,
                            new StoreStanding(
                                    now.id(), now.state(), now.peer(), now.peerName(), Optional.of(part), place));
                    return true;
                });
    }

    private StoreStanding checkReceiving() throws SQLException {
        StoreStanding now = Standing.load(sql);
        if (now.state() != State.RECEIVING) {
            throw new ConflictException(
                    name() + " is no longer a copy that is being made. Nothing was changed. Somebody finished it.");
        }
        return now;
    }

    @Override
    public void clear() {
        change(
                RECEIVE,
                () -> {
                    StoreStanding now = checkReceiving();
                    for (String table :
                            sql.all(
                                    "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite\\_%'"
                                            + " ESCAPE '\\' AND name <> 'standing'",
                                    row -> row.getString(1))) {
                        sql.script("DELETE FROM " + table);
                    }
                    ChainHead.EMPTY.insert(sql);
                    Standing.write(sql, stand(now, now.state(), now.peer(), now.peerName()));
                    return true;
                });
    }

    @Override
    public void received() {
        change(
                RECEIVE,
                () -> {
                    StoreStanding now = checkReceiving();
                    Standing.write(sql, stand(now, State.OPEN, now.peer(), now.peerName()));
                    return true;
                });
    }

    @Override
    public Anchor verify(Consumer<Finding> findings) {
        return call(
                "be verified",
                () -> {
                    try (Sql reading = file.connect()) {
                        reading.script("PRAGMA query_only=ON");
                        return new VerifyStore(reading, Optional.empty(), Optional.empty(), findings).verify();
                    }
                });
    }

    @Override
    public long fence() {
        return change(
                "be fenced",
                () -> {
                    for (WorkerRecord worker : Workers.all(sql)) {
                        Workers.retire(sql, worker.id());
                    }
                    for (Head head : sql.all("SELECT " + Head.COLUMNS + " FROM head", Head::checked)) {
                        head.raised(EPOCHS_OF_A_LOST_FUTURE).writeHolder(sql);
                    }
                    for (long run :
                            sql.all(
                                    "SELECT no FROM run WHERE status = " + StatusNumber.of(RunStatus.RUNNING),
                                    row -> row.getLong(1))) {
                        Runs.show(sql, run, RunStatus.PENDING, "", null, 0);
                    }
                    return ChainHead.load(sql).runs();
                });
    }

    @Override
    public void close() {
        try {
            sql.close();
        } catch (SQLException e) {
            throw file.failure(e, "be closed");
        }
    }
}
