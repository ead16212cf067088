package dev.perdure.journal;

import dev.perdure.journal.Packed.Base;
import dev.perdure.journal.Packed.Earlier;
import dev.perdure.journal.Packed.Form;
import dev.perdure.journal.Packed.Inline;
import dev.perdure.journal.Packed.PackedList;
import dev.perdure.journal.Packed.Shared;

import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// Decides where the bytes of a payload go, knowing what the journal already holds.
///
/// A leaf that was stored before is named, not stored again. A list that begins like an earlier one names that one as
/// its base. Were every list based on the one just before, reading a list of n leaves would follow n bases; so bases
/// are chosen as in a Fenwick tree of radix 8 (P. M. Fenwick, 1994): a list of length n rests on one whose length is n
/// with its lowest non-zero octal digit lowered by one. A list is then read in at most 7 log8 n hops, and an appended
/// leaf's reference is written log8 n times over the life of the list.
///
/// Holds the [#MAX_LISTS] lists used last, and [#MIN_LEAVES] leaves or, while lists are longer, twice as many as the
/// longest has, up to [#MAX_LEAVES]; forgetting one costs bytes, never correctness. Not thread-safe: it belongs to the
/// run's journal and its lock.
public final class Packer {
    /// Leaves whose plain text has this many bytes or more are shared by the whole store.
    public static final int SHARED_FROM = 4_096;

    private static final int MIN_LEAVES = 1_024;
    private static final int MAX_LEAVES = 65_536;
    private static final int MAX_LISTS = 1_024;
    private static final int MAX_STEP = 4_096;
    private static final int MIN_REFERENCE = 8;
    private static final int MIN_SKELETON_REFERENCE = 64;

    private record Place(long sequence, int slot, int item, Digest digest) {}

    private record ListPlace(long sequence, int slot, int list) {}

    /// A list stored earlier. `rooted` says that its chain of bases is known down to the first leaf.
    private record Version(ListPlace place, int length, @Nullable Version base, boolean rooted) {}

    private final Bounded<Digest, Place> leaves = new Bounded<>(MIN_LEAVES);
    private final Map<Digest, Version> lists = new Bounded<>(MAX_LISTS);
    private final Map<ListPlace, Version> listsByPlace = new Bounded<>(MAX_LISTS);

    /// A packer that knows nothing yet.
    public Packer() {}

    /// Packs `plain` as slot `slot` of the entry that will get `sequence`, and remembers its parts for later entries.
    ///
    /// Leaves to be stored for the whole store are added to `shared`.
    public Content pack(
            Plain plain,
            String type,
            int typeVersion,
            boolean compared,
            long sequence,
            int slot,
            Map<Digest, Leaf> shared) {
        Numbering numbering = new Numbering(sequence, slot, shared);
        Form skeleton = numbering.skeleton(plain.skeletonDigest(), plain.skeleton());
        List<PackedList> packedLists = new ArrayList<>(plain.cuts().size());
        for (Plain.Cut cut : plain.cuts()) {
            packedLists.add(numbering.list(cut, packedLists.size()));
        }
        Packed packed = new Packed(skeleton, packedLists);
        Optional<Digest> value = compared ? Optional.of(plain.valueDigest()) : Optional.empty();
        return new Content(type, typeVersion, packed.digest(), value, packed);
    }

    /// Learns the parts of an entry read back, so that later entries can name them. Entries are learnt in order.
    ///
    /// @param shared shared leaves that are at hand; others stay unknown
    public void learn(Entry entry, Map<Digest, Leaf> shared) {
        List<Content> contents = entry.event().contents();
        for (int slot = 0; slot < contents.size(); slot++) {
            learn(entry.sequence(), slot, contents.get(slot).packed(), shared);
        }
    }

    private void learn(long sequence, int slot, Packed packed, Map<Digest, Leaf> shared) {
        int item = 0;
        learnLeaf(packed.skeleton(), new Earlier(sequence, slot, item++, Optional.empty()), shared);
        int number = 0;
        for (PackedList list : packed.lists()) {
            makeRoom(list.base().map(Base::length).orElse(0) + list.items().size());
            for (Form form : list.items()) {
                learnLeaf(form, new Earlier(sequence, slot, item++, Optional.empty()), shared);
            }
            int length = list.base().map(Base::length).orElse(0) + list.items().size();
            Version base =
                    list.base()
                            .map(b -> listsByPlace.get(new ListPlace(b.sequence(), b.slot(), b.list())))
                            .orElse(null);
            boolean rooted = base == null ? list.base().isEmpty() : base.rooted();
            remember(list.digest(), new Version(new ListPlace(sequence, slot, number++), length, base, rooted));
        }
    }

