package dev.perdure.journal;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/// A value on its way into the journal: its JSON text, cut into a skeleton and lists of leaves.
///
/// Arrays are cut out of the text so that a list which grows by one message shares every older message with its earlier
/// versions, with recorded inputs and with results. An array element of at least [#OWN_LEAF] bytes is a leaf of its
/// own; smaller neighbours are grouped, so that a leaf is never dwarfed by the reference to it. Groups are formed from
/// the front, hence appending changes at most the last one.
///
/// The *value digest* is the digest the payload has when nothing is compressed: equal values have equal value digests
/// whatever a store or codec does to the bytes.
public final class Plain {
    /// An element of this many bytes or more is a leaf of its own.
    static final int OWN_LEAF = 64;

    private static final int GROUP = 256;
    private static final int MIN_ARRAY = 128;
    private static final int MAX_DEPTH = 4;

    /// One array cut out of the text: where it stood, and its pieces (each one or more elements, without the brackets).
    record Cut(int offset, List<byte[]> pieces, List<Digest> digests, Digest valueDigest) {}

    private final int size;
    private final byte[] skeleton;
    private final List<Cut> cuts;
    private final Digest skeletonDigest;
    private final Digest valueDigest;

    private Plain(int size, byte[] skeleton, List<Cut> cuts) {
        this.size = size;
        this.skeleton = skeleton;
        this.cuts = cuts;
        this.skeletonDigest = PayloadDigests.rawLeaf(skeleton);
        this.valueDigest =
                PayloadDigests.payload(
                        skeletonDigest,
                        cuts.stream().map(Cut::offset).toList(),
                        cuts.stream().map(Cut::valueDigest).toList());
    }

    /// Cuts and digests `json`, which is the serializer's own output: valid, compact and deterministic UTF-8 JSON.
    public static Plain of(byte[] json) {
        if (json.length < MIN_ARRAY) {
            return new Plain(json.length, json, List.of());
        }
        return new Cutter(json).cut();
    }

    /// A plain text of `json`.
    public static Plain of(String json) {
        return of(json.getBytes(StandardCharsets.UTF_8));
    }

    /// Size of the whole text in bytes.
    public int size() {
        return size;
    }

    /// The digest of the value itself, independent of how it is stored.
    public Digest valueDigest() {
        return valueDigest;
    }

    byte[] skeleton() {
        return skeleton;
    }

    Digest skeletonDigest() {
        return skeletonDigest;
    }

    List<Cut> cuts() {
        return cuts;
    }

    /// One pass over the text: strings are skipped, brackets counted, and the outermost large arrays cut out.
    private static final class Cutter {
        private final byte[] json;
        private final List<Cut> cuts = new ArrayList<>();
        private final WireWriter skeleton = new WireWriter();
        private int copied;
        private int skeletonLength;

        Cutter(byte[] json) {
            this.json = json;
        }

        Plain cut() {
            int depth = 0;
            int i = 0;
            while (i < json.length) {
                switch (json[i]) {
                    case '"' -> i = endOfString(i);
                    case '{' -> depth++;
                    case '}', ']' -> depth--;
                    case '[' -> {
                        List<Integer> ends = depth < MAX_DEPTH ? elements(i) : List.of();
                        int close = ends.isEmpty() ? -1 : ends.getLast();
                        if (close - i >= MIN_ARRAY && (ends.size() >= 2 || !holdsList(i, close))) {
                            cutOut(i, ends);
                            i = close;
                        } else {
                            depth++;
                        }
                    }
                    default -> {}
                }
                i++;
            }
            if (cuts.isEmpty()) {
                return new Plain(json.length, json, List.of());
            }
            copyUpTo(json.length);
            return new Plain(json.length, skeleton.toBytes(), List.copyOf(cuts));
        }

        /// Whether an array within the one from `open` to `close` would be cut out by itself.
        private boolean holdsList(int open, int close) {
            for (int i = open + 1; i < close; i++) {
                if (json[i] == '"') {
                    i = endOfString(i);
                } else if (json[i] == '[') {
                    List<Integer> ends = elements(i);
                    if (ends.size() >= 2 && ends.getLast() - i >= MIN_ARRAY) {
                        return true;
                    }
                }
            }
            return false;
        }

        /// The positions behind each element of the array that opens at `open`; the last one is that of its bracket.
        private List<Integer> elements(int open) {
            List<Integer> ends = new ArrayList<>();
            int depth = 0;
            for (int i = open + 1; i < json.length; i++) {
                switch (json[i]) {
                    case '"' -> i = endOfString(i);
                    case '{', '[' -> depth++;
                    case '}' -> depth--;
                    case ']' -> {
                        if (depth-- == 0) {
                            ends.add(i);
                            return ends;
                        }
                    }
                    case ',' -> {
                        if (depth == 0) {
                            ends.add(i);
                        }
                    }
                    default -> {}
                }
            }
            throw new IllegalArgumentException("unbalanced JSON handed to the journal");
        }

        private int endOfString(int quote) {
            int i = quote + 1;
            while (json[i] != '"') {
                i += json[i] == '\\' ? 2 : 1;
            }
            return i;
        }

        private void cutOut(int open, List<Integer> ends) {
            copyUpTo(open);
            List<byte[]> pieces = new ArrayList<>();
            int groupStart = open + 1;
            int elementStart = open + 1;
            for (int end : ends) {
                boolean large = end - elementStart >= OWN_LEAF;
                if (large && groupStart < elementStart) {
                    pieces.add(Arrays.copyOfRange(json, groupStart, elementStart - 1));
                    groupStart = elementStart;
                }
                if (large || end - groupStart >= GROUP) {
                    pieces.add(Arrays.copyOfRange(json, groupStart, end));
                    groupStart = end + 1;
                }
                elementStart = end + 1;
            }
            int close = ends.getLast();
            if (groupStart < close) {
                pieces.add(Arrays.copyOfRange(json, groupStart, close));
            }
            List<Digest> digests = new ArrayList<>(pieces.size());
            Digest chain = PayloadDigests.EMPTY_LIST;
            for (byte[] piece : pieces) {
                Digest digest = PayloadDigests.rawLeaf(piece);
                digests.add(digest);
                chain = PayloadDigests.append(chain, digest);
            }
            cuts.add(new Cut(skeletonLength, pieces, digests, chain));
            copied = close + 1;
        }

        private void copyUpTo(int end) {
            byte[] part = Arrays.copyOfRange(json, copied, end);
            skeleton.raw(part);
            skeletonLength += part.length;
            copied = end;
        }
    }
}
