package dev.perdure.tests.crash;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import dev.perdure.tests.crash.MutantLoader.Mutation;

import org.junit.jupiter.api.Test;

import java.lang.classfile.CodeBuilder;
import java.lang.constant.ClassDesc;
import java.lang.constant.ConstantDescs;
import java.lang.constant.MethodTypeDesc;
import java.lang.reflect.InvocationTargetException;
import java.util.Map;
import java.util.function.Consumer;

/// Tests of the tests: with a bug planted, the crash tests fail; with none, the same checks pass.
final class PlantedBugsTest {
    private static final String HISTORY = "dev.perdure.journal.History";
    private static final String CURSOR = "dev.perdure.journal.StrandCursor";

    @Test
    void nothingIsFoundWhereNothingIsPlanted() {
        Mutation none =
                new Mutation(
                        CURSOR,
                        "step",
                        "java/util/Optional.equals",
                        code ->
                                code.invokevirtual(
                                        ClassDesc.of("java.util.Optional"),
                                        "equals",
                                        MethodTypeDesc.of(ConstantDescs.CD_boolean, ConstantDescs.CD_Object)));
        assertThatCode(() -> runIn(none, "killEverywhere")).doesNotThrowAnyException();
        assertThatCode(() -> runIn(none, "changeAnInput")).doesNotThrowAnyException();
        assertThatCode(() -> runIn(none, "killWaiting")).doesNotThrowAnyException();
    }

    @Test
    void findsThatAStepIsAcknowledgedBeforeItIsCommitted() {
        assertThatCode(PlantedBugs::killEverywhereWithoutCommits)
                .isInstanceOf(AssertionError.class)
                .hasMessageContaining("whose strand had been handed their results");
    }

    @Test
    void findsThatStrandsAreMatchedByOrderOfArrival() {
        ClassDesc map = Map.class.describeConstable().orElseThrow();
        Consumer<CodeBuilder> byArrival =
                code ->
                        code.invokestatic(
                                ClassDesc.of("dev.perdure.tests.crash.PlantedBugs"),
                                "takeByArrival",
                                MethodTypeDesc.of(ClassDesc.of(CURSOR), map, ConstantDescs.CD_Object));
        assertThatCode(() -> runIn(new Mutation(HISTORY, "take", "java/util/Map.remove", byArrival), "killEverywhere"))
                .isInstanceOf(AssertionError.class)
                .hasMessageContaining("diverged at");
    }

    @Test
    void findsThatTheInputOfAStepIsNotChecked() {
        Consumer<CodeBuilder> unchecked = code -> code.pop2().iconst_1();
        assertThatCode(() ->
                        runIn(new Mutation(CURSOR, "step", "java/util/Optional.equals", unchecked), "changeAnInput"))
                .isInstanceOf(AssertionError.class)
                .hasMessageContaining("parked as stuck");
    }

    @Test
    void findsThatAMessageIsConsumedAfterTheCommitOfTheEntryThatTookIt() {
        assertThatCode(PlantedBugs::killWaitingWithLateConsumption)
                .isInstanceOf(AssertionError.class)
                .hasMessageContaining("[result]");
    }

    @Test
    void findsThatTheEndOfASleepIsNotRecorded() {
        Consumer<CodeBuilder> unrecorded = code -> code.pop2().pop().aconst_null();
        assertThatCode(() ->
                        runIn(
                                new Mutation(
                                        "dev.perdure.WaitCall", "sleep", "dev/perdure/Strand.writeSoon", unrecorded),
                                "killWaiting"))
                .isInstanceOf(AssertionError.class)
                .hasMessageContaining("diverged at");
    }

    private static void runIn(Mutation mutation, String check) throws Throwable {
        ClassLoader mutant = new MutantLoader(PlantedBugsTest.class.getClassLoader(), mutation);
        Class<?> bugs = Class.forName(PlantedBugs.class.getName(), true, mutant);
        assertThat(bugs.getClassLoader()).isSameAs(mutant);
        try {
            bugs.getMethod(check).invoke(null);
        } catch (InvocationTargetException e) {
            throw e.getCause();
        }
    }
}
