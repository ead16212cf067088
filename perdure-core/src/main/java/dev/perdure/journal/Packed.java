package dev.perdure.journal;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/// A payload as an entry stores it: leaves inline, or named by where they already are.
///
/// References point backwards inside the same journal by (sequence, slot, item) or, for leaves of [Packer#SHARED_FROM]
/// bytes and more, into the store-wide set of shared leaves by digest. This form decides only *where* bytes are; the
/// payload's digest is the same whichever form was chosen.
///
/// @param skeleton the text around the lists
/// @param lists the arrays cut out of it, in order
public record Packed(Form skeleton, List<PackedList> lists) {
    /// Copies the lists.
    public Packed {
        lists = List.copyOf(lists);
    }

    /// Where one leaf is.
    public sealed interface Form {}

    /// Here.
    public record Inline(Leaf leaf) implements Form {}

    /// At an earlier place of this journal: item 0 is a slot's skeleton, item i the i-th leaf its lists hold
    /// themselves.
    ///
    /// @param digest the leaf's digest, only for a skeleton (a list's digest covers its leaves)
    public record Earlier(long sequence, int slot, int item, Optional<Digest> digest) implements Form {}

    /// In the store-wide set of shared leaves.
    public record Shared(Digest digest, int rawLength, int storedLength) implements Form {}

    /// A persistent list: the first `baseLength` leaves of an earlier list, then leaves of its own.
    ///
    /// @param offset where the array belongs in the skeleton, in bytes
    /// @param digest the list's digest
    public record PackedList(int offset, Digest digest, Optional<Base> base, List<Form> items) {
        /// Copies the list.
        public PackedList {
            items = List.copyOf(items);
        }
    }

    /// The first `length` leaves of list number `list` in slot `slot` of entry `sequence`.
    public record Base(long sequence, int slot, int list, int length) {
        private static final Comparator<Base> IN_ORDER_OF_WRITING =
                Comparator.comparingLong(Base::sequence).thenComparingInt(Base::slot).thenComparingInt(Base::list);

        /// Whether this list was written before `other`, as everything is that a list rests on. Where that is not so,
        /// the bytes are damaged, and following bases might never end.
        boolean isBelow(Base other) {
            return IN_ORDER_OF_WRITING.compare(this, other) < 0;
        }
    }

    /// The digest of the whole payload.
    Digest digest() {
        Digest own =
                switch (skeleton) {
                    case Inline inline -> inline.leaf().digest();
                    case Earlier earlier -> earlier.digest().orElseThrow();
                    case Shared shared -> shared.digest();
                };
        return PayloadDigests.payload(
                own, lists.stream().map(PackedList::offset).toList(), lists.stream().map(PackedList::digest).toList());
    }

    /// Item `item` of this payload, numbered as in [Earlier].
    Form item(int item) {
        if (item == 0) {
            return skeleton;
        }
        int rest = item - 1;
        for (PackedList list : lists) {
            if (rest < list.items().size()) {
                return list.items().get(rest);
            }
            rest -= list.items().size();
        }
        throw new IndexOutOfBoundsException(item);
    }

    void write(WireWriter wire) {
        writeForm(wire, skeleton);
        wire.varint(lists.size());
        for (PackedList list : lists) {
            wire.varint(list.offset()).digest(list.digest());
            wire.varint(list.base().map(Base::length).orElse(0));
            list.base().ifPresent(b -> wire.varint(b.sequence()).varint(b.slot()).varint(b.list()));
            wire.varint(list.items().size());
            list.items().forEach(form -> writeForm(wire, form));
        }
    }

    static Packed read(WireReader wire) {
        Form skeleton = readForm(wire);
        int count = wire.length();
        List<PackedList> lists = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            int offset = wire.smallInt();
            Digest digest = wire.digest();
            int baseLength = wire.smallInt();
            Optional<Base> base =
                    baseLength == 0
                            ? Optional.empty()
                            : Optional.of(new Base(wire.varint(), wire.smallInt(), wire.smallInt(), baseLength));
            int items = wire.length();
            List<Form> forms = new ArrayList<>(items);
            for (int k = 0; k < items; k++) {
                forms.add(readForm(wire));
            }
            lists.add(new PackedList(offset, digest, base, forms));
        }
        return new Packed(skeleton, lists);
    }

    // The tags are part of the format: 0 raw, 1 deflated, 2 earlier, 3 earlier with digest, 4 shared.
    private static void writeForm(WireWriter wire, Form form) {
        switch (form) {
            case Inline(Leaf leaf) -> {
                wire.u8(leaf.codec());
                if (leaf.codec() != Leaf.RAW) {
                    wire.varint(leaf.rawLength());
                }
                wire.bytes(leaf.bytes());
            }
            case Earlier e -> {
                wire.u8(e.digest().isEmpty() ? 2 : 3).varint(e.sequence()).varint(e.slot()).varint(e.item());
                e.digest().ifPresent(wire::digest);
            }
            case Shared(Digest digest, int rawLength, int storedLength) ->
                    wire.u8(4).digest(digest).varint(rawLength).varint(storedLength);
        }
    }

    private static Form readForm(WireReader wire) {
        int tag = wire.u8();
        return switch (tag) {
            case 0 -> new Inline(Leaf.raw(wire.bytes()));
            case 2 -> new Earlier(wire.varint(), wire.smallInt(), wire.smallInt(), Optional.empty());
            case 3 -> new Earlier(wire.varint(), wire.smallInt(), wire.smallInt(), Optional.of(wire.digest()));
            case 4 -> new Shared(wire.digest(), wire.smallInt(), wire.smallInt());
            default -> new Inline(new Leaf(tag, wire.smallInt(), wire.bytes()));
        };
    }
}
