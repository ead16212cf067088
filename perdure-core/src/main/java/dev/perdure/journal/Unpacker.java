package dev.perdure.journal;

import dev.perdure.error.CorruptedException;
import dev.perdure.journal.Packed.Base;
import dev.perdure.journal.Packed.Earlier;
import dev.perdure.journal.Packed.Form;
import dev.perdure.journal.Packed.Inline;
import dev.perdure.journal.Packed.PackedList;
import dev.perdure.journal.Packed.Shared;

import org.jspecify.annotations.Nullable;

import java.io.ByteArrayOutputStream;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/// Puts a payload together again and checks its digest.
///
/// Stateless between calls; as thread-safe as its source.
public final class Unpacker {
    /// What an unpacker reads from: one journal, and the store-wide shared leaves.
    public interface Source {
        /// Announces entries that will be asked for, so that they can be read together.
        void expect(Set<Long> sequences);

        /// The contents of the entry with this sequence, in order.
        List<Content> contents(long sequence);

        /// The shared leaf with this digest.
        Leaf shared(Digest digest);
    }

    private final Source source;

    /// Reads what payloads name from `source`.
    public Unpacker(Source source) {
        this.source = source;
    }

    /// The JSON text of `content`.
    ///
    /// @param where names the place in messages
    /// @throws CorruptedException if a piece is missing or the digest does not match
    public byte[] json(Content content, String where) {
        Packed packed = content.packed();
        try {
            if (packed.lists().isEmpty() && packed.skeleton() instanceof Inline(Leaf leaf)) {
                return leaf.text(); // its digest entered the entry's when that was decoded
            }
            return assemble(content);
        } catch (IndexOutOfBoundsException | IllegalStateException e) {
            throw new CorruptedException(
                    "the payload of " + where + " names a place that does not exist." + " Run `perdure verify`.", e);
        }
    }

    private byte[] assemble(Content content) {
        Packed packed = content.packed();
        Leaf skeleton = leaf(packed.skeleton());
        List<List<Leaf>> lists = new ArrayList<>();
        List<Digest> digests = new ArrayList<>();
        for (PackedList list : packed.lists()) {
            List<Leaf> leaves = leaves(list);
            Digest chain = PayloadDigests.EMPTY_LIST;
            for (Leaf leaf : leaves) {
                chain = PayloadDigests.append(chain, leaf.digest());
            }
            lists.add(leaves);
            digests.add(chain);
        }
        Digest actual =
                PayloadDigests.payload(
                        skeleton.digest(), packed.lists().stream().map(PackedList::offset).toList(), digests);
        if (!actual.equals(content.digest())) {
            throw new CorruptedException(
                    "a payload of type "
                            + content.type()
                            + " has digest "
                            + actual.abbreviated()
                            + " where the journal holds "
                            + content.digest().abbreviated()
                            + ". Run `perdure verify`.");
        }
        return join(skeleton.text(), packed.lists(), lists);
    }

    /// All leaves of a list: its own, and those of the lists it rests on.
    private List<Leaf> leaves(PackedList list) {
        Deque<List<Form>> parts = new ArrayDeque<>();
        parts.push(list.items());
        PackedList current = list;
        @Nullable Base above = null;
        while (current.base().isPresent()) {
            Base base = current.base().get();
            if (above != null && !base.isBelow(above)) { // the digest is checked later: damage must not run in circles
                throw new IllegalStateException("a list that rests on itself");
            }
            above = base;
            source.expect(Set.of(base.sequence()));
            PackedList below = source.contents(base.sequence()).get(base.slot()).packed().lists().get(base.list());
            int ownFrom = below.base().map(Base::length).orElse(0);
            int wanted = base.length() - ownFrom;
            if (wanted < 0 || wanted > below.items().size()) {
                throw new IndexOutOfBoundsException(wanted);
            }
            parts.push(below.items().subList(0, wanted));
            current = below;
        }
        Set<Long> needed = new TreeSet<>();
        parts.forEach(forms ->
                forms.forEach(form -> {
                    if (form instanceof Earlier earlier) {
                        needed.add(earlier.sequence());
                    }
                }));
        source.expect(needed);
        List<Leaf> leaves = new ArrayList<>();
        parts.forEach(forms -> forms.forEach(form -> leaves.add(leaf(form))));
        return leaves;
    }

    private Leaf leaf(Form form) {
        return switch (form) {
            case Inline(Leaf leaf) -> leaf;
            case Shared(Digest digest, int rawLength, int storedLength) -> {
                Leaf leaf = source.shared(digest);
                if (leaf.rawLength() != rawLength || leaf.bytes().length != storedLength) {
                    throw new IllegalStateException("a shared leaf of another length");
                }
                yield leaf;
            }
            case Earlier(long sequence, int slot, int item, _) -> {
                Form there = source.contents(sequence).get(slot).packed().item(item);
                if (there instanceof Earlier) {
                    throw new IllegalStateException("a reference to a reference");
                }
                yield leaf(there);
            }
        };
    }

    private static byte[] join(byte[] skeleton, List<PackedList> lists, List<List<Leaf>> leaves) {
        ByteArrayOutputStream out = new ByteArrayOutputStream(skeleton.length + 64);
        int copied = 0;
        for (int i = 0; i < lists.size(); i++) {
            int offset = lists.get(i).offset();
            if (offset < copied || offset > skeleton.length) {
                throw new IndexOutOfBoundsException(offset);
            }
            out.write(skeleton, copied, offset - copied);
            copied = offset;
            out.write('[');
            boolean first = true;
            for (Leaf leaf : leaves.get(i)) {
                if (!first) {
                    out.write(',');
                }
                first = false;
                out.writeBytes(leaf.text());
            }
            out.write(']');
        }
        out.write(skeleton, copied, skeleton.length - copied);
        return out.toByteArray();
    }
}
