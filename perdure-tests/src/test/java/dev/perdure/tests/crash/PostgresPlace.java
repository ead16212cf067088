package dev.perdure.tests.crash;

import dev.perdure.store.RunStore;
import dev.perdure.tests.crash.PostgresSchemas.Rows;

import java.io.IOException;
import java.util.Optional;

/// A PostgreSQL store in a schema of a server that the tests share. A kill leaves the rows of its tables.
final class PostgresPlace implements Place {
    private final PostgresSchemas schemas;
    private final Rows begin;
    private Optional<String> schema = Optional.empty();

    PostgresPlace(PostgresSchemas schemas, Rows begin) {
        this.schemas = schemas;
        this.begin = begin;
    }

    @Override
    public RunStore open() throws IOException {
        String taken = schemas.filled(begin);
        schema = Optional.of(taken);
        return schemas.open(taken);
    }

    @Override
    public Remains remains() throws IOException {
        Rows left = schemas.read(schema.orElseThrow());
        return () -> new PostgresPlace(schemas, left);
    }
}
