package dev.perdure;

import dev.perdure.error.InvalidInputException;
import dev.perdure.journal.Path;
import dev.perdure.journal.Resolution;

import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.lang.reflect.Type;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/// Asks the resolver of a step that is in doubt.
///
/// What it says is worth nothing before it is recorded: a kill before that lets it be asked again.
final class AskResolver {
    private static final Logger LOG = LoggerFactory.getLogger(AskResolver.class);

    /// Who answered, in the journal.
    static final String BY = "resolver";

    private final Strand strand;
    private final Path path;
    private final Step options;
    private final Type type;

    AskResolver(Strand strand, Path path, Step options, Type type) {
        this.strand = strand;
        this.path = path;
        this.options = options;
        this.type = type;
    }

    /// What came of asking.
    ///
    /// @param said what happened; empty: the resolver does not know
    /// @param patience until when to wait for somebody else before asking again
    /// @param why what to tell people about it
    record Heard(Optional<Doubt.Said> said, Deadline patience, String why) {}

    /// Asks, if the step has a resolver.
    Heard ask(int attempt) {
        if (options.resolver().isEmpty()) {
            return unknown("");
        }
        Execution execution = strand.execution();
        Resolver.Question question =
                new Resolver.Question(
                        execution.id(),
                        path.text(),
                        attempt,
                        StepContext.idempotencyKey(execution.id(), execution.record().branch(), path.text()));
        try {
            return heard(answer(options.resolver().get(), question));
        } catch (Throwable thrown) {
            StepCall.lookAround(strand, path, thrown);
            LOG.warn(
                    "run {}: the resolver of step {} failed with {}", execution.id(), path, Failures.of(thrown).type());
            return unknown("its resolver failed with " + Failures.of(thrown).type());
        }
    }

    private Resolver.Answer answer(Resolver resolver, Resolver.Question question) throws Exception {
        strand.beginStep(path.toString());
        try {
            return options.timeout().isEmpty()
                    ? resolver.resolve(question)
                    : Waiting.limited(
                            () -> resolver.resolve(question), path, options.timeout(), Optional.empty(), () -> 0);
        } finally {
            strand.endStep();
        }
    }

    private Heard heard(Resolver.@Nullable Answer answer) {
        return switch (answer) {
            case null -> unknown("its resolver returned null");
            case Resolver.Happened(Object result) -> happened(result);
            case Resolver.Again() -> said(Resolution.AGAIN, "", Optional.empty());
            case Resolver.Failed(String reason) -> said(Resolution.FAILED, reason, Optional.empty());
            case Resolver.AskAgain(var after) -> {
                var clock = strand.execution().engine().clock();
                yield new Heard(
                        Optional.empty(),
                        Deadline.at(clock, clock.millis() + after.toMillis()),
                        "its resolver does not know yet");
            }
            case Resolver.Unknown() -> unknown("its resolver does not know");
        };
    }

    private Heard happened(@Nullable Object result) {
        String what = "what the resolver said of step " + path + " of run " + strand.execution().id();
        try {
            byte[] json = strand.execution().engine().values().write(result, type, what);
            strand.execution().engine().values().read(json, type, what); // what cannot be read back is no result
            return said(Resolution.HAPPENED, "", Optional.of(new String(json, StandardCharsets.UTF_8)));
        } catch (InvalidInputException unfit) {
            LOG.warn("{}", unfit.getMessage());
            return unknown("what its resolver said does not fit the step's type");
        }
    }

    private Heard said(Resolution resolution, String reason, Optional<String> result) {
        return new Heard(
                Optional.of(new Doubt.Said(resolution, BY, reason, result)),
                Deadline.never(strand.execution().engine().clock()),
                "");
    }

    /// Nothing was found out: a person has to say.
    Heard unknown(String why) {
        return new Heard(Optional.empty(), Deadline.never(strand.execution().engine().clock()), why);
    }
}
