package dev.perdure.tests.crash;

import dev.perdure.journal.RunId;
import dev.perdure.store.AppendOutcome;
import dev.perdure.store.ArtifactRecord;
import dev.perdure.store.ClaimRequest;
import dev.perdure.store.InboxMessage;
import dev.perdure.store.QueueRecord;
import dev.perdure.store.RunAppend;
import dev.perdure.store.RunRecord;
import dev.perdure.store.RunRelease;
import dev.perdure.store.RunStore;
import dev.perdure.store.WorkerRecord;
import dev.perdure.store.memory.MemoryStore;
import dev.perdure.tests.PassingStore;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Function;

/// A store in memory. What a kill leaves of it are the calls that changed it: they are made again on an empty one.
///
/// That makes a life several times cheaper than one on a database, and shows the same of the runtime, since a kill
/// between two calls leaves what the store promises. Whether a database keeps that promise is shown on databases.
final class MemoryPlace implements Place {
    private final List<Consumer<RunStore>> calls;

    MemoryPlace(List<Consumer<RunStore>> calls) {
        this.calls = new ArrayList<>(calls);
    }

    @Override
    public RunStore open() {
        RunStore store = new MemoryStore();
        calls.forEach(call -> call.accept(store));
        return new Noting(store);
    }

    @Override
    public Remains remains() {
        synchronized (calls) {
            List<Consumer<RunStore>> soFar = List.copyOf(calls);
            return () -> new MemoryPlace(soFar);
        }
    }

    /// Takes note of each call that changes the store, in the order in which it is made.
    private final class Noting extends PassingStore {
        private final RunStore beneath;

        Noting(RunStore beneath) {
            super(beneath);
            this.beneath = beneath;
        }

        private <T> T noted(Function<RunStore, T> call) {
            synchronized (calls) {
                calls.add(store -> {
                    T _ = call.apply(store); // the same again
                });
                return call.apply(beneath);
            }
        }

        private void done(Consumer<RunStore> call) {
            noted(store -> {
                call.accept(store);
                return true;
            });
        }

        @Override
        public List<AppendOutcome> append(List<RunAppend> batch) {
            List<RunAppend> copy = List.copyOf(batch);
            return noted(store -> store.append(copy));
        }

        @Override
        public void announce(WorkerRecord worker, long nowMillis, long leaseMillis) {
            done(store -> store.announce(worker, nowMillis, leaseMillis));
        }

        @Override
        public boolean renew(String worker, long nowMillis, long leaseMillis) {
            return noted(store -> store.renew(worker, nowMillis, leaseMillis));
        }

        @Override
        public void retire(String worker) {
            done(store -> store.retire(worker));
        }

        @Override
        public List<RunRecord> claim(ClaimRequest request) {
            ClaimRequest copy =
                    new ClaimRequest(
                            request.worker(),
                            request.workflows(),
                            request.only().map(Set::copyOf),
                            Set.copyOf(request.queues()),
                            request.limit(),
                            request.nowMillis());
            return noted(store -> store.claim(copy));
        }

        @Override
        public void define(QueueRecord queue) {
            done(store -> store.define(queue));
        }

        @Override
        public Optional<RunRecord> take(String worker, RunId run, long nowMillis) {
            return noted(store -> store.take(worker, run, nowMillis));
        }

        @Override
        public void release(List<RunRelease> releases) {
            List<RunRelease> copy = List.copyOf(releases);
            done(store -> store.release(copy));
        }

        @Override
        public void note(String worker, Map<RunId, String> notes) {
            Map<RunId, String> copy = Map.copyOf(notes);
            done(store -> store.note(worker, copy));
        }

        @Override
        public boolean deliver(InboxMessage message) {
            return noted(store -> store.deliver(message));
        }

        @Override
        public ArtifactRecord saveArtifact(InputStream content) {
            byte[] bytes;
            try {
                bytes = content.readAllBytes();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
            return noted(store -> store.saveArtifact(new ByteArrayInputStream(bytes)));
        }
    }
}
