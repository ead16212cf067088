package dev.perdure;

import dev.perdure.error.InvalidInputException;
import dev.perdure.journal.Path;
import dev.perdure.journal.Plain;
import dev.perdure.value.LogicalType;

import org.jspecify.annotations.Nullable;

import java.lang.reflect.Type;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/// A question to people: whether to go on with a proposal. Made by [Run#approval], asked by [#await].
///
/// ```java
/// Decision<Draft> ok = run.approval("publish", draft)
///         .assignees("ann", "bob", "carl").quorum(2)
///         .because("all sources agree")
///         .escalateAfter(Duration.ofDays(1), Approval.role("chief"))
///         .within(Duration.ofDays(3))
///         .await();
/// if (ok.approved()) {
///     run.step("publish", Step.atMostOnce(), () -> cms.publish(ok.payload()));
/// }
/// ```
///
/// It is a *gate* unless people may [#suggest] changes. A decision is bound to the digest of the very proposal it was
/// made on; the payload of the [Decision] is what was decided upon, and so what is to run.
///
/// A choice is made once as many distinct people as the quorum says have made it, be it to approve, to reject or
/// another one. Undecided when the time is up, it is rejected, unless [#within(Duration, String)] declares otherwise.
///
/// Not thread-safe: it belongs to its run. The terms recorded when it was first asked are those that hold.
public final class Approval<T> {
    /// The choice that the proposal is to run.
    public static final String APPROVE = "approve";

    /// The choice that it is not to run.
    public static final String REJECT = "reject";

    /// How many choices, assignees, fields, reasons or stages an approval has at most, of each.
    public static final int MAX_OF_EACH = 100;

    /// The longest choice, assignee, field or reason, in characters.
    public static final int MAX_LENGTH = 10_000;

    static final String ROLE = "role:";

    private final Run run;
    private final String name;
    private final Path path;
    private final T proposal;
    private final Type type;
    private final List<String> choices = new ArrayList<>(List.of(APPROVE, REJECT));
    private final List<String> editable = new ArrayList<>();
    private final List<String> assignees = new ArrayList<>();
    private final List<ApprovalTerms.Stage> stages = new ArrayList<>();
    private final List<String> reasons = new ArrayList<>();
    private boolean suggest;
    private boolean verifiedOnly;
    private int quorum = 1;
    private String atTimeout = REJECT;
    private @Nullable Duration limit;
    private boolean asked;

    Approval(Run run, Path path, String name, T proposal, Type type) {
        this.run = run;
        this.path = path;
        this.name = name;
        this.proposal = proposal;
        this.type = type;
    }

    /// Names a role among assignees: whoever has it may decide.
    public static String role(String role) {
        return ROLE + role;
    }

    /// Only these people, or who has a [#role] named here, may decide. Without any, everybody may.
    public Approval<T> assignees(String... who) {
        assignees.addAll(List.of(who));
        return this;
    }

    /// Whoever has one of these roles may decide.
    public Approval<T> roles(String... roles) {
        Stream.of(roles).map(Approval::role).forEach(assignees::add);
        return this;
    }

    /// So many distinct people must make the same choice; one, if not said otherwise.
    public Approval<T> quorum(int people) {
        quorum = people;
        return this;
    }

    /// Takes decisions only by an [Identity] that was verified.
    public Approval<T> verifiedOnly() {
        verifiedOnly = true;
        return this;
    }

    /// Offers choices besides to approve and to reject.
    public Approval<T> choices(String... further) {
        choices.addAll(List.of(further));
        return this;
    }

    /// Lets people edit the proposal: these fields of it, or all if none is named. What does not fit the proposal's
    /// type is refused.
    public Approval<T> suggest(String... fields) {
        suggest = true;
        editable.addAll(List.of(fields));
        return this;
    }

    /// What the agent says for its proposal.
    public Approval<T> because(String... why) {
        reasons.addAll(List.of(why));
        return this;
    }

    /// Records a reminder, and tells webhooks ([Webhook.On#APPROVAL_REMINDER]), if it is undecided after so long; may
    /// be said several times.
    public Approval<T> remindAfter(Duration time) {
        stages.add(new ApprovalTerms.Stage(WaitCall.millis(run.id(), path, time), List.of()));
        return this;
    }

