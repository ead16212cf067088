package dev.perdure.cli;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;

/// What reaches standard error of what libraries log.
final class LoggingTest {
    private final PrintStream before = System.err;
    private final ByteArrayOutputStream printed = new ByteArrayOutputStream();

    @BeforeEach
    void capture() {
        System.setErr(new PrintStream(printed, true, StandardCharsets.UTF_8));
    }

    @AfterEach
    void restore() {
        System.setErr(before);
        Logging.more(false, false);
    }

    private static void poolsLog() {
        Logger pool = LoggerFactory.getLogger("com.zaxxer.hikari.pool.PoolBase");
        for (String name : new String[] {"perdure", "perdure-transactions", "shop"}) {
            pool.warn("{} - Failed to validate connection {}", name, 7);
        }
    }

    @Test
    void leavesOutWhatPoolsOfPerdureSayButNotThoseOfTheUser() {
        poolsLog();
        assertThat(printed.toString(StandardCharsets.UTF_8).lines())
                .singleElement()
                .asString()
                .endsWith(" warning [com.zaxxer.hikari.pool.PoolBase]: shop - Failed to validate connection 7");
    }

    @Test
    void leavesOutWhatTheDriverOfPostgresSays() {
        Cli.Output wrong = Cli.run("runs", "--store", "jdbc:postgresql://localhost:80a/agents?user=ada");
        assertThat(wrong.code()).isEqualTo(2);
        assertThat(wrong.err()).startsWith("perdure: the URL of the store is not one").hasLineCount(1);
        assertThat(printed.toString(StandardCharsets.UTF_8)).isEmpty();
    }

    @Test
    void leavesNothingOutWithStackTraces() {
        Logging.more(false, true);
        poolsLog();
        assertThat(printed.toString(StandardCharsets.UTF_8)).hasLineCount(3).contains("perdure-transactions - Failed");
    }
}
