package dev.perdure.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.perdure.cli.Cli.Output;
import dev.perdure.cli.console.ShellWord;
import dev.perdure.cli.console.StoreAddress;
import dev.perdure.testing.PostgresServer;

import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.Optional;

/// `copy` and `restored`, and all commands that look, on PostgreSQL.
final class CopyCommandTest {
    @TempDir static Path shared;

    private static String jar;

    @TempDir Path folder;

    @BeforeAll
    static void buildAJar() throws IOException {
        jar = SampleJar.build(shared).toString();
    }

    private String filled() {
        Cli cli = new Cli(folder);
        Output started =
                cli.on("start", "greet", "--jar", jar, "--id", "hello", "--input", "{\"name\":\"Ada\"}", "--wait");
        assertThat(started.code()).isZero();
        return cli.store();
    }

    private static Output on(String store, String... args) {
        String[] all = Arrays.copyOf(args, args.length + 2);
        all[args.length] = "--store";
        all[args.length + 1] = store;
        return Cli.run(all);
    }

    @Test
    void movesAStoreToPostgresqlAndBack() {
        String from = filled();
        String postgres = PostgresServer.shared().newStoreUrl();
        String anchor = on(from, "verify", "--json").json().get("anchor").asString();

        Output moved = Cli.run("copy", "--from", from, "--to", postgres, "--json");
        assertThat(moved.code()).isZero();
        assertThat(moved.json().get("runs").asInt()).isEqualTo(1);
        assertThat(moved.json().get("kept").asBoolean()).isFalse();
        assertThat(moved.json().get("anchor").asString()).isEqualTo(anchor);
        assertThat(moved.err()).contains("copy    0 of 1 runs", "verify  the copy");
        assertThat(on(postgres, "result", "hello").out()).isEqualTo(on(from, "result", "hello").out()).isNotEmpty();
        assertThat(on(postgres, "verify", "--anchor", anchor).code()).isZero();
        Output late = on(from, "start", "greet", "--jar", jar, "--input", "{\"name\":\"Eve\"}");
        assertThat(late.code()).isEqualTo(2);
        assertThat(late.err()).contains("it was moved to postgresql://localhost:").doesNotContain("Exception");

        Output back = Cli.run("copy", "--from", postgres, "--to", "jdbc:sqlite:" + folder.resolve("b.db"));
        assertThat(back.code()).isZero();
        assertThat(back.out()).contains("moved 1 runs", "verified and compared", "anchor   " + anchor);
        assertThat(back.err()).contains("can only be read from now on");

        Output open = Cli.run("copy", "--from", from, "--abandon");
        assertThat(open.code()).isZero();
        assertThat(open.err()).contains("must not be worked with: remove it");
        assertThat(on(from, "start", "greet", "--jar", jar, "--input", "{\"name\":\"Eve\"}").code()).isZero();
    }

    @Test
    void saysWhatCannotBeCopied() {
        String from = filled();
        refused(Cli.run("copy", "--to", from), "--from");
        refused(Cli.run("copy", "--from", from), "where to? Add --to URL");
        refused(Cli.run("copy", "--from", from, "--to", from), "are the same store", "Nothing was changed");
        refused(Cli.run("copy", "--from", from, "--to", "redis://x/"), "no store takes a URL that begins with");
        refused(Cli.run("copy", "--from", "jdbc:sqlite:none.db", "--to", from), "there is no store at", "none.db");
        refused(Cli.run("copy", "--from", from, "--to", "x.db", "--abandon"), "Leave out --to and --keep");
        refused(Cli.run("copy", "--from", from, "--abandon"), "is not being moved");
        refused(on("jdbc:sqlite:none.db", "restored"), "there is no store at");
    }

    private static void refused(Output output, String... parts) {
        assertThat(output.code()).isEqualTo(2);
        assertThat(output.out()).isEmpty();
        assertThat(output.err()).startsWith("perdure: ").contains(parts).doesNotContain("Exception", "\tat ");
    }

    @Test
    void fencesARestoredStore() {
        String store = filled();
        assertThat(on(store, "restored").out()).startsWith("fenced 1 runs");
        assertThat(on(store, "restored", "--json").json().get("runs").asInt()).isEqualTo(1);
        assertThat(on(store, "verify").code()).isZero();
    }

    @Test
    void whatOnlyLooksMakesNoStoreInPostgresql() {
        String schema = PostgresServer.shared().newSchema();
        String store = PostgresServer.shared().url() + "&perdureSchema=" + schema;
        for (String command :
                new String[] {
                    "runs",
                    "show x",
                    "log x",
                    "verify",
                    "result x",
                    "retry x",
                    "cancel x",
                    "queues",
                    "approvals",
                    "signal x y",
                    "restored",
                    "copy --to x:y --from"
                }) {
            String[] words = command.split(" ");
            Output output =
                    words[0].equals("copy")
                            ? Cli.run("copy", "--to", "jdbc:sqlite:" + folder.resolve("x"), "--from", store)
                            : on(store, words);
            refused(output, "there is no store at jdbc:postgresql://localhost:", schema, "perdure start");
        }
        assertThat(PostgresServer.shared().schemas()).doesNotContain(schema);
    }

    @Test
    void hintsCanBePastedIntoAShell() {
        StoreAddress address =
                StoreAddress.of(Optional.of("jdbc:postgresql://db/agents?user=ada&sslmode=verify-full"), Map.of());
        assertThat(ShellWord.of(address.toString()))
                .isEqualTo("'jdbc:postgresql://db/agents?user=ada&sslmode=verify-full'");
        assertThat(ShellWord.of("jdbc:sqlite:a/b-c.db")).isEqualTo("jdbc:sqlite:a/b-c.db");
        assertThat(ShellWord.of("it's")).isEqualTo("'it'\\''s'");
    }
}
