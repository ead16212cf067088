package dev.perdure.postgres;

import dev.perdure.store.RunStore;
import dev.perdure.store.WholeStore;
import dev.perdure.store.tck.DatabaseStoreCompatibilityKit;
import dev.perdure.store.tck.StoreUnderTest;
import dev.perdure.testing.PostgresServer;

import java.util.List;
import java.util.Map;
import java.util.Optional;

class PostgresStoreTest extends DatabaseStoreCompatibilityKit {
    @Override
    protected StoreUnderTest newStore() {
        PostgresServer server = PostgresServer.shared();
        String schema = server.newSchema();
        String url = server.url() + "&perdureSchema=" + schema;
        return new StoreUnderTest() {
            private long passed;

            @Override
            public RunStore open() {
                return new PostgresStoreProvider().open(url);
            }

            @Override
            public Optional<WholeStore> openWhole() {
                return Optional.of(new PostgresStoreProvider().openWhole(url));
            }

            @Override
            public Map<String, List<String>> dump() {
                return Dump.of(server, schema);
            }

            @Override
            public void pass(long millis) {
                passed += millis;
                server.execute(
                        "CREATE OR REPLACE FUNCTION \""
                                + schema
                                + "\".clock() RETURNS bigint LANGUAGE sql VOLATILE AS $$ SELECT (extract(epoch from"
                                + " clock_timestamp()) * 1000)::bigint + "
                                + passed
                                + " $$");
            }

            @Override
            public void remove() {
                server.drop(schema);
            }
        };
    }
}
