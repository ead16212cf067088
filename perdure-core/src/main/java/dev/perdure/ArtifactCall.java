package dev.perdure;

import dev.perdure.error.InvalidInputException;
import dev.perdure.error.PerdureException;
import dev.perdure.journal.Entry;
import dev.perdure.journal.Event;
import dev.perdure.journal.Failure;
import dev.perdure.journal.Path;
import dev.perdure.journal.Plain;
import dev.perdure.runtime.RunJournal.With;
import dev.perdure.store.ArtifactRecord;

import org.jspecify.annotations.Nullable;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.Optional;

/// Saves an artifact, or returns the recorded one.
///
/// What a kill leaves behind: content that nothing refers to, which the next attempt finds again by its digest. A
/// source that fails is recorded like a failed step, since code may catch that and go another way; a store that fails
/// stops the run here, and it is tried again.
final class ArtifactCall {
    private final Strand strand;
    private final Path path;
    private final String name;
    private final String mediaType;

    ArtifactCall(Strand strand, Path path, String name, String mediaType) {
        this.strand = strand;
        this.path = path;
        this.name = name;
        this.mediaType = mediaType;
    }

    Artifact call(Artifact.Source source) {
        Optional<Entry> recorded =
                Markers.isRecorded(
                        strand,
                        path,
                        e ->
                                (e instanceof Event.ArtifactSaved saved && saved.name().equals(name))
                                        || e instanceof Event.StepFailed,
                        "artifact " + name);
        if (recorded.isEmpty()) {
            return save(source);
        }
        Entry entry = recorded.get();
        return switch (entry.event()) {
            case Event.ArtifactSaved saved ->
                    new Artifact(saved.name(), saved.mediaType(), saved.content(), saved.size());
            case Event.StepFailed failed -> throw failure(entry.sequence(), read(entry, failed));
            default -> throw new IllegalStateException("replayed an artifact from " + entry.describe());
        };
    }

    private Failure read(Entry entry, Event.StepFailed failed) {
        Execution execution = strand.execution();
        return execution
                .engine()
                .values()
                .read(execution.reader().json(entry, failed.failure()), Failure.class, "a failure");
    }

    private Artifact save(Artifact.Source source) {
        strand.confirm();
        Watched content = new Watched();
        ArtifactRecord saved;
        try {
            saved = store(content, source);
        } catch (Throwable thrown) {
            throw failed(content.failure != null ? content.failure : thrown, content.failure != null);
        }
        strand.commit(path, With.NOTHING, _ -> new Event.ArtifactSaved(name, mediaType, saved.digest(), saved.size()));
        return new Artifact(name, mediaType, saved.digest(), saved.size());
    }

    private ArtifactRecord store(Watched content, Artifact.Source source) throws IOException {
        strand.beginStep(path.toString());
        try {
            content.open(source);
            return strand.execution().engine().store().saveArtifact(content);
        } finally {
            content.closeQuietly();
            strand.endStep();
        }
    }

    private Error failed(Throwable thrown, boolean bySource) {
        Execution execution = strand.execution();
        execution.throwIfUnwinding();
        if (strand.ended()) {
            throw Unwound.withSiblings();
        }
        Cancellation.check(strand, path);
        if (!bySource && thrown instanceof PerdureException store) {
            return execution.leave(new Outcome.Stopped(store));
        }
        Failure failure = Failures.of(thrown);
        Plain plain = Failures.plain(execution.engine().values(), failure);
        long sequence =
                strand.commit(
                                path,
                                With.NOTHING,
                                slots -> new Event.StepFailed(1, Optional.empty(), slots.content(plain, Failures.TYPE)))
                        .sequence();
        throw failure(sequence, failure);
    }

    private StepFailedException failure(long sequence, Failure failure) {
        return new StepFailedException(
                strand.execution().id().value(), path.toString(), 1, failure, sequence, strand.path().text());
    }

    /// The user's content, which remembers whether it was what failed.
    private static final class Watched extends FilterInputStream {
        private @Nullable Throwable failure;

        private Watched() {
            super(InputStream.nullInputStream());
        }

        private void open(Artifact.Source source) throws IOException {
            try {
                in = source.open();
                if (in == null) { // `getResourceAsStream` of what is not there
                    throw new InvalidInputException("it opened null instead of a stream. Is what it reads there?");
                }
            } catch (IOException | RuntimeException | Error e) {
                failure = e;
                throw e;
            }
        }

        @Override
        public int read() throws IOException {
            try {
                return super.read();
            } catch (IOException | RuntimeException | Error e) {
                failure = e;
                throw e;
            }
        }

        @Override
        public int read(byte[] buffer, int from, int length) throws IOException {
            try {
                return super.read(buffer, from, length);
            } catch (IOException | RuntimeException | Error e) {
                failure = e;
                throw e;
            }
        }

        private void closeQuietly() {
            try {
                close();
            } catch (IOException e) {
                // everything was read, or the reading has failed already
            }
        }
    }
}
