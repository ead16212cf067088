package dev.perdure.postgres;

import dev.perdure.error.CorruptedException;
import dev.perdure.store.StorePart;
import dev.perdure.store.StoreStanding;
import dev.perdure.store.StoreStanding.State;

import org.jspecify.annotations.Nullable;

import java.sql.SQLException;
import java.util.Locale;
import java.util.Optional;

/// The row of `standing`: who a store is, and whether it is being moved.
final class Standing {
    static final String COLUMNS = "one, id, state, peer, peer_name, part, place, seal";

    private Standing() {}

    static StoreStanding read(Sql sql) throws SQLException {
        return sql.first(
                        "SELECT " + COLUMNS + " FROM perdure.standing",
                        row -> {
                            if (!Seal.matches(row.getBytes(8), "standing", row, 1, 7)) {
                                throw new CorruptedException(
                                        "the store's row of standing was changed after it was written. Keep a copy of"
                                                + " the store, run `perdure verify`, restore a backup.");
                            }
                            return new StoreStanding(
                                    row.getString(2),
                                    State.of(row.getInt(3)),
                                    Optional.ofNullable(row.getString(4)),
                                    Optional.ofNullable(row.getString(5)),
                                    Optional.ofNullable(row.getString(6))
                                            .map(name -> StorePart.valueOf(name.toUpperCase(Locale.ROOT))),
                                    row.getString(7));
                        })
                .orElseThrow(() ->
                        new CorruptedException("the store's table standing is empty. Restore a backup of the store."));
    }

    static void write(Sql sql, StoreStanding standing) throws SQLException {
        write(
                sql,
                standing.state(),
                standing.peer().orElse(null),
                standing.peerName().orElse(null),
                standing.part().orElse(null),
                standing.place());
    }

    static void write(
            Sql sql,
            State state,
            @Nullable String peer,
            @Nullable String peerName,
            @Nullable StorePart part,
            String place)
            throws SQLException {
        sql.update(
                "UPDATE perdure.standing SET state = ?::smallint, peer = ?, peer_name = ?, part = ?, place = ?",
                state.number(),
                peer,
                peerName,
                part == null ? null : part.name().toLowerCase(Locale.ROOT),
                place);
        sql.update("UPDATE perdure.standing s SET seal = perdure.seal_standing(s)");
    }
}
