package dev.perdure.tests.guarantees;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.ThrowableProxyUtil;
import ch.qos.logback.core.read.ListAppender;

import dev.perdure.Loop;
import dev.perdure.Perdure;
import dev.perdure.Retry;
import dev.perdure.Run;
import dev.perdure.RunFailedException;
import dev.perdure.RunHandle;
import dev.perdure.StartOptions;
import dev.perdure.Step;
import dev.perdure.Workflow;
import dev.perdure.error.ConflictException;
import dev.perdure.error.InvalidInputException;
import dev.perdure.error.UnavailableException;
import dev.perdure.store.RunFilter;
import dev.perdure.store.RunStatus;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.LoggerFactory;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.stream.IntStream;

/// Guarantees 9 and 10 of DESIGN.md: named bounds, and one clear message for each bad input.
final class BoundsAndBadInputTest {
    private static final String SECRET = "correct-horse-battery-staple";

    @TempDir Path folder;

    private final Logger logger = (Logger) LoggerFactory.getLogger("dev.perdure");
    private final ListAppender<ILoggingEvent> log = new ListAppender<>();
    private Perdure perdure;

    record Query(String text, int limit) {}

    /// Has no form in JSON.
    record Loose(Thread thread) {}

    /// Refers to itself.
    static final class Circle {
        public final Circle self = this;
    }

    @BeforeEach
    void open() {
        log.start();
        logger.setLevel(Level.TRACE);
        logger.setAdditive(false);
        logger.addAppender(log);
        perdure = StoreOnDisk.in(folder).open(StoreOnDisk.OPTIONS.withMaxPayloadBytes(10_000));
    }

    @AfterEach
    void close() {
        perdure.close();
        logger.detachAppender(log);
        logger.setAdditive(true);
        logger.setLevel(Level.OFF);
        for (ILoggingEvent event : log.list) {
            assertThat(event.getFormattedMessage()).doesNotContain(SECRET);
            if (event.getThrowableProxy() != null) {
                assertThat(ThrowableProxyUtil.asString(event.getThrowableProxy())).doesNotContain(SECRET);
            }
        }
    }

    /// Runs `code` as a workflow and answers what the run failed with.
    private String failureOf(String id, Consumer<Run> code) {
        perdure.register(
                Workflow.named(id)
                        .takes(String.class)
                        .returns(String.class)
                        .runs((run, input) -> {
                            code.accept(run);
                            return "done";
                        }));
        RunHandle<String> run = perdure.start(id, SECRET, StartOptions.withId(id));
        try {
            return "no failure but " + run.result();
        } catch (RunFailedException failed) {
            return failed.failure().message();
        }
    }

    // Guarantee 9

    @Test
    void guarantee9EveryNameHasABoundThatItsErrorNames() {
        String longName = "n".repeat(101);
        Map<String, Consumer<Run>> calls =
                Map.of(
                        "step", run -> run.step(longName, String.class, () -> ""),
                        "loop", run -> run.loop(longName, String.class, "", (turn, state) -> Loop.done("")),
                        "parallel", run -> run.parallel(longName, List.of(1), (strand, one) -> ""),
                        "strands", run -> run.strands(longName),
                        "variable", run -> run.set(longName, 1),
                        "checkpoint", run -> run.checkpoint(longName),
                        "artifact", run -> run.artifact(longName, "text/plain", java.io.InputStream::nullInputStream));
        calls.forEach((kind, call) ->
                assertThat(failureOf("long-" + kind, call))
                        .contains(
                                kind.equals("artifact") ? "cannot name an artifact" : "cannot name a " + kind,
                                "1 to 100 characters",
                                "Choose another name"));
        for (String name : List.of("a/b", "a[0]", "a#2", " ", "a\u200bb", "")) {
            assertThat(failureOf("name-" + (int) name.chars().sum(), run -> run.step(name, String.class, () -> "")))
                    .contains("cannot name a step");
        }
    }

    @Test
    void guarantee9PathHasABound() {
        assertThat(failureOf("deep", this::nest)).contains("a path has at most 1000", "Nest loops and strands less");
    }

    private void nest(Run run) {
        run.parallel(
                "n".repeat(99),
                List.of(1),
                (strand, one) -> {
                    nest(strand);
                    return "";
                });
    }

    @Test
    void guarantee9VariablesHaveABound() {
        assertThat(failureOf("many", run -> IntStream.rangeClosed(0, 1_000).forEach(i -> run.set("v" + i, i))))
                .contains("a run has at most 1000 variables", "\"v1000\" would be one more");
    }

