package dev.perdure.cli.demo;

import dev.perdure.cli.console.Refusal;
import dev.perdure.error.CorruptedException;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;

/// The report as one HTML page that needs nothing else. What stands in the notices is other people's text: all of it is
/// escaped.
record ReportPage(String run, String docs, ReviewSummary summary, List<Review> reviews, List<Licence> known) {
    private static final String STYLE = "report.css";

    ReportPage {
        reviews = List.copyOf(reviews);
        known = List.copyOf(known);
    }

    String html() {
        return """
        <!doctype html>
        <html lang="en">
        <head>
        <meta charset="utf-8">
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <title>Licence notices: %1$d of %2$d for a lawyer</title>
        <style>%3$s</style>
        </head>
        <body>
        <main>
        <h1>Licence notices</h1>
        <p class="lead">%4$s</p>
        <dl class="tiles">%5$s</dl>
        <h2>Licence families</h2>
        <ul class="families">%6$s</ul>
        <h2>For a lawyer (%1$d)</h2>
        %7$s
        <h2>Nothing flagged (%8$d)</h2>
        %9$s
        <h2>How to read this</h2>
        <p class="note">Each notice was split into passages, which a small language model on this machine
        (all-MiniLM-L6-v2) compared with key passages of licence families. The number is the similarity (cosine)
        of the most telling passage; from %10$s on a family counts as recognised. A document may hold several
        licences. This finds what to look at first; it is not legal advice.</p>
        <p class="note">Run <code>%11$s</code>: every step is in its journal.</p>
        </main>
        </body>
        </html>
        """
                .formatted(
                        summary.flagged(),
                        summary.documents(),
                        style(),
                        escape(docs),
                        tiles(),
                        families(),
                        documents(true),
                        summary.documents() - summary.flagged(),
                        documents(false),
                        score(Classification.RECOGNISED),
                        escape(run));
    }

    private String tiles() {
        return tile(summary.documents(), "documents")
                + tile(summary.passages(), "passages compared")
                + tile(
                        (int) summary.families().keySet().stream().filter(key -> !key.equals("unknown")).count(),
                        "licence families")
                + tile(summary.flagged(), "for a lawyer");
    }

    private static String tile(int number, String what) {
        return "<div class=\"tile\"><dd>%s</dd><dt>%s</dt></div>"
                .formatted(KillAndResume.grouped(number), escape(what));
    }

    private String families() {
        int most = summary.families().values().stream().mapToInt(Integer::intValue).max().orElse(1);
        return summary.families().entrySet().stream()
                .sorted(
                        Map.Entry.<String, Integer>comparingByValue()
                                .reversed()
                                .thenComparing(Map.Entry.comparingByKey()))
                .map(e ->
                        "<li><b>%s</b><span class=\"track\"><i style=\"width:%d%%\"></i></span><span>%d</span></li>"
                                .formatted(escape(name(e.getKey())), e.getValue() * 100 / most, e.getValue()))
                .collect(Collectors.joining("\n"));
    }

    private String documents(boolean flagged) {
        return reviews.stream()
                .filter(review -> review.flagged() == flagged)
                .sorted(Comparator.comparing(r -> r.notice().name()))
                .map(this::document)
                .collect(Collectors.joining("\n"));
    }

    private String document(Review review) {
        List<Classification.Match> families = review.classification().families();
        String family =
                families.isEmpty()
                        ? "unknown"
                        : "%s <small>%s%s</small>"
                                .formatted(
                                        escape(name(families.getFirst().key())),
                                        score(families.getFirst().similarity()),
                                        families.size() == 1 ? "" : ", +" + (families.size() - 1) + " more");
        String flags =
                review.flagged()
                        ? review.flags().all().stream()
                                .map(Flags.Flag::what)
                                .distinct()
                                .map(what -> "<span class=\"flag\">" + escape(what) + "</span>")
                                .collect(Collectors.joining())
                        : "<span class=\"none\">nothing flagged</span>";
        return """
        <details%s><summary><span class="name">%s</span><span class="family">%s</span><span class="flags">%s</span></summary>
        <div class="body">%s<p class="digest">%s bytes, %d passages, SHA-256 %s</p></div></details>\
        """
                .formatted(
                        review.flagged() ? " class=\"flagged\"" : "",
                        escape(review.notice().name()),
                        family,
                        flags,
                        body(review),
                        KillAndResume.grouped(review.notice().bytes()),
                        review.passages(),
                        escape(review.notice().sha256()));
    }

    private String body(Review review) {
        StringBuilder body = new StringBuilder();
        if (review.flagged()) {
            body.append(
                    review.flags().all().stream()
                            .map(flag -> "<li><b>" + escape(flag.what()) + "</b>: " + escape(flag.why()) + "</li>")
                            .collect(Collectors.joining("", "<ul>", "</ul>")));
        }
        List<Classification.Match> quotes = new ArrayList<>(review.classification().families());
        quotes.addAll(review.classification().clauses());
        if (quotes.isEmpty()) {
            review.classification().nearest().ifPresent(quotes::add);
        }
        for (Classification.Match match : quotes) {
            body.append(
                    "<blockquote><p>%s</p><footer>like %s, %s</footer></blockquote>"
                            .formatted(escape(match.excerpt()), escape(name(match.key())), score(match.similarity())));
        }
        return body.toString();
    }

    private String name(String key) {
        return known.stream().filter(l -> l.key().equals(key)).map(Licence::name).findFirst().orElse("Unknown");
    }

    private static String score(double similarity) {
        return String.format(Locale.ROOT, "%.2f", similarity);
    }

    private static String style() {
        try (InputStream in = ReportPage.class.getResourceAsStream(STYLE)) {
            if (in == null) {
                throw new CorruptedException(STYLE + " is missing on the class path: the build is not complete.");
            }
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new CorruptedException(STYLE + " on the class path cannot be read: " + Refusal.of(e) + ".");
        }
    }

    /// `text` such that a browser shows it and does nothing else with it.
    static String escape(String text) {
        return text.replace("&", "&amp;")
                .replace("<", "&lt;")
                .replace(">", "&gt;")
                .replace("\"", "&quot;")
                .replace("'", "&#39;");
    }
}
