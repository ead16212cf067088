package dev.perdure;

import dev.perdure.journal.Content;
import dev.perdure.journal.Digest;
import dev.perdure.journal.Entry;
import dev.perdure.journal.Event;
import dev.perdure.runtime.JournalReader;
import dev.perdure.value.Values;

import org.jspecify.annotations.Nullable;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// Where an approval stands: folded from its entries, alike by the run that waits for it and by whoever decides.
///
/// A decision is bound to the digest of the proposal it was made on. An edit makes another proposal of it, so decisions
/// made before it no longer count, and who made them may decide anew. Not thread-safe.
final class ApprovalState {
    /// So many decisions are taken for one approval; further ones are refused.
    static final int MAX_DECISIONS = 1_000;

    private record Cast(ApprovalSaid said, Digest digest) {}

    private final long sequence;
    private final long requestedMillis;
    private final long untilMillis;
    private final ApprovalTerms terms;
    private final byte[] original;
    private final Digest originalDigest;
    private byte[] proposal;
    private Digest digest;
    private final List<Cast> cast = new ArrayList<>();
    private final List<String> refused = new ArrayList<>();
    private final List<String> messages = new ArrayList<>();
    private int stage;
    private @Nullable String outcome;
    private boolean timedOut;
    private @Nullable String withdrawn;
    private long withdrawnAt;

    ApprovalState(
            long sequence,
            long requestedMillis,
            long untilMillis,
            ApprovalTerms terms,
            byte[] proposal,
            Digest digest) {
        this.sequence = sequence;
        this.requestedMillis = requestedMillis;
        this.untilMillis = untilMillis;
        this.terms = terms;
        this.original = proposal;
        this.originalDigest = digest;
        this.proposal = proposal;
        this.digest = digest;
    }

    /// The state right after the entry that requested it.
    static ApprovalState of(Entry entry, Event.ApprovalRequested requested, JournalReader reader, Values values) {
        return new ApprovalState(
                entry.sequence(),
                entry.timeMillis(),
                requested.untilMillis(),
                values.read(reader.json(entry, requested.terms()), ApprovalTerms.class, "an approval's terms"),
                reader.json(entry, requested.proposal()),
                valueDigest(requested.proposal()));
    }

    static Digest valueDigest(Content content) {
        return content.valueDigest().orElse(content.digest());
    }

    /// Whether an event at an approval's path goes on with it.
    static boolean continues(Event event) {
        return event instanceof Event.DecisionTaken
                || event instanceof Event.ApprovalReminded
                || event instanceof Event.ApprovalWithdrawn
                || event instanceof Event.WaitTimedOut;
    }

    /// Takes note of a recorded entry for which [#continues] holds.
    void apply(Entry entry, JournalReader reader, Values values) {
        switch (entry.event()) {
            case Event.DecisionTaken taken when taken.refused().isEmpty() -> {
                ApprovalSaid said =
                        values.read(reader.json(entry, taken.said()), ApprovalSaid.class, "a recorded decision");
                Optional<Content> edit = taken.edited();
                byte[] edited = edit.map(content -> reader.json(entry, content)).orElse(proposal);
                counted(taken.message(), said, edited, edit.map(ApprovalState::valueDigest).orElse(digest));
            }
            case Event.DecisionTaken taken -> refused(taken.message(), taken.by(), taken.refused());
            case Event.ApprovalReminded reminded -> stage = reminded.stage();
            case Event.WaitTimedOut _ -> timedOut();
            case Event.ApprovalWithdrawn(String reason) -> withdrawn(entry.sequence(), reason);
            default -> throw new IllegalArgumentException(entry.describe() + " is not of an approval");
        }
    }

    /// Counts a decision that [#refusal] does not refuse, on the proposal as it is with that.
    void counted(String message, ApprovalSaid said, byte[] edited, Digest editedDigest) {
        messages.add(message);
        proposal = edited;
        digest = editedDigest;
        cast.add(new Cast(said, digest));
        long same = votes().stream().filter(vote -> vote.choice().equals(said.choice())).count();
        if (same >= terms.quorum()) {
            outcome = said.choice();
        }
    }

    void refused(String message, String by, String why) {
        messages.add(message);
        refused.add((by.isEmpty() ? "somebody" : by) + ": " + why);
    }

    void reminded() {
        stage++;
    }

    /// Nobody decided in time: the declared outcome holds, of what was proposed, not of what one of them edited.
    void timedOut() {
        timedOut = true;
        outcome = terms.atTimeout();
        proposal = original;
        digest = originalDigest;
    }

    /// It is not asked for any more, unless it had ended before.
    ///
    /// @param at the sequence of the entry that says so
    void withdrawn(long at, String why) {
        if (!ended()) {
            withdrawn = why;
            withdrawnAt = at;
        }
    }