    @Test
    void guarantee9IdsSessionsRetriesAndListsHaveBounds() {
        assertThatThrownBy(() -> StartOptions.withId("x".repeat(201)))
                .isInstanceOf(InvalidInputException.class)
                .hasMessageContaining("1 to 200 visible characters");
        assertThatThrownBy(() -> StartOptions.withId("two words")).hasMessageContaining("no spaces");
        assertThatThrownBy(() -> StartOptions.DEFAULT.session("x".repeat(201)))
                .hasMessageContaining("1 to 200 characters");
        assertThatThrownBy(() -> Retry.upTo(2_000_000)).hasMessageContaining("1 to 1000000 times");
        assertThatThrownBy(() -> RunFilter.newest(10_001)).hasMessageContaining("1 to 10000 runs");
        assertThatThrownBy(() -> Step.atLeastOnce().timeout(Duration.ZERO)).hasMessageContaining("timeout");
        assertThatThrownBy(() -> StoreOnDisk.OPTIONS.withMaxRuns(0))
                .hasMessageContaining("maxRuns is at least 1; got 0.");
    }

    @Test
    void guarantee9EveryPayloadHasTheBoundOfTheOptions() {
        String large = SECRET.repeat(400);
        Map<String, Consumer<Run>> calls =
                Map.of(
                        "result", run -> run.step("a", String.class, () -> large),
                        "input", run -> run.step("a", large, String.class, given -> ""),
                        "variable", run -> run.set("a", large),
                        "state", run -> run.loop("a", String.class, large, (turn, state) -> Loop.done("")));
        calls.forEach((what, call) ->
                assertThat(failureOf("large-" + what, call))
                        .contains(what, "bytes of JSON, more than the 10000 allowed", "run.artifact(...)")
                        .doesNotContain(SECRET));
    }

    // Guarantee 10

    @Test
    void guarantee10UnknownWorkflowIsNamedWithThoseThatAreKnown() {
        perdure.register(Workflow.named("known").takes(String.class).returns(String.class).runs((run, in) -> in));
        assertThatThrownBy(() -> perdure.start("unknown", SECRET))
                .isInstanceOf(InvalidInputException.class)
                .hasMessage(
                        "no workflow is named \"unknown\" here; registered are known."
                                + " Register it with perdure.register(...), or correct the name.");
        assertNothingWritten();
    }

    @Test
    void guarantee10InputThatDoesNotFitIsRefusedBeforeAnythingIsWritten() {
        perdure.register(Workflow.named("ask").takes(Query.class).returns(String.class).runs((run, in) -> in.text()));
        Map<String, List<String>> bad =
                Map.of(
                        "{\"text\":\"" + SECRET + "\"",
                        List.of("not valid JSON at line 1"),
                        "{\"text\":\"" + SECRET + "\"}",
                        List.of("the field limit is missing"),
                        "{\"text\":\"" + SECRET + "\",\"limit\":1,\"more\":2}",
                        List.of("the field more is unknown"),
                        "{\"text\":\"a\",\"limit\":\"" + SECRET + "\"}",
                        List.of("at field limit"),
                        "\"" + SECRET + "\"",
                        List.of("does not fit Query"),
                        "",
                        List.of("does not fit Query"),
                        "{\"text\":\"a\",\"limit\":1} {}",
                        List.of("does not fit Query"),
                        "{\"text\":\"" + SECRET.repeat(400) + "\",\"limit\":1}",
                        List.of("more than the 10000 allowed"));
        bad.forEach((json, expected) ->
                assertThatThrownBy(() -> perdure.startJson("ask", json, StartOptions.DEFAULT))
                        .isInstanceOf(InvalidInputException.class)
                        .hasMessageContaining("the input of workflow ask")
                        .satisfies(e -> assertThat(e.getMessage()).contains(expected).doesNotContain(SECRET)));
        assertThatThrownBy(() -> perdure.start("ask", 42)).isInstanceOf(InvalidInputException.class);
        assertThatThrownBy(() -> perdure.start("ask", null)).isInstanceOf(InvalidInputException.class);
        assertNothingWritten();
    }

    private void assertNothingWritten() {
        assertThat(perdure.administration().runs(RunFilter.newest(10))).isEmpty();
    }

    @Test
    void guarantee10UnserializableResultFailsItsStepAndSaysWhy() {
        assertThat(failureOf("loose", run -> run.step("a", Loose.class, () -> new Loose(Thread.currentThread()))))
                .contains("the result of step a of run loose does not fit Loose: at field thread", "Correct the value");
        assertThat(failureOf("circular", run -> run.step("a", Circle.class, () -> new Circle())))
                .contains("the result of step a of run circular cannot be serialized as Circle", "Use records");
        assertThat(StoreOnDisk.words(perdure, "loose"))
                .containsExactly("run started at (run)", "step failed at a", "run failed at (run)");
    }

    @Test
    void guarantee10StepInsideAStepIsRefused() {
        assertThat(
                        failureOf(
                                "inside",
                                run ->
                                        run.step(
                                                "outer",
                                                String.class,
                                                () -> run.step("inner", String.class, () -> ""))))
                .contains("run inside: the run was used inside step outer", "call the run before or after it");
    }

