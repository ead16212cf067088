package dev.perdure.cli.demo;

import dev.langchain4j.data.segment.TextSegment;
import dev.langchain4j.model.embedding.EmbeddingModel;
import dev.langchain4j.model.embedding.onnx.allminilml6v2q.AllMiniLmL6V2QuantizedEmbeddingModel;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;

/// Compares passages with what the demo knows, by a real embedding model that runs in this process: all-MiniLM-L6-v2,
/// quantized, on ONNX. Nothing is sent anywhere.
///
/// Passages that many notices share, disclaimers above all, are embedded once. Thread-safe.
final class LicenceModel {
    /// The model's library calls home once unless told not to.
    private static final String NO_TRACKING = "OPT_OUT_TRACKING";

    private static final int MAX_REMEMBERED = 10_000;

    private final List<Licence> licences;
    private final EmbeddingModel model;
    private final List<List<float[]>> references;
    private final Map<String, float[]> remembered = new ConcurrentHashMap<>();

    private LicenceModel(List<Licence> licences, EmbeddingModel model) {
        this.licences = licences;
        this.model = model;
        this.references = licences.stream().map(l -> embed(l.passages())).toList();
    }

    /// Loads the model and embeds what it is to compare with: about two seconds.
    static LicenceModel load() {
        System.setProperty(NO_TRACKING, "true");
        // Native code pins the carrier of a virtual thread, so the model gets platform threads of its own.
        var threads =
                Executors.newFixedThreadPool(
                        Runtime.getRuntime().availableProcessors(),
                        task -> Thread.ofPlatform().daemon().name("embedding").unstarted(task));
        return new LicenceModel(Licence.known(), new AllMiniLmL6V2QuantizedEmbeddingModel(threads));
    }

    List<Licence> licences() {
        return licences;
    }

    /// How like each licence each passage is.
    List<Likeness> compare(Passages passages) {
        List<float[]> vectors = embed(passages.texts());
        return java.util.stream.IntStream.range(0, vectors.size())
                .mapToObj(i -> likeness(passages.texts().get(i), vectors.get(i)))
                .toList();
    }

    private Likeness likeness(String passage, float[] vector) {
        Map<String, Double> similarities = new HashMap<>();
        for (int i = 0; i < licences.size(); i++) {
            double best = references.get(i).stream().mapToDouble(r -> cosine(r, vector)).max().orElse(0);
            similarities.put(licences.get(i).key(), Math.round(best * 1_000) / 1_000.0);
        }
        return new Likeness(passage, similarities);
    }

    private List<float[]> embed(List<String> texts) {
        if (remembered.size() > MAX_REMEMBERED) {
            remembered.clear();
        }
        List<String> fresh = texts.stream().distinct().filter(t -> !remembered.containsKey(t)).toList();
        Map<String, float[]> vectors = new HashMap<>();
        if (!fresh.isEmpty()) {
            var embedded = model.embedAll(fresh.stream().map(TextSegment::from).toList()).content();
            for (int i = 0; i < fresh.size(); i++) {
                vectors.put(fresh.get(i), embedded.get(i).vector());
            }
        }
        List<float[]> all =
                texts.stream()
                        .map(text -> {
                            float[] known = vectors.get(text);
                            return known != null
                                    ? known
                                    : remembered.computeIfAbsent(text, t -> model.embed(t).content().vector());
                        })
                        .toList();
        remembered.putAll(vectors);
        return all;
    }

    /// The model's vectors have length 1, which leaves the scalar product.
    private static double cosine(float[] a, float[] b) {
        double sum = 0;
        for (int i = 0; i < a.length; i++) {
            sum += a[i] * b[i];
        }
        return sum;
    }
}
