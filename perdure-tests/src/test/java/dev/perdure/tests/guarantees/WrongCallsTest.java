package dev.perdure.tests.guarantees;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.perdure.Perdure;
import dev.perdure.Retry;
import dev.perdure.Run;
import dev.perdure.RunFailedException;
import dev.perdure.RunHandle;
import dev.perdure.Step;
import dev.perdure.Workflow;
import dev.perdure.error.InvalidInputException;
import dev.perdure.value.TypeRef;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

import java.time.Duration;
import java.util.List;
import java.util.function.Function;

/// Guarantee 10 again: calls that cannot be meant are refused in words, not by a null pointer far below.
@SuppressWarnings({"NullAway", "DataFlowIssue"})
final class WrongCallsTest {
    private final Perdure perdure = Perdure.open("memory:");

    @AfterEach
    void close() {
        perdure.close();
    }

    private String outcome(Function<Run, String> code) {
        perdure.register(
                Workflow.named("w").takes(String.class).returns(String.class).runs((run, input) -> code.apply(run)));
        try {
            RunHandle<String> run = perdure.start("w", "");
            return run.result();
        } catch (RunFailedException failed) {
            return failed.failure().type() + ": " + failed.failure().message();
        }
    }

    @Test
    void inputThatIsNull() {
        assertThat(outcome(run -> run.step("s", (String) null, String.class, given -> given)))
                .startsWith("InvalidInputException: the input of step s is null")
                .contains("leave the input out");
    }

    @Test
    void nameThatIsNull() {
        assertThat(outcome(run -> run.step(null, String.class, () -> "")))
                .isEqualTo("InvalidInputException: null cannot name a step. Give it a name.");
    }

    @Test
    void artifactWhoseSourceOpensNull() {
        assertThat(outcome(run -> run.artifact("page", "text/plain", () -> null).name()))
                .contains("opened null instead of a stream");
    }

    @Test
    void artifactsHaveAnArticleOfTheirOwn() {
        assertThat(outcome(run -> run.artifact("a/b", "text/plain", () -> null).name()))
                .contains("\"a/b\" cannot name an artifact: ");
    }

    @Test
    void timesThatNoClockCounts() {
        Duration endless = Duration.ofSeconds(Long.MAX_VALUE);
        assertThatThrownBy(() -> Step.atLeastOnce().timeout(endless))
                .isInstanceOf(InvalidInputException.class)
                .hasMessageContaining("a step's timeout is at most 365 days");
        assertThatThrownBy(() -> Retry.upTo(3).from(endless))
                .isInstanceOf(InvalidInputException.class)
                .hasMessageContaining("a retry's delays are at most 365 days");
        assertThatThrownBy(() -> Retry.upTo(3).atMost(endless)).isInstanceOf(InvalidInputException.class);
        assertThat(Step.atLeastOnce().timeout(Duration.ofDays(365)).timeout()).isPresent();
    }

    @Test
    void urlWithoutAKindOfStore() {
        assertThatThrownBy(() -> Perdure.open("foo"))
                .isInstanceOf(InvalidInputException.class)
                .hasMessageStartingWith("no store takes a URL without a colon")
                .hasMessageContaining("jdbc:sqlite:");
    }

    @Test
    void everyFormOfAStepWithAnInputTakesOptions() {
        TypeRef<List<String>> strings = new TypeRef<>() {};
        Step pure = Step.pure();
        assertThat(
                        outcome(run -> {
                            String joined =
                                    run.step(
                                            "join",
                                            List.of("a", "b"),
                                            strings,
                                            String.class,
                                            pure,
                                            all -> String.join("", all));
                            List<String> split = run.step("split", joined, strings, pure, all -> List.of(all, "c"));
                            return run.step("turn", split, strings, strings, List::reversed).toString();
                        }))
                .isEqualTo("[c, ab]");
    }
}
