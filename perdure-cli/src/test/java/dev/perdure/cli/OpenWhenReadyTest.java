package dev.perdure.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.perdure.Perdure;
import dev.perdure.PerdureOptions;
import dev.perdure.cli.console.Console;
import dev.perdure.cli.console.StoreAddress;
import dev.perdure.error.InvalidInputException;
import dev.perdure.error.NotReadyException;
import dev.perdure.error.UnavailableException;
import dev.perdure.testing.PostgresServer;

import org.junit.jupiter.api.Test;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.ServerSocket;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;

/// What a worker does that begins while its server cannot serve it.
final class OpenWhenReadyTest {
    private static final PostgresServer SERVER = PostgresServer.shared();

    private final StringWriter said = new StringWriter();

    private Perdure open(String url, Duration most) throws InterruptedException {
        Console console = new Console(new PrintWriter(new StringWriter()), new PrintWriter(said), false, false);
        StoreAddress address = StoreAddress.of(Optional.of(url), Map.of());
        return new OpenWhenReady(console, most, Duration.ofMillis(5)).open(() -> address.open(PerdureOptions.DEFAULT));
    }

    private static String at(int port) {
        return SERVER.newStoreUrl().replace(":" + SERVER.port() + "/", ":" + port + "/");
    }

    @Test
    void waitsForAServerThatStartsOrHasNoConnectionLeftAndSaysSoOnce() throws Exception {
        try (BusyServer busy = new BusyServer(SERVER.port(), "57P03", "57P03", "57P03", "53300", "53300");
                Perdure perdure = open(at(busy.port()), Duration.ofMinutes(10))) {
            assertThat(perdure.administration().fleet().alive()).isEmpty();
        }
        assertThat(said.toString().lines())
                .satisfiesExactly(
                        starting ->
                                assertThat(starting)
                                        .startsWith("perdure: the store ")
                                        .contains("the server is starting, recovering or stopping")
                                        .endsWith("The worker waits, 10 minutes at most."),
                        full -> assertThat(full).contains("the server has no connection left"));
    }

    @Test
    void givesUpWhenTheLongestWaitIsOver() throws Exception {
        String[] always = new String[1_000];
        java.util.Arrays.fill(always, "57P03");
        try (BusyServer busy = new BusyServer(SERVER.port(), always)) {
            assertThatThrownBy(() -> open(at(busy.port()), Duration.ofMillis(50)))
                    .isInstanceOf(NotReadyException.class)
                    .hasMessageContaining("57P03");
        }
    }

    @Test
    void saysAtOnceWhatWaitingWouldNotMend() throws Exception {
        int nobody = unusedPort();
        assertThatThrownBy(() -> open(at(nobody), OpenWhenReady.MOST))
                .isInstanceOf(UnavailableException.class)
                .isNotInstanceOf(NotReadyException.class)
                .hasMessageContaining("Check that it runs at postgresql://localhost:" + nobody);
        try (BusyServer busy = new BusyServer(SERVER.port(), "28P01", "3D000")) {
            assertThatThrownBy(() -> open(at(busy.port()), OpenWhenReady.MOST))
                    .isInstanceOf(InvalidInputException.class)
                    .hasMessageContaining("PGPASSWORD");
            assertThatThrownBy(() -> open(at(busy.port()), OpenWhenReady.MOST))
                    .isInstanceOf(InvalidInputException.class)
                    .hasMessageContaining("there is no such database");
        }
        assertThat(said.toString()).isEmpty();
    }

    private static int unusedPort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0)) {
            return socket.getLocalPort();
        }
    }
}
