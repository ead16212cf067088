package dev.perdure;

import org.jspecify.annotations.Nullable;

/// What somebody decides about an [OpenApproval]. Immutable.
///
/// ```java
/// administration.decide("brief-42", "publish", Verdict.approve().comment("well done"), by);
/// ```
///
/// @param choice [Approval#APPROVE], [Approval#REJECT] or another choice of the approval
/// @param comment why
/// @param edit JSON of what is to run instead of the proposal: the fields that change if it is an object, otherwise the
///   whole value; null: nothing changes
/// @param seen the digest, or how it begins, of the proposal that was looked at; null: whatever is proposed now
public record Verdict(String choice, String comment, @Nullable String edit, @Nullable String seen) {
    /// The proposal is to run.
    public static Verdict approve() {
        return choose(Approval.APPROVE);
    }

    /// The proposal is not to run.
    public static Verdict reject() {
        return choose(Approval.REJECT);
    }

    /// One of the approval's choices.
    public static Verdict choose(String choice) {
        return new Verdict(choice, "", null, null);
    }

    /// Says why.
    public Verdict comment(String why) {
        return new Verdict(choice, why, edit, seen);
    }

    /// Changes what runs, if the approval lets people suggest.
    public Verdict edit(String json) {
        return new Verdict(choice, comment, json, seen);
    }

    /// Holds only if the proposal is still this one; takes [OpenApproval#digest], or how it begins.
    public Verdict seen(String digest) {
        return new Verdict(choice, comment, edit, digest);
    }
}
