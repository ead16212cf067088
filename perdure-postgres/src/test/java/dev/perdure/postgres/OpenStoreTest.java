package dev.perdure.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.perdure.error.InvalidInputException;
import dev.perdure.error.UnavailableException;
import dev.perdure.store.RunFilter;
import dev.perdure.store.RunStore;
import dev.perdure.store.StoreProvider;
import dev.perdure.testing.PostgresServer;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.ServiceLoader;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

class OpenStoreTest {
    private static final PostgresServer SERVER = PostgresServer.shared();

    private String schema;

    @BeforeEach
    void name() {
        schema = SERVER.newSchema();
    }

    @AfterEach
    void drop() {
        SERVER.drop(schema);
    }

    private RunStore open(String parameters) {
        return open(parameters, Map.of());
    }

    private RunStore open(String parameters, Map<String, String> environment) {
        String url = SERVER.url() + "&perdureSchema=" + schema + parameters;
        return PostgresRunStore.open(StoreUrl.parse(url, environment), 2_000);
    }

    @Test
    void isFoundByServiceLoader() {
        assertThat(ServiceLoader.load(StoreProvider.class))
                .anyMatch(provider -> provider.accepts("jdbc:postgresql:x") && !provider.accepts("jdbc:sqlite:x.db"));
    }

    @Test
    void runsOnAServerThatWaitsForItsDisk() {
        assertThat(SERVER.show("fsync")).isEqualTo("on");
        assertThat(SERVER.show("synchronous_commit")).isEqualTo("on");
        assertThat(SERVER.show("full_page_writes")).isEqualTo("on");
    }

    @Test
    void makesItsSchemaAndOpensItAgain() {
        open("").close();
        try (RunStore store = open("")) {
            assertThat(store.list(RunFilter.newest(10))).isEmpty();
        }
    }

    @Test
    void takesAnEmptySchemaThatAnAdministratorMade() {
        SERVER.execute("CREATE SCHEMA " + schema);
        open("").close();
    }

    @Test
    void keepsStoresInDifferentSchemasApart() {
        String other = SERVER.newSchema();
        try (RunStore one = open("");
                RunStore two = new PostgresStoreProvider().open(SERVER.url() + "&perdureSchema=" + other)) {
            Story.commit(one, new Story("order-42", "").start(""));
            assertThat(two.list(RunFilter.newest(10))).isEmpty();
        } finally {
            SERVER.drop(other);
        }
    }

    @Test
    void isMadeOnceByManyAtTheSameTime() throws Exception {
        try (ExecutorService threads = Executors.newFixedThreadPool(6)) {
            List<Callable<Boolean>> openings = new ArrayList<>();
            for (int i = 0; i < 6; i++) {
                openings.add(() -> {
                    open("").close();
                    return true;
                });
            }
            for (Future<Boolean> one : threads.invokeAll(openings)) {
                assertThat(one.get()).isTrue();
            }
        }
        open("").close();
    }

    @Test
    void refusesANewerFormat() {
        open("").close();
        SERVER.execute("UPDATE " + schema + ".format SET number = 99");

        assertThatThrownBy(() -> open(""))
                .isInstanceOf(InvalidInputException.class)
                .hasMessageContaining("format 99")
                .hasMessageContaining("Upgrade");
    }

    @Test
    void refusesTheSchemaOfAnotherApplication() {
        SERVER.execute("CREATE SCHEMA " + schema, "CREATE TABLE " + schema + ".mine (x int)");

        assertThatThrownBy(() -> open(""))
                .isInstanceOf(InvalidInputException.class)
                .hasMessageContaining("another application");
    }

    @Test
    void saysThatThePasswordIsWrongWithoutShowingIt() {
        try (PostgresServer own = PostgresServer.start()) {
            own.execute("CREATE ROLE ada LOGIN PASSWORD 'right'", "GRANT CREATE ON DATABASE postgres TO ada");
            own.askForPasswords("ada");
            String url = "jdbc:postgresql://localhost:" + own.port() + "/postgres";

            assertThatThrownBy(() ->
                            PostgresRunStore.open(
                                    StoreUrl.parse(url, Map.of("PGUSER", "ada", "PGPASSWORD", "sesame")), 2_000))
                    .isInstanceOf(InvalidInputException.class)
                    .hasMessageContaining("user ada")
                    .hasMessageContaining("PGPASSWORD")
                    .satisfies(e -> assertThat(stackTrace(e)).doesNotContain("sesame"));
            PostgresRunStore.open(StoreUrl.parse(url, Map.of("PGUSER", "ada", "PGPASSWORD", "right")), 2_000).close();
        }
    }

    @Test
    void saysWhoLacksTheRightAndWhoHasIt() {
        SERVER.execute("CREATE ROLE eve LOGIN");
        String url = SERVER.url().replace("user=postgres", "user=eve") + "&perdureSchema=" + schema;

        assertThatThrownBy(() -> PostgresRunStore.open(StoreUrl.parse(url, Map.of()), 2_000))
                .isInstanceOf(UnavailableException.class)
                .hasMessageContaining("user eve lacks the right. Use the owner of schema " + schema)
                .hasMessageContaining("CREATE SCHEMA " + schema + " AUTHORIZATION eve.");
    }

    private static String stackTrace(Throwable e) {
        java.io.StringWriter text = new java.io.StringWriter();
        e.printStackTrace(new java.io.PrintWriter(text));
        return text.toString();
    }

    @Test
    void saysThatTheServerIsGone() {
        PostgresServer own = PostgresServer.start();
        PostgresRunStore store = PostgresRunStore.open(StoreUrl.parse(own.newStoreUrl(), Map.of()), 1_000);
        own.close();

        assertThatThrownBy(() -> store.list(RunFilter.newest(1)))
                .isInstanceOf(UnavailableException.class)
                .hasMessageContaining("cannot be reached")
                .hasMessageContaining("localhost:" + own.port());
        assertThatThrownBy(() -> new PostgresStoreProvider().open(own.newStoreUrl()))
                .isInstanceOf(UnavailableException.class)
                .hasMessageContaining("cannot be reached");
        store.close();
    }

    @Test
    void saysThatThereIsNoSuchDatabase() {
        String url = SERVER.url().replace("/postgres?", "/nowhere?");

        assertThatThrownBy(() -> new PostgresStoreProvider().open(url))
                .isInstanceOf(InvalidInputException.class)
                .hasMessageContaining("no such database")
                .hasMessageContaining("createdb");
    }

    @Test
    void refusesUrlsItDoesNotUnderstandWithoutShowingThem() {
        for (String url :
                List.of(
                        "jdbc:postgresql://ada:sesame@localhost/x",
                        "jdbc:postgresql://localhost/x?perdureSchema=a-b&password=sesame",
                        "jdbc:postgresql://localhost/x?perdureShema=a&password=sesame",
                        "jdbc:postgresql://localhost/x?perdureConnections=1&password=sesame",
                        "jdbc:postgresql://localhost:port/x?password=sesame")) {
            assertThatThrownBy(() -> new PostgresStoreProvider().open(url))
                    .as(url)
                    .isInstanceOf(InvalidInputException.class)
                    .hasMessageNotContaining("sesame");
        }
    }

    @Test
    void saysThatItWasClosed() {
        RunStore store = open("");
        store.close();
        store.close();

        assertThatThrownBy(() -> store.list(RunFilter.newest(1)))
                .isInstanceOf(UnavailableException.class)
                .hasMessageContaining("was closed");
        assertThatThrownBy(() -> store.size())
                .isInstanceOf(UnavailableException.class)
                .hasMessageContaining("was closed");
    }
}
