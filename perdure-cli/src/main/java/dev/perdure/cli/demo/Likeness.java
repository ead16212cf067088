package dev.perdure.cli.demo;

import java.util.Map;

/// How like each thing the demo knows a passage is: cosine similarities by key of [Licence].
record Likeness(String passage, Map<String, Double> similarities) {
    Likeness {
        similarities = Map.copyOf(similarities);
    }

    double to(Licence licence) {
        return similarities.getOrDefault(licence.key(), 0.0);
    }
}