    @Test
    void guarantee10CallFromAnotherThreadIsRefused() {
        assertThat(
                        failureOf(
                                "thread",
                                run ->
                                        CompletableFuture.runAsync(
                                                        () -> {
                                                            try {
                                                                run.step("a", String.class, () -> "");
                                                            } catch (InvalidInputException refused) {
                                                                throw new IllegalStateException(refused.getMessage());
                                                            }
                                                        })
                                                .exceptionally(thrown -> {
                                                    throw new IllegalStateException(thrown.getCause().getMessage());
                                                })
                                                .join()))
                .contains("run thread: the run was used from thread", "not the thread of its strand", "run.parallel");
    }

    @Test
    void guarantee10OuterRunInsideALoopOrStrandIsRefused() {
        Function<Run, Consumer<Run>> use = outer -> inner -> outer.step("a", String.class, () -> "");
        assertThat(
                        failureOf(
                                "loop",
                                run ->
                                        run.loop(
                                                "turn",
                                                String.class,
                                                "",
                                                (turn, state) -> {
                                                    use.apply(run).accept(turn);
                                                    return Loop.done("");
                                                })))
                .contains("the run of an outer scope was used inside turn[0]", "Use the run handed to the loop's body");
        assertThat(
                        failureOf(
                                "strand",
                                run ->
                                        run.parallel(
                                                "read",
                                                List.of(1),
                                                (strand, one) -> {
                                                    use.apply(run).accept(strand);
                                                    return "";
                                                })))
                .contains("the run was used from thread", "whose strands each have a run of their own");
    }

    @Test
    void guarantee10TwoStrandsThatWriteOneVariableNeedAReducer() {
        assertThat(
                        failureOf(
                                "clash",
                                run ->
                                        run.parallel(
                                                "read",
                                                List.of(1, 2),
                                                (strand, one) -> {
                                                    strand.set("total", one);
                                                    return "";
                                                })))
                .contains("strands of read wrote variable \"total\" 2 times", "run.reduce(\"total\", ...)");
    }

    @Test
    void guarantee10UnknownRunIsNamed() {
        assertThatThrownBy(() -> perdure.run("missing", String.class))
                .isInstanceOf(InvalidInputException.class)
                .hasMessageContaining("there is no run \"missing\" in this store. `perdure runs` lists");
        assertThatThrownBy(() -> perdure.administration().retry("missing", "me", "why"))
                .isInstanceOf(InvalidInputException.class);
        assertThatThrownBy(() -> perdure.administration().cancel("missing", "why"))
                .isInstanceOf(InvalidInputException.class);
    }

    @Test
    void guarantee10RunThatHasEndedCanNeitherBeRetriedNorCancelled() {
        assertThat(failureOf("ended", run -> {})).isEqualTo("no failure but done");
        assertThatThrownBy(() -> perdure.administration().retry("ended", "me", "why"))
                .isInstanceOf(ConflictException.class)
                .hasMessageContaining("run ended cannot be retried: it is completed");
        assertThatThrownBy(() -> perdure.administration().cancel("ended", "why"))
                .isInstanceOf(ConflictException.class)
                .hasMessageContaining("run ended cannot be cancelled: it is completed already");
        assertThat(perdure.administration().find("ended").status()).isEqualTo(RunStatus.COMPLETED);
    }

    @Test
    void guarantee10ClosedPerdureSaysSo() {
        perdure.register(Workflow.named("known").takes(String.class).returns(String.class).runs((run, in) -> in));
        perdure.close();
        assertThatThrownBy(() -> perdure.start("known", SECRET))
                .isInstanceOf(UnavailableException.class)
                .hasMessage("this Perdure was closed. Open the store again to go on.");
        assertThatThrownBy(perdure::work).isInstanceOf(UnavailableException.class);
    }

    @Test
    void guarantee10UrlThatNoStoreTakesIsRefusedWithoutShowingIt() {
        assertThatThrownBy(() -> Perdure.open("jdbc:mysql://me:" + SECRET + "@host/db"))
                .isInstanceOf(InvalidInputException.class)
                .hasMessageContaining("no store takes a URL that begins with \"jdbc:mysql:\"")
                .satisfies(e -> assertThat(e.getMessage()).doesNotContain(SECRET));
        assertThatThrownBy(() -> Perdure.open("jdbc:sqlite:" + folder.resolve("a.db") + "?password=" + SECRET))
                .isInstanceOf(InvalidInputException.class)
                .satisfies(e -> assertThat(e.getMessage()).doesNotContain(SECRET));
    }

    @Test
    void guarantee10NoPayloadStandsInTheLog() {
        assertThat(
                        failureOf(
                                "secretive",
                                run -> {
                                    run.set("password", SECRET);
                                    run.step("login", SECRET, String.class, given -> given + "!");
                                    run.step(
                                            "fails",
                                            String.class,
                                            Step.atLeastOnce().retry(Retry.upTo(2).from(Duration.ZERO)),
                                            () -> {
                                                throw new IllegalStateException(SECRET);
                                            });
                                }))
                .isEqualTo(SECRET); // kept in the journal, where it can be erased
        assertThat(log.list).extracting(ILoggingEvent::getFormattedMessage).anyMatch(m -> m.contains("secretive"));
        assertThat(perdure.administration().find("secretive").reason()).doesNotContain(SECRET);
    }
}
