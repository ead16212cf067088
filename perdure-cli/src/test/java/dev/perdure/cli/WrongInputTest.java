package dev.perdure.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.perdure.cli.Cli.Output;

import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/// Bad input gets one clear message and exit code 2, and nothing is left behind.
final class WrongInputTest {
    @TempDir static Path shared;

    @TempDir Path folder;

    private static String jar;
    private Cli cli;

    @BeforeAll
    static void buildAJar() throws IOException {
        jar = SampleJar.build(shared).toString();
    }

    @BeforeEach
    void useAStoreOfItsOwn() {
        cli = new Cli(folder);
    }

    private void refused(Output output, String... parts) {
        assertThat(output.code()).isEqualTo(2);
        assertThat(output.out()).isEmpty();
        assertThat(output.err()).startsWith("perdure: ").contains(parts).doesNotContain("Exception", "\tat ");
        assertThat(folder).isEmptyDirectory();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "runs",
                "show x",
                "log x",
                "log x -f",
                "verify",
                "verify x",
                "result x",
                "result x --wait",
                "retry x",
                "cancel x",
                "artifact x y",
                "approvals",
                "approvals x",
                "approve x y",
                "reject x y"
            })
    void whatOnlyLooksCreatesNoStore(String command) {
        refused(cli.on(command.split(" ")), "there is no store at " + cli.file(), "perdure start", "--store");
    }

    @Test
    void namesWhatIsWrongWithAJar() throws IOException {
        Path notAJar = Files.writeString(shared.resolve("text.jar"), "text");
        Path broken = SampleJar.build(Files.createDirectory(shared.resolve("broken")), "sample.Missing");

        refused(cli.on("start", "greet"), "--jar=JAR");
        refused(cli.on("start", "greet", "--jar", "no.jar"), "there is no jar at", "no.jar", "Build it first");
        refused(cli.on("start", "greet", "--jar", notAJar.toString()), "text.jar cannot be read as a jar");
        Path empty = Files.createDirectory(shared.resolve("empty"));
        refused(cli.on("worker", "--jar", empty.toString()), "names no workflows", SampleJar.SERVICE);
        refused(cli.on("worker", "--jar", broken.toString()), "cannot be loaded", "sample.Missing", "Class-Path");
        refused(
                cli.on("start", "great", "--jar", jar),
                "no workflow is named \"great\" in these jars; they have asked, called, careful, doubtful, greet,"
                        + " guarded, patient");
    }

    @Test
    void namesWhatIsWrongWithAnInputWithoutQuotingIt() {
        refused(cli.on("start", "greet", "--jar", jar, "--input", "{\"secret"), "--input is not JSON (line 1, column");
        assertThat(cli.on("start", "greet", "--jar", jar, "--input", "{\"secret").err()).doesNotContain("secret");
        refused(cli.on("start", "greet", "--jar", jar, "--input", "{} {}"), "is not JSON");
        refused(cli.on("start", "greet", "--jar", jar, "--input", "@no.json"), "the input file no.json cannot be read");
        refused(cli.on("start", "greet", "--jar", jar, "--id", "a b"), "a run id has", "order-42");

        Output wrongType = cli.on("start", "greet", "--jar", jar, "--input", "{\"nme\": \"Ada\"}");
        assertThat(wrongType.code()).isEqualTo(2);
        assertThat(wrongType.err()).contains("the input of workflow greet does not fit Name", "name");
    }

    @Test
    void namesWhatIsWrongWithACommandLine() {
        refused(Cli.run(), "which command?", "runs", "See `perdure --help`");
        refused(Cli.run("rnus"), "there is no command \"rnus\"", "runs");
        refused(cli.on("runs", "--limti", "3"), "\"--limti\" is not understood here. Did you mean --limit?");
        refused(cli.on("runs", "--status", "odd"), "\"odd\" is no status; a run is pending, running");
        refused(cli.on("runs", "--limit", "1e9"), "'--limit': \"1e9\" is not a whole number.");
        refused(cli.on("log", "x", "-n", "99999999999999999999"), "\"99999999999999999999\" is out of range.");
        refused(cli.on("runs", "--color", "red"), "\"red\" is none of auto, always and never.");
        refused(cli.on("worker", "--jar", jar, "--max-runs", "0"), "--max-runs takes 1 or more; got 0.");
        refused(cli.on("runs", "--limit", "0"), "1 to 10000");
        refused(cli.on("show"), "Missing required parameter: 'RUN'");
        refused(cli.on("verify", "--anchor", "3"), "\"3\" is not an anchor");
        refused(Cli.run("bench", "--runs", "0"), "--runs takes 1 to");
        refused(Cli.run("bench", "--steps", "ten"), "\"ten\" is not a whole number");
    }

    @Test
    void namesWhatIsUnknownEvenWhenHelpIsAskedFor() {
        refused(Cli.run("rnus", "--help"), "there is no command \"rnus\"", "runs");
        refused(Cli.run("runs", "--limti", "--help"), "\"--limti\" is not understood here");
        refused(Cli.run("help", "rnus"), "there is no command \"rnus\"");
    }

    @Test
    void namesWhatIsWrongWithADemo() throws IOException {
        String file = Files.writeString(shared.resolve("a-file"), "text").toString();
        refused(cli.on("demo", "--kill-after", "abc"), "'--kill-after': \"abc\" is not a whole number");
        refused(cli.on("demo", "--kill-after", "-1"), "--kill-after takes a number of recorded steps, 0 or more");
        refused(cli.on("demo", "--docs", file), "there is no folder " + file);
        refused(cli.on("demo", "chats"), "Missing required parameter: 'FILE'");
        refused(cli.on("demo", "chats", "--kill-after", "-1", file), "--kill-after takes a number");
        refused(cli.on("demo", "chats", folder.toString()), "there is no file");
        refused(Cli.run("demo", "--store", "x"), "no store takes a URL");

        Cli elsewhere = new Cli(shared);
        refused(elsewhere.on("demo", "--out", file), file + " cannot be made: there is a file in its place", "--out");
        refused(elsewhere.on("demo", "--out", file + "/x"), "cannot be made");
        refused(
                elsewhere.on("demo", "chats", "--executions", shared.resolve("no/x").toString(), file),
                "cannot write",
                "it is not there, or its folder is not");
    }

    @Test
    void namesWhatIsWrongWithAStore() throws IOException {
        refused(Cli.run("runs", "--store", "jdbc:sqlite:" + folder), folder + " is a folder");
        refused(Cli.run("runs", "--store", "jdbc:sqlite:" + jar), "is not a SQLite database");
        refused(Cli.run("runs", "--store", "what"), "no store takes a URL");
        refused(
                cli.on("start", "greet", "--jar", jar, "--store", "jdbc:sqlite:" + folder.resolve("no/x.db")),
                "--store");
    }

    @Test
    void neverShowsAPassword() {
        String url = "jdbc:postgresql://ada:sesame@db/agents?password=sesame";
        for (String[] args :
                new String[][] {
                    {"runs", "--store", url},
                    {"start", "greet", "--jar", jar, "--store", url},
                    {"worker", "--jar", jar, "--store", url}
                }) {
            Output output = Cli.run(args);
            assertThat(output.code()).isEqualTo(2);
            assertThat(output.out() + output.err()).doesNotContain("sesame");
        }
    }

    @Test
    void showsAStackTraceOnlyWithDebug() {
        assertThat(cli.on("show", "x", "--debug").err()).contains("\tat dev.perdure");
        assertThat(cli.on("show", "x").err()).hasLineCount(1);
    }

    @Test
    void namesAnUnknownRun() {
        cli.on("start", "greet", "--jar", jar, "--input", "{\"name\": \"Ada\"}", "--id", "g-1");
        for (String command : new String[] {"show", "log", "verify", "result", "retry", "cancel"}) {
            Output output = cli.on(command, "nope");
            assertThat(output.code()).as(command).isEqualTo(2);
            assertThat(output.err()).as(command).contains("there is no run \"nope\"", "perdure runs");
        }
        assertThat(cli.on("runs", "--before", "nope").code()).isEqualTo(2);
    }

    @Test
    void helpsWithEveryCommand() {
        Output help = Cli.run("--help");
        assertThat(help.code()).isEqualTo(0);
        assertThat(help.out()).contains("Exit codes: 0 done, 1 failed outcome, 2 usage, 3 waiting");
        for (String command :
                new String[] {
                    "start", "worker", "result", "retry", "cancel", "runs", "show", "log", "artifact", "verify", "bench"
                }) {
            assertThat(help.out()).contains("\n  " + command + " ");
            Output own = Cli.run(command, "--help");
            assertThat(own.code()).isEqualTo(0);
            assertThat(own.out()).contains("Usage: perdure " + command).doesNotContain("${", "$$");
            assertThat(own.out().lines()).allMatch(line -> line.length() <= 80);
        }
        assertThat(Cli.run("help").out()).isEqualTo(help.out());
        assertThat(Cli.run("help", "runs").out()).isEqualTo(Cli.run("runs", "--help").out());
        assertThat(Cli.run("--version").out()).startsWith("perdure ");
    }
}
