package dev.perdure.tests.guarantees;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.perdure.Perdure;
import dev.perdure.Resolver;
import dev.perdure.Resolver.Answer;
import dev.perdure.Resolver.Question;
import dev.perdure.RunHandle;
import dev.perdure.StartOptions;
import dev.perdure.Step;
import dev.perdure.StepContext;
import dev.perdure.Workflow;
import dev.perdure.error.InvalidInputException;
import dev.perdure.journal.Event;
import dev.perdure.journal.Resolution;
import dev.perdure.store.RunStatus;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/// Guarantee 3, where a program can find out itself what became of a step in doubt.
final class ResolverTest {
    private static final Duration LIMIT = Duration.ofSeconds(30);

    @TempDir Path folder;

    private final List<String> executed = new CopyOnWriteArrayList<>();
    private final List<Question> asked = new CopyOnWriteArrayList<>();

    /// Pays, and never learns whether that worked; the second time it does.
    private Workflow<String, String> paying(Resolver resolver) {
        return Workflow.named("flow")
                .takes(String.class)
                .returns(String.class)
                .runs((run, _) ->
                        run.step(
                                "pay",
                                String.class,
                                options(resolver),
                                () -> {
                                    StepContext step = StepContext.current();
                                    executed.add("pay " + step.attempt() + " " + step.idempotencyKey());
                                    if (step.attempt() == 1) {
                                        throw new IllegalStateException("the line went dead");
                                    }
                                    return "paid";
                                }));
    }

    private Step options(Resolver resolver) {
        return Step.atMostOnce()
                .timeout(Duration.ofSeconds(20))
                .resolver(question -> {
                    asked.add(question);
                    return resolver.resolve(question);
                });
    }

    private RunHandle<String> start(Perdure perdure, Resolver resolver) {
        perdure.register(paying(resolver));
        return perdure.start("flow", "x", StartOptions.withId("run"));
    }

    private String reason(Perdure perdure) throws Exception {
        StoreOnDisk.awaitStatus(perdure, "run", RunStatus.WAITING);
        return perdure.administration().find("run").reason();
    }

    @Test
    void guarantee3AResolverSaysThatItHappenedAndWithWhichResult() {
        try (Perdure perdure = StoreOnDisk.in(folder).open()) {
            RunHandle<String> run = start(perdure, question -> Answer.happened("receipt " + question.attempt()));
            assertThat(run.result(LIMIT)).isEqualTo("receipt 1");
            assertThat(StoreOnDisk.words(perdure, "run")).contains("step in doubt at pay", "doubt resolved at pay");
        }
        assertThat(executed).hasSize(1);
        assertThat(asked).hasSize(1);
        assertThat(executed.getFirst()).isEqualTo("pay 1 " + asked.getFirst().idempotencyKey());
    }

    @Test
    void guarantee3AResolverSaysThatItDidNotHappen() {
        try (Perdure perdure = StoreOnDisk.in(folder).open()) {
            assertThat(start(perdure, _ -> Answer.again()).result(LIMIT)).isEqualTo("paid");
        }
        assertThat(executed).hasSize(2);
    }

    @Test
    void guarantee3AResolverSaysThatItFailed() {
        try (Perdure perdure = StoreOnDisk.in(folder).open()) {
            RunHandle<String> run = start(perdure, _ -> Answer.failed("the card was refused"));
            assertThatThrownBy(() -> run.result(LIMIT)).hasMessageContaining("the card was refused");
        }
        assertThat(executed).hasSize(1);
    }

    @Test
    void guarantee3AResolverThatDoesNotKnowIsAskedAgain() {
        try (Perdure perdure = StoreOnDisk.in(folder).open()) {
            RunHandle<String> run =
                    start(
                            perdure,
                            _ -> asked.size() < 3 ? Answer.askAgain(Duration.ofMillis(20)) : Answer.happened("found"));
            assertThat(run.result(LIMIT)).isEqualTo("found");
        }
        assertThat(asked).hasSize(3);
        assertThat(executed).hasSize(1);
    }

    @Test
    void guarantee3APersonIsAskedWhereTheResolverFailsOrKnowsNothing() throws Exception {
        try (Perdure perdure = StoreOnDisk.in(folder).open()) {
            RunHandle<String> run =
                    start(
                            perdure,
                            _ -> {
                                throw new java.io.IOException("no route to the bank");
                            });
            assertThat(reason(perdure))
                    .contains("step pay is in doubt")
                    .contains("its resolver failed with IOException");
            perdure.administration().resolve("run", "pay", Resolution.HAPPENED, "\"by hand\"", "ann", "");
            assertThat(run.result(LIMIT)).isEqualTo("by hand");
        }
    }

    @Test
    void guarantee3WhatDoesNotFitTheStepsTypeIsNoAnswer() throws Exception {
        try (Perdure perdure = StoreOnDisk.in(folder).open()) {
            RunHandle<String> run = start(perdure, _ -> Answer.happened(List.of(1)));
            assertThat(reason(perdure)).contains("does not fit the step's type");
            perdure.administration().resolve("run", "pay", Resolution.AGAIN, null, "ann", "");
            assertThat(run.result(LIMIT)).isEqualTo("paid");
        }
    }

    @Test
    void guarantee3AnAnswerThatWasNotRecordedIsAskedForAgainAndARecordedOneIsNot() throws Exception {
        StoreOnDisk store = StoreOnDisk.in(folder);
        Resolver resolver = question -> Answer.happened("receipt");
        try (Perdure perdure =
                store.open(
                        StoreOnDisk.OPTIONS,
                        beneath -> new RefusingStore(beneath, entry -> entry.event() instanceof Event.DoubtResolved))) {
            RunHandle<String> run = start(perdure, resolver);
            assertThatThrownBy(() -> run.result(LIMIT)).isNotNull();
        }
        int before = asked.size();
        assertThat(before).isPositive();
        for (int life = 0; life < 2; life++) {
            try (Perdure perdure = store.open()) {
                assertThat(start(perdure, resolver).result(LIMIT)).isEqualTo("receipt");
            }
        }
        assertThat(asked).hasSize(before + 1);
        assertThat(executed).hasSize(1);
    }

    @Test
    void aResolverIsRefusedWhereNothingCanBeInDoubt() {
        assertThatThrownBy(() -> Step.atLeastOnce().resolver(_ -> Answer.again()))
                .isInstanceOf(InvalidInputException.class)
                .hasMessageContaining("only a step that must not run twice can be in doubt");
        assertThatThrownBy(() -> Answer.askAgain(Duration.ZERO))
                .isInstanceOf(InvalidInputException.class)
                .hasMessageContaining("a millisecond at least");
    }
}
