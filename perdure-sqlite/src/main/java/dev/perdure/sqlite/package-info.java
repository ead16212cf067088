/// The embedded store: one SQLite file, opened by `jdbc:sqlite:FILE` through [java.util.ServiceLoader].
///
/// `SqliteRunStore` is the door; behind it each act has its class (`CommitBatch` commits, `ClaimRuns` claims, ...).
/// Everything this process writes goes through one connection and its lock, `Writer`; everything it only reads goes
/// through the connections of `Readers`. `resources/dev/perdure/sqlite/format-1.sql` tells what is stored.
@NullMarked
package dev.perdure.sqlite;

import org.jspecify.annotations.NullMarked;
