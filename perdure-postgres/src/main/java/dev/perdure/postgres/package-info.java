/// The store for many workers: a schema of a PostgreSQL database, opened by `jdbc:postgresql://...` through
/// [java.util.ServiceLoader].
///
/// `PostgresRunStore` is the door; behind it each act has its class (`CommitBatch` commits, `ClaimRuns` claims, ...).
/// `Connections` says how calls reach the server and which are tried again. What must be decided under locks and in one
/// round trip is a function in `resources/dev/perdure/postgres/format-1.sql`, which also tells what is stored. SQL
/// names the store's schema `perdure.`; [Sql] puts in the configured one.
@NullMarked
package dev.perdure.postgres;

import org.jspecify.annotations.NullMarked;
