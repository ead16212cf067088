package dev.perdure.cli.demo;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/// What a document's licence families are, and which clauses in it are worth a look.
///
/// @param families those found, the main one first; empty if nothing is like any
/// @param clauses those found
/// @param nearest the family it is most like, whether or not that is enough
record Classification(List<Match> families, List<Match> clauses, Optional<Match> nearest) {
    /// From this similarity on a family counts as recognised.
    static final double RECOGNISED = 0.60;

    /// From this similarity on a family is listed beside the main one.
    private static final double ALSO = 0.75;

    /// Similarity that all texts of this trade have; only what exceeds it weighs.
    private static final double GROUND = 0.55;

    private static final double CLAUSE = 0.75;
    private static final double ACKNOWLEDGEMENT = 0.70;
    private static final int EXCERPT = 240;

    Classification {
        families = List.copyOf(families);
        clauses = List.copyOf(clauses);
    }

    /// The passage of a document that is most like something.
    ///
    /// @param key of the [Licence]
    /// @param similarity 0 to 1
    /// @param excerpt the passage's beginning
    record Match(String key, double similarity, String excerpt) {}

    private record Candidate(Match match, double weight) {}

    /// Decides. Each passage votes for the family it is most like; passages most like boilerplate abstain.
    static Classification of(List<Likeness> passages, List<Licence> known) {
        List<Licence> voted = known.stream().filter(l -> l.kind() != Licence.Kind.CLAUSE).toList();
        List<Candidate> candidates = new ArrayList<>();
        for (Licence family : voted) {
            if (family.kind() == Licence.Kind.BOILERPLATE) {
                continue;
            }
            List<Likeness> votes = passages.stream().filter(p -> best(p, voted).equals(family)).toList();
            match(votes, family)
                    .ifPresent(match ->
                            candidates.add(
                                    new Candidate(
                                            match,
                                            votes.stream()
                                                    .mapToDouble(p -> Math.max(0, p.to(family) - GROUND))
                                                    .sum())));
        }
        candidates.sort(
                Comparator.comparingDouble(Candidate::weight)
                        .thenComparingDouble(c -> c.match().similarity())
                        .reversed());
        return new Classification(families(candidates), clauses(passages, known), nearest(candidates));
    }

    private static Licence best(Likeness passage, List<Licence> voted) {
        return voted.stream()
                .max(Comparator.comparingDouble(passage::to))
                .orElseThrow(() -> new IllegalArgumentException("nothing to compare with"));
    }

    private static Optional<Match> match(List<Likeness> passages, Licence licence) {
        return passages.stream()
                .max(Comparator.comparingDouble(p -> p.to(licence)))
                .map(p -> new Match(licence.key(), p.to(licence), excerpt(p.passage())));
    }

    private static List<Match> families(List<Candidate> candidates) {
        List<Match> found = new ArrayList<>();
        for (Candidate candidate : candidates) {
            if (candidate.match().similarity() >= (found.isEmpty() ? RECOGNISED : ALSO)) {
                found.add(candidate.match());
            }
        }
        return found;
    }

    private static List<Match> clauses(List<Likeness> passages, List<Licence> known) {
        return known.stream()
                .filter(l -> l.kind() == Licence.Kind.CLAUSE)
                .flatMap(l -> match(passages, l).stream())
                .filter(m -> m.similarity() >= (m.key().equals("advertising") ? ACKNOWLEDGEMENT : CLAUSE))
                .toList();
    }

    private static Optional<Match> nearest(List<Candidate> candidates) {
        return candidates.stream().map(Candidate::match).max(Comparator.comparingDouble(Match::similarity));
    }

    private static String excerpt(String passage) {
        if (passage.length() <= EXCERPT) {
            return passage;
        }
        int end = Character.isLowSurrogate(passage.charAt(EXCERPT)) ? EXCERPT - 1 : EXCERPT;
        return passage.substring(0, end) + "…";
    }
}