    private void learnLeaf(Form form, Earlier place, Map<Digest, Leaf> shared) {
        Leaf leaf =
                switch (form) {
                    case Inline inline -> inline.leaf();
                    case Shared(Digest digest, _, _) -> shared.get(digest);
                    case Earlier _ -> null;
                };
        if (leaf != null) {
            Digest digest = leaf.digest();
            Digest plain = leaf.codec() == Leaf.RAW ? digest : PayloadDigests.rawLeaf(leaf.text());
            leaves.putIfAbsent(plain, new Place(place.sequence(), place.slot(), place.item(), digest));
        }
    }

    private void makeRoom(int length) {
        leaves.limit = Math.max(leaves.limit, Math.min(MAX_LEAVES, 2 * length));
    }

    private void remember(Digest digest, Version version) {
        lists.putIfAbsent(digest, version);
        listsByPlace.put(version.place(), version);
    }

    /// The length an appended list's base should have: see the class comment. `from` is the length of the list that is
    /// known, `to` the new one; of all lengths passed on the way the roundest decides.
    static int baseLength(int from, int to) {
        int step = 1;
        while (step < MAX_STEP && from / (step * 8L) < to / (step * 8L)) {
            step *= 8;
        }
        int round = to - to % step;
        return round - step;
    }

    private final class Numbering {
        private final long sequence;
        private final int slot;
        private final Map<Digest, Leaf> shared;
        private int items = 1;

        Numbering(long sequence, int slot, Map<Digest, Leaf> shared) {
            this.sequence = sequence;
            this.slot = slot;
            this.shared = shared;
        }

        Form skeleton(Digest plainDigest, byte[] text) {
            Place known = text.length < MIN_SKELETON_REFERENCE ? null : leaves.get(plainDigest);
            return known == null
                    ? place(plainDigest, Leaf.compressed(text), 0)
                    : new Earlier(known.sequence(), known.slot(), known.item(), Optional.of(known.digest()));
        }

        PackedList list(Plain.Cut cut, int number) {
            int size = cut.pieces().size();
            makeRoom(size);
            Leaf[] fresh = new Leaf[size];
            Version longest = null;
            Digest chain = PayloadDigests.EMPTY_LIST;
            for (int i = 0; i < size; i++) {
                chain = PayloadDigests.append(chain, storedDigest(cut, i, fresh));
                Version version = lists.get(chain);
                if (version != null && version.length() == i + 1) {
                    longest = version;
                }
            }
            Version base = lower(longest, size);
            int from = base == null ? 0 : base.length();
            List<Form> forms = new ArrayList<>(size - from);
            for (int i = from; i < size; i++) {
                forms.add(item(cut.digests().get(i), cut.pieces().get(i), fresh[i]));
            }
            remember(chain, new Version(new ListPlace(sequence, slot, number), size, base, true));
            Optional<Base> named =
                    Optional.ofNullable(base)
                            .map(b -> new Base(b.place().sequence(), b.place().slot(), b.place().list(), b.length()));
            return new PackedList(cut.offset(), chain, named, forms);
        }

        private Digest storedDigest(Plain.Cut cut, int index, @Nullable Leaf[] fresh) {
            Digest plain = cut.digests().get(index);
            Place known = leaves.get(plain);
            if (known != null) {
                return known.digest();
            }
            Leaf leaf = Leaf.compressed(cut.pieces().get(index));
            fresh[index] = leaf;
            return leaf.codec() == Leaf.RAW ? plain : leaf.digest();
        }

        private @Nullable Version lower(@Nullable Version longest, int size) {
            if (longest == null || longest.length() == size) {
                return longest;
            }
            int wanted = baseLength(longest.length(), size);
            Version base = longest;
            // The last one at or above: with several items a turn no version may have just the length that is wanted.
            while (base.length() > wanted && base.rooted() && base.base() != null && base.base().length() >= wanted) {
                base = base.base();
            }
            return base;
        }

        private Form item(Digest plainDigest, byte[] text, @Nullable Leaf fresh) {
            Place known = text.length < MIN_REFERENCE ? null : leaves.get(plainDigest);
            Form form =
                    known == null
                            ? place(plainDigest, fresh != null ? fresh : Leaf.compressed(text), items)
                            : new Earlier(known.sequence(), known.slot(), known.item(), Optional.empty());
            items++;
            return form;
        }

        private Form place(Digest plainDigest, Leaf leaf, int item) {
            Digest digest = leaf.codec() == Leaf.RAW ? plainDigest : leaf.digest();
            leaves.put(plainDigest, new Place(sequence, slot, item, digest));
            if (leaf.rawLength() < SHARED_FROM) {
                return new Inline(leaf);
            }
            shared.put(digest, leaf);
            return new Shared(digest, leaf.rawLength(), leaf.bytes().length);
        }
    }

    private static final class Bounded<K, V> extends LinkedHashMap<K, V> {
        private static final long serialVersionUID = 1L;
        private int limit;

        Bounded(int limit) {
            super(64, 0.75f, true);
            this.limit = limit;
        }

        @Override
        protected boolean removeEldestEntry(Map.Entry<K, V> eldest) {
            return size() > limit;
        }
    }
}
