package dev.perdure.journal;

/// An entry as a store keeps it. A store need not look into `body` and `data`.
///
/// @param sequence the entry's number on its branch
/// @param body the entry's own fields, encoded by [EntryCodec]
/// @param data where its payloads' bytes are, or the bytes themselves
/// @param digest the digest over run, branch, sequence, parent, body and the payloads' digests
@SuppressWarnings("ArrayRecordComponent") // compared by digest, never by equals
public record EncodedEntry(long sequence, byte[] body, byte[] data, Digest digest) {}
