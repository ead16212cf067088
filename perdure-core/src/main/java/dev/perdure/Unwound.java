package dev.perdure;

/// Unwinds the workflow's code when its run leaves this process: handed over, suspended, diverged, or its lease lost.
///
/// An [Error], so that `catch (Exception)` does not stop it. If code stops it nevertheless, every further call on the
/// run throws it again, and whatever the code returns or throws is discarded.
final class Unwound extends Error {
    private static final long serialVersionUID = 1L;

    Unwound(String why) {
        super(why, null, false, false);
    }

    /// What a strand throws that was ended because another one failed.
    static Unwound withSiblings() {
        return new Unwound("the strand was ended with its siblings");
    }
}
