package dev.perdure;

import dev.perdure.error.InvalidInputException;
import dev.perdure.journal.Event;
import dev.perdure.journal.Failure;
import dev.perdure.journal.Path;
import dev.perdure.journal.Plain;
import dev.perdure.runtime.RunJournal.With;
import dev.perdure.store.InboxMessage;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.nio.charset.StandardCharsets;
import java.util.Optional;

/// What becomes of a step that may have run and must not run twice: its resolver is asked, and while that does not know
/// the run waits for a person's word. What is said counts once it is recorded.
final class StepInDoubt {
    private static final Logger LOG = LoggerFactory.getLogger(StepInDoubt.class);

    private final Strand strand;
    private final Path path;
    private final Step options;
    private final StepValue<?> value;

    /// What was said, as it is recorded at `sequence`.
    record Resolved(long sequence, Doubt.Said said) {}

    StepInDoubt(Strand strand, Path path, Step options, StepValue<?> value) {
        this.strand = strand;
        this.path = path;
        this.options = options;
        this.value = value;
    }

    /// Records that an attempt ended without anybody knowing what it did.
    void record(int attempt, Throwable thrown) {
        stillInDoubt(attempt, With.NOTHING, Failures.of(thrown));
    }

    /// Asks the resolver, or waits until somebody says what happened, and records that.
    Resolved resolve(int attempt) {
        Cancellation.check(strand, path);
        strand.enterLive();
        AskResolver resolver = new AskResolver(strand, path, options, value.type());
        String unfit = "";
        while (true) {
            boolean told = strand.execution().gate().waits().holds(m -> Doubt.isAbout(m, path.text()));
            AskResolver.Heard heard = told ? resolver.unknown("") : resolver.ask(attempt);
            if (heard.said().isPresent()) {
                return resolved(attempt, With.NOTHING, heard.said().get());
            }
            String what = Doubt.describe(path.text(), heard.why(), unfit);
            Optional<InboxMessage> message =
                    Waiting.message(strand, path, what, heard.patience(), m -> Doubt.isAbout(m, path.text()));
            if (message.isEmpty()) {
                continue; // the resolver is asked again
            }
            Doubt.Said said = Doubt.read(strand.execution().engine().values(), message.get());
            unfit = unfit(said);
            if (unfit.isEmpty()) {
                return resolved(attempt, With.message(message.get().id()), said);
            }
            // With that the message is gone, and somebody may say again.
            stillInDoubt(
                    attempt,
                    With.message(message.get().id()),
                    new Failure(InvalidInputException.class.getSimpleName(), unfit, ""));
        }
    }

    private void stillInDoubt(int attempt, With with, Failure failure) {
        Plain plain = Failures.plain(strand.execution().engine().values(), failure);
        strand.commit(path, with, slots -> new Event.StepInDoubt(attempt, slots.content(plain, Failures.TYPE)));
    }

    /// Why the result that somebody gave is none, in which case another may be given; empty: it is one.
    private String unfit(Doubt.Said said) {
        try {
            said.result().ifPresent(json -> value.read(json.getBytes(StandardCharsets.UTF_8)));
            return "";
        } catch (InvalidInputException unfit) {
            LOG.warn("{} Say again what happened.", unfit.getMessage());
            return String.valueOf(unfit.getMessage());
        }
    }

    private Resolved resolved(int attempt, With with, Doubt.Said said) {
        Optional<Plain> result = said.result().map(json -> Plain.of(json.getBytes(StandardCharsets.UTF_8)));
        long sequence =
                strand.commit(
                                path,
                                with,
                                slots ->
                                        new Event.DoubtResolved(
                                                attempt,
                                                said.resolution(),
                                                said.by(),
                                                said.reason(),
                                                result.map(plain -> slots.content(plain, value.logical()))))
                        .sequence();
        return new Resolved(sequence, said);
    }
}
