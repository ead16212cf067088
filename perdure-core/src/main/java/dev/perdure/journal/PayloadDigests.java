package dev.perdure.journal;

import java.security.MessageDigest;
import java.util.List;

/// The digests of payloads. Each kind of node has its own first byte, so that none can be passed off as another (RFC
/// 6962 section 2.1 does the same for the nodes of its trees).
///
/// - raw leaf: `SHA-256(00 ‖ text)`
/// - encoded leaf: `SHA-256(01 ‖ codec ‖ varint rawLength ‖ bytes)`
/// - list of n leaves: `h(0) = SHA-256(10)`, `h(i) = SHA-256(11 ‖ h(i-1) ‖ leaf(i))`: appending needs no older leaf
/// - payload with lists: `SHA-256(12 ‖ skeleton ‖ (varint offset ‖ list digest)*)`; without lists: its only leaf's
///   digest
final class PayloadDigests {
    static final Digest EMPTY_LIST = Digest.over(new byte[] {0x10});

    private static final byte[] RAW_LEAF = {0x00};

    private PayloadDigests() {}

    static Digest rawLeaf(byte[] text) {
        return Digest.over(RAW_LEAF, text);
    }

    static Digest encodedLeaf(int codec, int rawLength, byte[] bytes) {
        return Digest.over(new WireWriter().u8(0x01).u8(codec).varint(rawLength).toBytes(), bytes);
    }

    static Digest append(Digest list, Digest leaf) {
        MessageDigest sha = Digest.sha256();
        sha.update((byte) 0x11);
        list.feed(sha);
        leaf.feed(sha);
        return Digest.finish(sha);
    }

    static Digest payload(Digest skeleton, List<Integer> offsets, List<Digest> lists) {
        if (lists.isEmpty()) {
            return skeleton;
        }
        WireWriter wire = new WireWriter().u8(0x12).digest(skeleton);
        for (int i = 0; i < lists.size(); i++) {
            wire.varint(offsets.get(i)).digest(lists.get(i));
        }
        return Digest.over(wire.toBytes());
    }
}
