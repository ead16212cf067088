package dev.perdure.cli.demo;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/// All reviews in a few numbers.
///
/// @param families how many notices are mainly of which family, by key
/// @param flags how many notices were flagged for what
record ReviewSummary(
        int documents, int passages, int flagged, Map<String, Integer> families, Map<String, Integer> flags) {
    ReviewSummary {
        families = java.util.Collections.unmodifiableMap(new LinkedHashMap<>(families));
        flags = java.util.Collections.unmodifiableMap(new LinkedHashMap<>(flags));
    }

    static ReviewSummary of(List<Review> reviews) {
        Map<String, Integer> families = new TreeMap<>();
        Map<String, Integer> flags = new TreeMap<>();
        for (Review review : reviews) {
            families.merge(review.family(), 1, Integer::sum);
            review.flags().all().stream()
                    .map(Flags.Flag::what)
                    .distinct()
                    .forEach(what -> flags.merge(what, 1, Integer::sum));
        }
        int flagged = (int) reviews.stream().filter(Review::flagged).count();
        int passages = reviews.stream().mapToInt(Review::passages).sum();
        return new ReviewSummary(reviews.size(), passages, flagged, families, flags);
    }
}
