package dev.perdure.store.memory;

import dev.perdure.error.InvalidInputException;
import dev.perdure.journal.Digest;
import dev.perdure.journal.RunId;
import dev.perdure.store.Anchor;
import dev.perdure.store.Finding;
import dev.perdure.store.PrunedRun;

import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;

/// Compares everything a store holds with the digests it holds, and both with the chain and with an anchor from
/// outside.
final class VerifyState {
    private final MemoryState state;
    private final Consumer<Finding> findings;

    VerifyState(MemoryState state, Consumer<Finding> findings) {
        this.state = state;
        this.findings = findings;
    }

    Anchor verify(Optional<RunId> only, Optional<Anchor> anchor) {
        if (only.isPresent()) {
            verifyRun(
                    state.run(only.get())
                            .orElseThrow(() ->
                                    new InvalidInputException(
                                            "there is no run " + only.get() + " to verify. Check the id.")));
        } else {
            state.runs.values().forEach(this::verifyRun);
            verifyContents();
        }
        return verifyChain(anchor);
    }

    private void verifyRun(StoredRun run) {
        new VerifyRun(state, run, findings).verify();
    }

    private void verifyContents() {
        state.shared.forEach((digest, leaf) -> {
            if (!leaf.digest().equals(digest)) {
                report("shared leaf " + digest.abbreviated(), "its bytes have digest " + leaf.digest().abbreviated());
            }
        });
        state.artifacts.forEach((digest, bytes) -> {
            if (!Digest.over(bytes).equals(digest)) {
                report("artifact " + digest.abbreviated(), "its bytes have another digest");
            }
        });
    }

    private Anchor verifyChain(Optional<Anchor> anchor) {
        Digest head = Digest.ZERO;
        Map<RunId, Long> counts = new HashMap<>();
        anchor.ifPresent(expected -> compare(expected, 0, Digest.ZERO));
        for (int i = 0; i < state.chain.size(); i++) {
            MemoryState.Link link = state.chain.get(i);
            head = MemoryState.link(head, link.digest());
            counts.merge(link.run(), 1L, Long::sum);
            verifyLink(i, link);
            long length = i + 1L;
            Digest here = head;
            anchor.ifPresent(expected -> compare(expected, length, here));
        }
        if (!head.equals(state.chainHead)) {
            report("chain", "its links give another head than the one kept apart from them");
        }
        state.pruned.values().forEach(run -> verifyPruned(run, counts.getOrDefault(run.id(), 0L)));
        state.runs
                .values()
                .forEach(run -> {
                    if (counts.getOrDefault(run.id, 0L) != run.entries.size()) {
                        report(
                                run,
                                "journal",
                                "holds "
                                        + run.entries.size()
                                        + " entries, of which the chain knows "
                                        + counts.getOrDefault(run.id, 0L));
                    }
                });
        anchor.filter(expected -> expected.entries() > state.chain.size())
                .ifPresent(expected ->
                        report(
                                "anchor",
                                "was taken at "
                                        + expected.entries()
                                        + " entries, but the store holds "
                                        + state.chain.size()));
        return new Anchor(state.chain.size(), head);
    }

    private void verifyPruned(PrunedRun run, long links) {
        boolean endsAsKept =
                state.chain.stream()
                        .filter(link -> link.run().equals(run.id()) && link.sequence() == run.entries() - 1)
                        .anyMatch(link -> link.digest().equals(run.headDigest()));
        if (links != run.entries() || !endsAsKept) {
            findings.accept(
                    new Finding(
                            Optional.of(run.id().value()),
                            "pruned run",
                            "had " + run.entries() + " entries, the chain knows " + links + ", or ends otherwise"));
        }
        if (state.runs.containsKey(run.id())) {
            findings.accept(
                    new Finding(Optional.of(run.id().value()), "pruned run", "is there although it was pruned"));
        }
    }

    private void verifyLink(int position, MemoryState.Link link) {
        if (state.pruned.containsKey(link.run())) {
            return; // only its digest is left, which the chain's head covers
        }
        Optional<Digest> digest =
                state.run(link.run())
                        .map(run -> run.entries)
                        .filter(entries -> link.sequence() < entries.size())
                        .map(entries -> entries.get((int) link.sequence()).digest());
        if (!digest.equals(Optional.of(link.digest()))) {
            findings.accept(
                    new Finding(
                            Optional.of(link.run().value()),
                            "entry " + link.sequence(),
                            "is missing or has another digest than link " + position + " of the chain"));
        }
    }

    private void compare(Anchor expected, long length, Digest head) {
        if (expected.entries() == length && !expected.digest().equals(head)) {
            report("anchor", "the first " + length + " entries committed are not those the anchor was taken of");
        }
    }

    private void report(StoredRun run, String where, String what) {
        findings.accept(new Finding(Optional.of(run.id.value()), where, what));
    }

    private void report(String where, String what) {
        findings.accept(new Finding(Optional.empty(), where, what));
    }
}
