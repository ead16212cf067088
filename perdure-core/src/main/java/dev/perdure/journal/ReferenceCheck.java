package dev.perdure.journal;

import dev.perdure.error.CorruptedException;
import dev.perdure.journal.Packed.Base;
import dev.perdure.journal.Packed.Earlier;
import dev.perdure.journal.Packed.Form;
import dev.perdure.journal.Packed.Inline;
import dev.perdure.journal.Packed.PackedList;
import dev.perdure.journal.Packed.Shared;

import java.util.List;

/// Checks that the references in a payload lead to what its digests say.
///
/// An entry's digest covers the digests of its payloads' leaves and lists, not where their bytes are. So a changed
/// reference shows only where it leads: that is followed here, one step and no further, for what lies there was or will
/// be checked with the entry it lies in. A whole journal is checked in time linear in its length.
public final class ReferenceCheck {
    /// Where the entries that references name are read from.
    public interface Source {
        /// The contents of the entry with this sequence.
        ///
        /// @throws CorruptedException if there is no such entry, or it cannot be read
        List<Content> contents(long sequence);
    }

    private final Source source;

    /// Looks up in `source` what is named.
    public ReferenceCheck(Source source) {
        this.source = source;
    }

    /// Checks the references of one payload.
    ///
    /// @throws CorruptedException saying which of them is wrong
    public void check(Content content) {
        try {
            Packed packed = content.packed();
            if (packed.skeleton() instanceof Earlier earlier && !leaf(earlier).equals(earlier.digest().orElseThrow())) {
                throw new CorruptedException(
                        "the reference to entry " + earlier.sequence() + " leads to other content");
            }
            for (PackedList list : packed.lists()) {
                if (!prefix(list, length(list)).equals(list.digest())) {
                    throw new CorruptedException(
                            "a list with the digest "
                                    + list.digest().abbreviated()
                                    + " refers to other items than it was made of");
                }
            }
        } catch (IndexOutOfBoundsException e) {
            throw new CorruptedException("a reference leads to a place that does not exist", e);
        }
    }

    private static int length(PackedList list) {
        return list.base().map(Base::length).orElse(0) + list.items().size();
    }

    /// The digest of the first `length` leaves of a list, computed from its base and items.
    private Digest prefix(PackedList list, int length) {
        Digest digest = PayloadDigests.EMPTY_LIST;
        int own = length;
        if (list.base().isPresent()) {
            Base base = list.base().get();
            own -= base.length();
            if (own < 0) {
                throw new IndexOutOfBoundsException(length);
            }
            digest = digest(base);
        }
        for (Form form : list.items().subList(0, own)) {
            digest = PayloadDigests.append(digest, leaf(form));
        }
        return digest;
    }

    private Digest digest(Base base) {
        PackedList below = source.contents(base.sequence()).get(base.slot()).packed().lists().get(base.list());
        if (base.length() == length(below)) {
            return below.digest();
        }
        if (below.base().isPresent() && !below.base().get().isBelow(base)) {
            throw new CorruptedException("a list in entry " + base.sequence() + " rests on itself");
        }
        return prefix(below, base.length());
    }

    private Digest leaf(Form form) {
        return switch (form) {
            case Inline(Leaf leaf) -> leaf.digest();
            case Shared shared -> shared.digest();
            case Earlier(long sequence, int slot, int item, _) -> {
                Form there = source.contents(sequence).get(slot).packed().item(item);
                if (there instanceof Earlier) {
                    throw new CorruptedException("the reference to entry " + sequence + " leads to a reference");
                }
                yield leaf(there);
            }
        };
    }
}
