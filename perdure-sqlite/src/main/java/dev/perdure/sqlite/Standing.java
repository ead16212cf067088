package dev.perdure.sqlite;

import dev.perdure.error.CorruptedException;
import dev.perdure.store.StorePart;
import dev.perdure.store.StoreStanding;
import dev.perdure.store.StoreStanding.State;

import org.jspecify.annotations.Nullable;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Locale;
import java.util.Optional;

/// The row of `standing`: who a store is, and whether it is being moved.
final class Standing {
    static final String COLUMNS = "one, id, state, peer, peer_name, part, place, seal";

    private Standing() {}

    /// Makes the row of a new store, which gets an id.
    static void insert(Sql sql) throws SQLException {
        String id = sql.first("SELECT lower(hex(randomblob(16)))", row -> row.getString(1)).orElseThrow();
        StoreStanding made =
                new StoreStanding(id, State.OPEN, Optional.empty(), Optional.empty(), Optional.empty(), "");
        sql.update("INSERT INTO standing (one, id, state, place, seal) VALUES (1, ?, 0, '', ?)", id, seal(made));
    }

    static StoreStanding load(Sql sql) throws SQLException {
        return sql.first(
                        "SELECT " + COLUMNS + " FROM standing",
                        row -> {
                            StoreStanding standing = read(row);
                            if (seal(standing) != row.getLong(8)) {
                                throw damaged("was changed after it was written");
                            }
                            return standing;
                        })
                .orElseThrow(() -> damaged("is missing"));
    }

    private static CorruptedException damaged(String how) {
        return new CorruptedException(
                "the row of the store's standing "
                        + how
                        + ". Keep a copy of the store, run `perdure verify`, restore a backup.");
    }

    static StoreStanding read(ResultSet row) throws SQLException {
        return new StoreStanding(
                row.getString(2),
                State.of(Sql.integer(row, 3)),
                Optional.ofNullable(row.getString(4)),
                Optional.ofNullable(row.getString(5)),
                Optional.ofNullable(row.getString(6)).map(name -> StorePart.valueOf(name.toUpperCase(Locale.ROOT))),
                row.getString(7));
    }

    static void write(Sql sql, StoreStanding standing) throws SQLException {
        sql.update(
                "UPDATE standing SET state = ?, peer = ?, peer_name = ?, part = ?, place = ?, seal = ?",
                standing.state().number(),
                standing.peer().orElse(null),
                standing.peerName().orElse(null),
                part(standing),
                standing.place(),
                seal(standing));
    }

    private static @Nullable String part(StoreStanding standing) {
        return standing.part().map(part -> part.name().toLowerCase(Locale.ROOT)).orElse(null);
    }

    static long seal(StoreStanding standing) {
        return new Seal('s')
                .with(1L)
                .with(standing.id())
                .with((long) standing.state().number())
                .with(standing.peer().orElse(null))
                .with(standing.peerName().orElse(null))
                .with(part(standing))
                .with(standing.place())
                .value();
    }
}
