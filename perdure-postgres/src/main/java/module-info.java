/// Perdure's store for many workers: a PostgreSQL server.
module dev.perdure.postgres {
    requires com.zaxxer.hikari;
    requires dev.perdure;
    requires java.sql;
    requires org.postgresql.jdbc;
    requires org.slf4j;
    requires static org.checkerframework.checker.qual;
    requires static org.jspecify;

    provides dev.perdure.store.StoreProvider with
            dev.perdure.postgres.PostgresStoreProvider;
}
