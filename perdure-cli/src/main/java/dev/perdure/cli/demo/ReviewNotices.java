package dev.perdure.cli.demo;

import dev.perdure.Artifact;
import dev.perdure.Decision;
import dev.perdure.Loop;
import dev.perdure.Perdure;
import dev.perdure.Run;
import dev.perdure.RunFailedException;
import dev.perdure.RunHandle;
import dev.perdure.StartOptions;
import dev.perdure.Workflow;
import dev.perdure.cli.console.Refusal;
import dev.perdure.error.UnavailableException;

import org.jspecify.annotations.Nullable;

import tools.jackson.databind.json.JsonMapper;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/// The agent of the demo: reviews the licence notices in a folder and publishes a report.
///
/// A durable loop takes a batch of notices a turn, several of them at the same time; each is read, split, classified
/// and flagged, a step each. Before the report is published somebody has to approve it.
final class ReviewNotices {
    static final String WORKFLOW = "review-notices";
    static final String REPORT = "report.html";
    static final String APPROVAL = "publish";
    private static final String SUMMARY = "summary.json";
    private static final int BATCH = 12;
    private static final int WIDTH = 4;
    private static final int STEPS_PER_NOTICE = 4;
    private static final int OTHER_STEPS = 3;

    private final Witness witness;
    private @Nullable LicenceModel model;

    private ReviewNotices(Witness witness) {
        this.witness = witness;
    }

    /// What a review is asked for.
    record Brief(String docs, String out) {}

    /// What it comes to.
    ///
    /// @param report where the report is; empty if it was not to be published
    record Published(ReviewSummary summary, String report) {}

    private record Inventory(List<Notice> notices) {
        Inventory {
            notices = List.copyOf(notices);
        }
    }

    private record Reviewed(List<Review> reviews) {
        Reviewed {
            reviews = List.copyOf(reviews);
        }

        Reviewed with(List<Review> more) {
            List<Review> all = new ArrayList<>(reviews);
            all.addAll(more);
            return new Reviewed(all);
        }
    }

    /// What exactly is published, in short and by digest: what somebody approves.
    private record Publication(
            String file,
            int notices,
            int forALawyer,
            Map<String, Integer> flags,
            String reportSha256,
            String summarySha256) {}

    /// How many steps a review of so many notices has.
    static long steps(int notices) {
        return OTHER_STEPS + (long) notices * STEPS_PER_NOTICE;
    }

    /// Starts the run, or goes on with it, and waits until it has ended.
    static void run(Perdure perdure, Work.ReviewJob job, Witness witness) {
        ReviewNotices review = new ReviewNotices(witness);
        perdure.register(Workflow.named(WORKFLOW).takes(Brief.class).returns(Published.class).runs(review::review));
        RunHandle<Published> run =
                perdure.start(
                        WORKFLOW, new Brief(job.docs(), job.out()), StartOptions.withId(job.run()).session(job.run()));
        try {
            run.result();
        } catch (RunFailedException e) {
            System.err.println(e.getMessage()); // the process that asked reads the outcome from the store
        }
    }

    private Published review(Run run, Brief brief) {
        Path docs = Path.of(brief.docs());
        Inventory inventory = witness.step(run, "list", Inventory.class, () -> new Inventory(Notice.in(docs)));
        run.set("notices", inventory.notices().size());
        Reviewed reviewed =
                run.loop(
                        "batch",
                        Reviewed.class,
                        new Reviewed(List.of()),
                        (turn, done) -> {
                            Reviewed next = done.with(batch(turn, docs, inventory.notices(), done.reviews().size()));
                            turn.set("reviewed", next.reviews().size());
                            turn.set("flagged", next.reviews().stream().filter(Review::flagged).count());
                            return next.reviews().size() < inventory.notices().size()
                                    ? Loop.next(next)
                                    : Loop.done(next);
                        });
        ReviewSummary summary =
                witness.step(run, "summarise", reviewed, ReviewSummary.class, all -> ReviewSummary.of(all.reviews()));
        byte[] page =
                new ReportPage(run.id().value(), brief.docs(), summary, reviewed.reviews(), Licence.known())
                        .html()
                        .getBytes(StandardCharsets.UTF_8);
        byte[] numbers = JsonMapper.shared().writeValueAsBytes(summary);
        Artifact report = run.artifact(REPORT, "text/html", () -> new ByteArrayInputStream(page));
        Artifact json = run.artifact(SUMMARY, "application/json", () -> new ByteArrayInputStream(numbers));
        Decision<Publication> decision =
                run.approval(
                                APPROVAL,
                                new Publication(
                                        Path.of(brief.out(), REPORT).toString(),
                                        summary.documents(),
                                        summary.flagged(),
                                        summary.flags(),
                                        report.digest().toString(),
                                        json.digest().toString()))
                        .because("all notices are reviewed")
                        .await();
        if (!decision.approved()) {
            return new Published(summary, "");
        }
        String written =
                witness.step(
                        run,
                        "write",
                        decision.payload(),
                        String.class,
                        _ -> {
                            publish(Path.of(brief.out(), SUMMARY), numbers);
                            return publish(Path.of(brief.out(), REPORT), page);
                        });
        return new Published(summary, written);
    }

    private List<Review> batch(Run turn, Path docs, List<Notice> notices, int from) {
        List<Notice> some = notices.subList(from, Math.min(from + BATCH, notices.size()));
        return turn.parallel("notice", some, WIDTH, (strand, notice) -> one(strand, docs, notice));
    }

    private Review one(Run strand, Path docs, Notice notice) {
        String text = witness.step(strand, "read", String.class, () -> notice.text(docs));
        Passages passages = witness.step(strand, "split", Passages.class, () -> Passages.of(text));
        Classification classification =
                witness.step(
                        strand,
                        "classify",
                        passages,
                        Classification.class,
                        p -> Classification.of(model().compare(p), model().licences()));
        Flags flags = witness.step(strand, "flag", classification, Flags.class, c -> Flags.of(c, Licence.known()));
        return new Review(notice, passages.texts().size(), classification, flags);
    }

    /// Loaded when it is first needed: a run that only has its report left to publish does not wait for it.
    private synchronized LicenceModel model() {
        LicenceModel loaded = model;
        if (loaded == null) {
            loaded = LicenceModel.load();
            model = loaded;
        }
        return loaded;
    }

    /// Writes a file as a whole or not at all.
    private static String publish(Path file, byte[] content) {
        try {
            Files.createDirectories(file.getParent());
            Path part = file.resolveSibling(file.getFileName() + ".part");
            Files.write(part, content);
            Files.move(part, file, StandardCopyOption.REPLACE_EXISTING);
            return file.toString();
        } catch (IOException e) {
            throw new UnavailableException("cannot publish " + file + ": " + Refusal.of(e) + ".", e);
        }
    }
}
