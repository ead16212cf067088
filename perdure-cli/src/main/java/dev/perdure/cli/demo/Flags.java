package dev.perdure.cli.demo;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;

/// The reasons why a lawyer should look at a document; empty for most.
record Flags(List<Flag> all) {
    /// One reason.
    ///
    /// @param what in a few words, for a label
    /// @param why in a sentence
    record Flag(String what, String why) {}

    Flags {
        all = List.copyOf(all);
    }

    /// Decides from a classification alone.
    static Flags of(Classification classification, List<Licence> known) {
        Map<String, Licence> byKey = known.stream().collect(Collectors.toMap(Licence::key, Function.identity()));
        List<Flag> flags = new ArrayList<>();
        for (Classification.Match match : classification.families()) {
            String name = name(byKey, match);
            Licence licence = byKey.get(match.key());
            if (licence != null && licence.kind() == Licence.Kind.STRONG) {
                flags.add(
                        new Flag(
                                "strong copyleft",
                                "like the "
                                        + name
                                        + ": what is derived from it may have to be licensed the same way."));
            } else if (licence != null && licence.kind() == Licence.Kind.WEAK) {
                flags.add(
                        new Flag(
                                "weak copyleft",
                                "like the "
                                        + name
                                        + ": changes to its files or to the library may have to be published."));
            }
        }
        for (Classification.Match match : classification.clauses()) {
            flags.add(clause(match.key(), name(byKey, match)));
        }
        if (classification.families().isEmpty()) {
            flags.add(
                    new Flag(
                            "unknown licence",
                            classification
                                    .nearest()
                                    .map(n ->
                                            "like no family known here; the nearest, "
                                                    + name(byKey, n)
                                                    + ", is not near enough.")
                                    .orElse("nothing in it is like a licence.")));
        }
        return new Flags(flags);
    }

    private static String name(Map<String, Licence> byKey, Classification.Match match) {
        Licence licence = byKey.get(match.key());
        return licence == null ? match.key() : licence.name();
    }

    private static Flag clause(String key, String name) {
        return switch (key) {
            case "patent" -> new Flag("patent terms", "grants patent licences, or ends them when somebody sues.");
            case "advertising" ->
                    new Flag("acknowledgement", "asks for an acknowledgement in advertising or documentation.");
            case "restricted" -> new Flag("restricted use", "seems to allow some uses only.");
            default -> new Flag(name, "has a clause of this kind.");
        };
    }

    boolean isEmpty() {
        return all.isEmpty();
    }
}
