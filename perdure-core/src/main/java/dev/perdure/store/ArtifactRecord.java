package dev.perdure.store;

import dev.perdure.journal.Digest;

/// A content kept outside the journal: the SHA-256 of its bytes, and how many they are.
public record ArtifactRecord(Digest digest, long size) {}
