package dev.perdure.postgres;

import dev.perdure.store.RunStore;
import dev.perdure.store.StoreProvider;
import dev.perdure.store.WholeStore;

/// Opens stores by `jdbc:postgresql://HOST/DATABASE`, creating schema and tables if there are none.
///
/// ```java
/// try (RunStore store = new PostgresStoreProvider().open("jdbc:postgresql://db.example.org/agents?user=ada")) { ... }
/// ```
///
/// After `?` stand the driver's own parameters (`sslmode=verify-full` for TLS, for example) and two of Perdure's:
/// `perdureSchema`, the schema of this store (`perdure`), and `perdureConnections`, how many connections this process
/// holds at most (10). What the URL leaves out comes from the environment: `PGUSER` and `PGPASSWORD`, or the file that
/// `PGPASSFILE` names. No message repeats the URL or a password.
///
/// It works on PostgreSQL 14 and later. A pooler in transaction mode may stand in between; what it drops
/// (notifications) costs at most a quarter of a second. Thread-safe.
public final class PostgresStoreProvider implements StoreProvider {
    /// Called by [java.util.ServiceLoader].
    public PostgresStoreProvider() {}

    @Override
    public boolean accepts(String url) {
        return url.startsWith(StoreUrl.PREFIX);
    }

    @Override
    public String form() {
        return StoreUrl.PREFIX + "//HOST/DATABASE?user=USER";
    }

    @Override
    public RunStore open(String url) {
        return PostgresRunStore.open(StoreUrl.parse(url, System.getenv()));
    }

    @Override
    public boolean exists(String url) {
        return Migrations.isThere(StoreUrl.parse(url, System.getenv()));
    }

    @Override
    public WholeStore openWhole(String url) {
        return PostgresRunStore.openWhole(StoreUrl.parse(url, System.getenv()));
    }
}
