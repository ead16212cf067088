package dev.perdure.journal;

import java.util.Optional;

/// A user's value inside an entry: what it is called, its digests, and where its bytes are.
///
/// @param type the logical type name, never a Java class name
/// @param typeVersion the version of that type's shape, from 1
/// @param digest the digest over the stored bytes; this is what the entry's own digest covers
/// @param valueDigest the digest of the value itself, kept where values are compared (recorded inputs)
/// @param packed where the bytes are
public record Content(String type, int typeVersion, Digest digest, Optional<Digest> valueDigest, Packed packed) {}
