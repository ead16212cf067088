package dev.perdure.tests.documents;

import static org.assertj.core.api.Assertions.assertThat;

import dev.perdure.Perdure;
import dev.perdure.Workflow;
import dev.perdure.testing.PostgresServer;

import org.junit.jupiter.api.Test;

import java.io.ByteArrayInputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// The SQL of the page on operating PostgreSQL, executed in its order; the store is used by the role that the page
/// makes.
final class OperateTest {
    private static final Pattern BLOCK = Pattern.compile("```sql\\R(.*?)```", Pattern.DOTALL);

    @Test
    void theSqlOfThePageIsRight() throws Exception {
        PostgresServer server = PostgresServer.shared();
        server.execute("CREATE DATABASE operated");
        String admin = server.url().replace("/postgres?", "/operated?");
        List<String> statements = statements();
        assertThat(statements).hasSizeGreaterThan(12);
        try (Connection connection = DriverManager.getConnection(admin);
                Statement statement = connection.createStatement()) {
            for (String sql : statements.subList(0, 2)) {
                statement.execute(sql);
            }
            executeARun(admin.replace("user=postgres", "user=perdure_agents"));
            for (String sql : statements.subList(2, statements.size())) {
                statement.execute(sql);
            }
        }
        try (Connection viewer = DriverManager.getConnection(admin.replace("user=postgres", "user=perdure_viewer"));
                Statement statement = viewer.createStatement()) {
            for (String sql : statements) {
                if (sql.startsWith("SELECT") && sql.contains("perdure.")) {
                    assertThat(statement.execute(sql)).as(sql).isTrue();
                }
            }
        }
    }

    private static void executeARun(String url) {
        Workflow<String, String> flow =
                Workflow.named("flow")
                        .takes(String.class)
                        .returns(String.class)
                        .runs((run, input) -> {
                            run.artifact("a", "text/plain", () -> new ByteArrayInputStream(new byte[9]));
                            return run.step("s", String.class, () -> input);
                        });
        try (Perdure perdure = Perdure.open(url).register(flow)) {
            assertThat(perdure.start("flow", "x").result(Duration.ofSeconds(30))).isEqualTo("x");
        }
    }

    private static List<String> statements() throws Exception {
        String page = Files.readString(Path.of("../docs/operate-on-postgresql.md"));
        List<String> all = new ArrayList<>();
        for (Matcher block = BLOCK.matcher(page); block.find(); ) {
            for (String one : block.group(1).split(";\\R")) {
                if (!one.isBlank()) {
                    all.add(one.strip());
                }
            }
        }
        return all;
    }
}
