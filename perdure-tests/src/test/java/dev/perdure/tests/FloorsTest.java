package dev.perdure.tests;

import static com.tngtech.archunit.core.domain.JavaClass.Predicates.belongToAnyOf;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.conditions.ArchPredicates.are;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.lang.ArchRule;

import dev.perdure.Perdure;

import org.junit.jupiter.api.Test;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.File;
import java.io.FileInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.Serializable;
import java.io.UncheckedIOException;
import java.time.Clock;
import java.time.Instant;
import java.util.List;
import java.util.Random;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;

/// The floors of the house (ARCHITECTURE.md) and what each may not touch, checked on the compiled classes.
final class FloorsTest {
    /// From the ground up. What stands on one floor may use every floor below it, but not its neighbours.
    private static final List<List<String>> FLOORS =
            List.of(
                    List.of("dev.perdure.error", "dev.perdure.testing.."),
                    List.of("dev.perdure.journal.."),
                    List.of("dev.perdure.value.."),
                    List.of("dev.perdure.store"),
                    List.of(
                            "dev.perdure.postgres..",
                            "dev.perdure.runtime..",
                            "dev.perdure.sqlite..",
                            "dev.perdure.store.memory..",
                            "dev.perdure.store.tck.."),
                    List.of("dev.perdure"),
                    List.of(
                            "dev.perdure.cost..",
                            "dev.perdure.graph..",
                            "dev.perdure.ledger..",
                            "dev.perdure.models.."),
                    List.of("dev.perdure.cli..", "dev.perdure.server.."));

    /// What of java.io does no input or output.
    private static final Class<?>[] IN_MEMORY = {
        ByteArrayInputStream.class,
        ByteArrayOutputStream.class,
        Serializable.class,
        IOException.class,
        OutputStream.class,
        InputStream.class,
        UncheckedIOException.class
    };

    private static final JavaClasses CLASSES =
            new ClassFileImporter()
                    .withImportOption(location -> !location.contains("/test-classes/"))
                    .importPackages("dev.perdure");

    @Test
    void looksAtTheWholeHouse() {
        assertThat(CLASSES).hasSizeGreaterThan(20);
    }

    @Test
    void everyPackageHasItsFloor() {
        String[] all = FLOORS.stream().flatMap(List::stream).toArray(String[]::new);
        classes().should().resideInAnyPackage(all).check(CLASSES);
    }

    @Test
    void eachFloorUsesOnlyThoseBelow() {
        for (int floor = 0; floor < FLOORS.size(); floor++) {
            for (String room : FLOORS.get(floor)) {
                String[] forbidden =
                        FLOORS.stream()
                                .skip(floor)
                                .flatMap(List::stream)
                                .filter(other -> !other.equals(room))
                                .toArray(String[]::new);
                noClasses()
                        .that(are(resideInAPackage(room)))
                        .should()
                        .dependOnClassesThat(resideInAnyPackage(forbidden))
                        .allowEmptyShould(true)
                        .because(room + " may use only the floors below it")
                        .check(CLASSES);
            }
        }
    }

    @Test
    void storeInMemoryUsesOnlyTheStoreAndWhatIsBelow() {
        noClasses()
                .that()
                .resideInAPackage("dev.perdure.store.memory..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("dev.perdure", "dev.perdure.runtime..", "dev.perdure.value..")
                .check(CLASSES);
    }

    @Test
    void packagesImportEachOtherInNoCircle() {
        slices().matching("dev.perdure.(**)").should().beFreeOfCycles().check(CLASSES);
    }

    @Test
    void groundFloorKnowsNoInputOutputThreadsOrLogs() {
        groundFloorIsPure("dev.perdure.error..", "dev.perdure.journal..").check(CLASSES);
    }

    @Test
    void ruleOfTheGroundFloorCanFail() {
        JavaClasses planted = new ClassFileImporter().importClasses(Clocked.class, Filed.class);
        ArchRule rule = groundFloorIsPure(FloorsTest.class.getPackageName());
        assertThat(rule.evaluate(planted).getFailureReport().getDetails())
                .anyMatch(detail -> detail.contains("Clocked") && detail.contains("Clock"))
                .anyMatch(detail -> detail.contains("Filed") && detail.contains("FileInputStream"));
    }

    @Test
    void ruleOfTheFloorsCanFail() {
        JavaClasses planted = new ClassFileImporter().importClasses(Upward.class, Perdure.class);
        ArchRule rule =
                noClasses()
                        .that(are(resideInAPackage(FloorsTest.class.getPackageName())))
                        .should()
                        .dependOnClassesThat(resideInAnyPackage("dev.perdure"));
        assertThat(rule.evaluate(planted).hasViolation()).isTrue();
    }

    /// Planted: looks at a clock.
    private record Clocked(Clock clock) {}

    /// Planted: reads a file.
    private record Filed(FileInputStream file) {}

    /// Planted: a floor that uses the one above it.
    private record Upward(Perdure perdure) {}

    private static ArchRule groundFloorIsPure(String... packages) {
        return noClasses()
                .that()
                .resideInAnyPackage(packages)
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("java.net..", "java.nio.file..", "java.nio.channels..", "java.sql..", "org.slf4j..")
                .orShould()
                .dependOnClassesThat()
                .belongToAnyOf(
                        Thread.class,
                        Executor.class,
                        ExecutorService.class,
                        CompletableFuture.class,
                        File.class,
                        Clock.class)
                .orShould()
                .dependOnClassesThat(
                        are(resideInAPackage("java.io")).and(DescribedPredicate.not(belongToAnyOf(IN_MEMORY))))
                .orShould()
                .callMethod(System.class, "currentTimeMillis")
                .orShould()
                .callMethod(System.class, "nanoTime");
    }

    @Test
    void clocksIdsAndRandomnessAreInjected() {
        noClasses()
                .that()
                .resideOutsideOfPackages("dev.perdure.cli..", "dev.perdure.store.tck..")
                .should()
                .callMethod(Instant.class, "now")
                .orShould()
                .callMethod(System.class, "currentTimeMillis")
                .orShould()
                .callMethod(UUID.class, "randomUUID")
                .orShould()
                .callMethod(Math.class, "random")
                .orShould()
                .callConstructor(Random.class)
                .check(CLASSES);
    }

    @Test
    void scopedValuesInsteadOfThreadLocals() {
        noClasses().should().dependOnClassesThat().areAssignableTo(ThreadLocal.class).check(CLASSES);
    }

    @Test
    void namesSayWhatAClassIs() {
        noClasses().should().haveNameMatching("[^$]*(Manager|Helper|Utils?|Impl|Base)").check(CLASSES);
    }
}