    /// What is recorded from a sequence on no longer counts: it is asked for again if it was withdrawn there.
    void retriedFrom(long from) {
        if (withdrawnAt >= from) {
            withdrawn = null;
        }
    }

    /// Why a decision does not count at this point, if it does not.
    ///
    /// @param atStage how many stages hold
    Optional<String> refusal(ApprovalSaid said, int atStage) {
        if (ended()) {
            return Optional.of("it " + howEnded());
        }
        if (!said.digest().equals(digest.hex())) {
            return Optional.of(
                    "the proposal has changed: the decision is on "
                            + shortened(said.digest())
                            + ", what is proposed now is "
                            + digest.abbreviated()
                            + ". Look at it, and decide on that");
        }
        if (!terms.choices().contains(said.choice())) {
            return Optional.of(
                    "\""
                            + said.choice()
                            + "\" is none of its choices, which are: "
                            + String.join(", ", terms.choices()));
        }
        if (!terms.allows(said.by(), said.roles(), atStage)) {
            return Optional.of(
                    said.by()
                            + " is not one of those who may decide it: "
                            + String.join(", ", terms.assigneesAt(atStage)));
        }
        if (terms.verifiedOnly() && !said.verified()) {
            return Optional.of(said.by() + " only claims to be that; it takes people of whom somebody has made sure");
        }
        if (votes().stream().anyMatch(vote -> vote.by().equals(said.by()))) {
            return Optional.of(said.by() + " has decided on it before, and it takes " + terms.quorum() + " people");
        }
        if (said.edit().isPresent() && said.choice().equals(Approval.REJECT)) {
            return Optional.of("what is rejected is not edited. Say what should change in the comment");
        }
        return Optional.empty();
    }

    private static String shortened(String hex) {
        return hex.substring(0, Math.min(12, hex.length()));
    }

    /// How it ended, in words: `is already decided: approve by ann`.
    String howEnded() {
        return withdrawn != null ? "is not asked for any more: " + withdrawn : "is already decided: " + decided();
    }

    private String decided() {
        if (timedOut) {
            return outcome + ", because nobody decided in time";
        }
        List<String> who =
                votes().stream().filter(vote -> vote.choice().equals(outcome)).map(Decision.Vote::by).toList();
        return outcome + " by " + String.join(", ", who);
    }

    boolean ended() {
        return outcome != null || withdrawn != null;
    }

    long sequence() {
        return sequence;
    }

    ApprovalTerms terms() {
        return terms;
    }

    byte[] proposal() {
        return proposal;
    }

    Digest digest() {
        return digest;
    }

    int stage() {
        return stage;
    }

    /// When it ends undecided; [Long#MAX_VALUE]: never.
    long untilMillis() {
        return untilMillis == 0 ? Long.MAX_VALUE : untilMillis;
    }

    /// When the stage with this number begins, from 1; [Long#MAX_VALUE]: there is none.
    long stageMillis(int number) {
        return number > terms.stages().size()
                ? Long.MAX_VALUE
                : Math.addExact(requestedMillis, terms.stages().get(number - 1).afterMillis());
    }

    /// How many stages hold at a time, whether or not the run has recorded them yet.
    int stageAt(long nowMillis) {
        int reached = stage;
        while (stageMillis(reached + 1) <= nowMillis) {
            reached++;
        }
        return reached;
    }

    /// The messages taken so far.
    List<String> messages() {
        return messages;
    }

    /// The decisions that count on the proposal as it is now.
    List<Decision.Vote> votes() {
        return cast.stream()
                .filter(one -> one.digest().equals(digest))
                .map(Cast::said)
                .map(said ->
                        new Decision.Vote(
                                said.by(),
                                said.verified(),
                                said.from(),
                                Instant.ofEpochMilli(said.atMillis()),
                                said.choice(),
                                said.comment()))
                .toList();
    }

    /// The result, once it has ended.
    <T> Decision<T> result(T payload) {
        if (outcome == null) {
            throw new IllegalStateException("undecided");
        }
        return new Decision<>(outcome, payload, !digest.equals(originalDigest), timedOut, votes());
    }

    OpenApproval open(String run, String workflow, String path, long nowMillis) {
        int reached = stageAt(nowMillis);
        return new OpenApproval(
                run,
                workflow,
                path,
                Approvals.name(path),
                new String(proposal, java.nio.charset.StandardCharsets.UTF_8),
                digest.hex(),
                terms.suggest(),
                terms.editable(),
                terms.choices(),
                terms.assigneesAt(reached),
                terms.quorum(),
                terms.verifiedOnly(),
                terms.reasons(),
                Instant.ofEpochMilli(requestedMillis),
                untilMillis == 0 ? Optional.empty() : Optional.of(Instant.ofEpochMilli(untilMillis)),
                terms.atTimeout(),
                reached,
                votes(),
                refused);
    }
}
