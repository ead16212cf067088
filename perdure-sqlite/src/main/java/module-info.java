/// Perdure's embedded store: one SQLite file.
module dev.perdure.sqlite {
    requires dev.perdure;
    requires java.sql;
    requires org.xerial.sqlitejdbc;
    requires static org.jspecify;

    provides dev.perdure.store.StoreProvider with
            dev.perdure.sqlite.SqliteStoreProvider;
}
