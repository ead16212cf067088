package dev.perdure.journal;

import dev.perdure.error.CorruptedException;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.List;
import java.util.Optional;

/// The versioned, deterministic encoding of entries, described byte by byte in `docs/journal-format.md`.
///
/// An entry is two arrays. The *body* holds its own fields; the *data* holds, for each of its contents, the payload or
/// where to find it. The digest covers the body and the contents' digests but not the data, so that bytes can move or
/// be erased while the chain stays verifiable. Every version ever released stays readable.
public final class EntryCodec {
    /// The version this code writes.
    public static final int VERSION = 1;

    private static final byte[] DOMAIN = "perdure/entry/1\0".getBytes(StandardCharsets.UTF_8);

    private EntryCodec() {}

    /// Encodes an entry's fields and computes its digest. `parent` is the digest of the entry before.
    public static EncodedEntry encode(
            RunId run, int branch, long sequence, long epoch, long timeMillis, Path path, Event event, Digest parent) {
        WireWriter body = new WireWriter();
        body.u8(VERSION).u8(EventCodec.kind(event)).varint(epoch).varint(timeMillis);
        body.string(path.text()).varint(path.strandLength());
        EventCodec.write(body, timeMillis, event);
        List<Content> contents = event.contents();
        WireWriter data = new WireWriter();
        for (Content content : contents) {
            body.string(content.type()).varint(content.typeVersion());
            Optional<Digest> value = content.valueDigest();
            if (value.isEmpty()) {
                body.u8(0);
            } else if (value.get().equals(content.digest())) {
                body.u8(1);
            } else {
                body.u8(2).digest(value.get());
            }
            content.packed().write(data);
        }
        byte[] bytes = body.toBytes();
        return new EncodedEntry(
                sequence, bytes, data.toBytes(), digest(run, branch, sequence, parent, bytes, contents));
    }

    /// Decodes an entry and checks its digest.
    ///
    /// @throws CorruptedException if the bytes are damaged, or the digest is not that of the content after `parent`
    public static Entry decode(RunId run, int branch, EncodedEntry encoded, Digest parent) {
        Entry entry = decodeUnchecked(run, branch, encoded, parent);
        Digest actual = digest(run, branch, encoded.sequence(), parent, encoded.body(), entry.event().contents());
        if (!actual.equals(encoded.digest())) {
            throw new CorruptedException(
                    entry.describe()
                            + " was changed after it was written: its digest is "
                            + encoded.digest().abbreviated()
                            + ", its content gives "
                            + actual.abbreviated()
                            + ". Run `perdure verify "
                            + run
                            + "`.");
        }
        return entry;
    }

    /// Decodes an entry whose predecessor is not at hand; its digest is taken on trust.
    ///
    /// @throws CorruptedException if the bytes are damaged
    public static Entry decodeUnchecked(RunId run, int branch, EncodedEntry encoded, Digest parent) {
        try {
            WireReader body = new WireReader(encoded.body());
            int version = body.u8();
            if (version != VERSION) {
                throw new CorruptedException(
                        "the entry has format "
                                + version
                                + ", this Perdure reads up to "
                                + VERSION
                                + ": it was written by a newer version, or is damaged. Upgrade, or run `perdure"
                                + " verify`.");
            }
            int kind = body.u8();
            long epoch = body.varint();
            long time = body.varint();
            String text = body.string();
            Path path = new Path(text, Math.min(body.smallInt(), text.length()));
            WireReader data = new WireReader(encoded.data());
            Event event = EventCodec.read(kind, time, body, data);
            body.end();
            data.end();
            return new Entry(run, branch, encoded.sequence(), epoch, time, path, event, parent, encoded.digest());
        } catch (CorruptedException e) {
            throw new CorruptedException(run + " entry " + encoded.sequence() + ": " + e.getMessage(), e);
        } catch (RuntimeException e) { // damaged bytes may break any of the records' rules
            throw new CorruptedException(
                    run + " entry " + encoded.sequence() + " cannot be read. Run `perdure verify " + run + "`.", e);
        }
    }

    private static Digest digest(
            RunId run, int branch, long sequence, Digest parent, byte[] body, List<Content> contents) {
        MessageDigest sha = Digest.sha256();
        sha.update(DOMAIN);
        parent.feed(sha);
        sha.update(new WireWriter().string(run.value()).varint(branch).varint(sequence).varint(body.length).toBytes());
        sha.update(body);
        for (Content content : contents) {
            content.digest().feed(sha);
        }
        return Digest.finish(sha);
    }
}