    /// Lets further people decide, as in [#assignees], if it is undecided after so long, and tells webhooks
    /// ([Webhook.On#APPROVAL_ESCALATED]); may be said several times.
    public Approval<T> escalateAfter(Duration time, String... further) {
        stages.add(new ApprovalTerms.Stage(WaitCall.millis(run.id(), path, time), List.of(further)));
        return this;
    }

    /// It counts as rejected if it is undecided after so long.
    public Approval<T> within(Duration time) {
        return within(time, REJECT);
    }

    /// This choice holds if it is undecided after so long: of what the run proposed, not of what people edited.
    public Approval<T> within(Duration time, String outcome) {
        limit = time;
        atTimeout = outcome;
        return this;
    }

    /// Asks, and returns when it is decided; once. As one of several things to wait for: [Arm#approval]. The run leaves
    /// memory meanwhile. On replay returns what was decided.
    ///
    /// @throws InvalidInputException if the terms make no sense, or the proposal cannot be serialized
    /// @throws CancelledException if the run was cancelled
    public Decision<T> await() {
        return call(run.strand()).await();
    }

    Path path() {
        return path;
    }

    /// The call that asks, by await() or as an [Arm]: once.
    ApprovalCall<T> call(Strand by) {
        by.check(run);
        if (asked) {
            throw new InvalidInputException(
                    where() + " was asked already. Ask once, and hand on the decision; or make another approval.");
        }
        asked = true;
        ApprovalTerms terms = terms();
        byte[] json = run.strand().execution().engine().values().write(proposal, type, "the proposal of " + where());
        long millis = limit == null ? 0 : Math.max(1, WaitCall.millis(run.id(), path, limit));
        return new ApprovalCall<>(run.strand(), path, Plain.of(json), json, type, LogicalType.of(type), terms, millis);
    }

    private ApprovalTerms terms() {
        List<ApprovalTerms.Stage> inOrder =
                stages.stream().sorted(Comparator.comparingLong(ApprovalTerms.Stage::afterMillis)).toList();
        List<List<String>> lists = new ArrayList<>(List.of(choices, editable, assignees, reasons));
        inOrder.forEach(stage -> lists.add(stage.assignees()));
        for (List<String> list : lists) {
            check(list.size() <= MAX_OF_EACH, "has " + list.size() + " of a kind, more than " + MAX_OF_EACH);
            for (String text : list) {
                check(!text.isBlank(), "has a blank choice, field, assignee or reason");
                check(text.length() <= MAX_LENGTH, "has a text of more than " + MAX_LENGTH + " characters");
            }
        }
        check(inOrder.size() <= MAX_OF_EACH, "has " + inOrder.size() + " reminders, more than " + MAX_OF_EACH);
        check(Set.copyOf(choices).size() == choices.size(), "offers a choice twice: " + String.join(", ", choices));
        check(choices.contains(atTimeout), "ends with \"" + atTimeout + "\", which is none of its choices");
        check(quorum >= 1 && quorum <= MAX_OF_EACH, "has a quorum of " + quorum + ", not of 1 to " + MAX_OF_EACH);
        Set<String> people =
                Stream.concat(assignees.stream(), inOrder.stream().flatMap(stage -> stage.assignees().stream()))
                        .collect(Collectors.toSet());
        check(
                assignees.isEmpty() || people.stream().anyMatch(who -> who.startsWith(ROLE)) || people.size() >= quorum,
                "has a quorum of " + quorum + ", but only " + people.size() + " who may decide");
        return new ApprovalTerms(
                List.copyOf(choices),
                suggest,
                List.copyOf(editable),
                List.copyOf(assignees),
                quorum,
                verifiedOnly,
                inOrder,
                atTimeout,
                List.copyOf(reasons));
    }

    private void check(boolean holds, String problem) {
        if (!holds) {
            throw new InvalidInputException(where() + " " + problem + ". Correct it where it is asked for.");
        }
    }

    private String where() {
        return "approval " + name + " of run " + run.id();
    }
}
