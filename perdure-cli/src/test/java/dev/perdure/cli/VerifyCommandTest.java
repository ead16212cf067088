package dev.perdure.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.perdure.cli.Cli.Output;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;

final class VerifyCommandTest {
    @TempDir Path folder;

    private Cli cli;

    @BeforeEach
    void recordARun() throws IOException {
        cli = new Cli(folder);
        String jar = SampleJar.build(folder).toString();
        cli.on("start", "greet", "--jar", jar, "--input", "{\"name\": \"Ada\"}", "--id", "one", "--wait");
    }

    @Test
    void findsNothingInWhatIsAsWritten() {
        Output text = cli.on("verify");
        assertThat(text.code()).isEqualTo(0);
        assertThat(text.out()).contains("everything is as it was written", "anchor   ");
        assertThat(text.err())
                .contains(
                        "What this cannot reveal",
                        "perdure verify --anchor " + cli.on("verify", "--json").json().get("anchor").asString());

        Output json = cli.on("verify", "one", "--json");
        assertThat(json.code()).isEqualTo(0);
        assertThat(json.json().get("verified").asBoolean()).isTrue();
        assertThat(json.json().get("findings")).isEmpty();
        assertThat(text.out()).contains(json.json().get("anchor").asString());
    }

    @Test
    void checksAnAnchorKeptElsewhere() {
        String anchor = cli.on("verify", "--json").json().get("anchor").asString();
        Output same = cli.on("verify", "--anchor", anchor);
        assertThat(same.code()).isEqualTo(0);
        assertThat(same.out()).contains("the anchor given is still contained");

        char last = anchor.charAt(anchor.length() - 1);
        String other = anchor.substring(0, anchor.length() - 1) + (last == '0' ? '1' : '0');
        Output rewritten = cli.on("verify", "--anchor", other, "--json");
        assertThat(rewritten.code()).isEqualTo(1);
        assertThat(rewritten.json().get("findings")).hasSize(1);
    }

    @Test
    void namesTheEntryThatWasTouched() throws SQLException {
        try (Connection connection = DriverManager.getConnection(cli.store());
                Statement statement = connection.createStatement()) {
            statement.execute("UPDATE entry SET body = CAST('x' || substr(body, 2) AS BLOB) WHERE seq = 4");
        }
        Output text = cli.on("verify");
        assertThat(text.code()).isEqualTo(1);
        assertThat(text.out()).contains("touched", "run one", "entry 4").contains("not as written");

        Output json = cli.on("verify", "one", "--json");
        assertThat(json.code()).isEqualTo(1);
        assertThat(json.json().get("verified").asBoolean()).isFalse();
        assertThat(json.json().get("findings").get(0).get("where").asString()).contains("entry 4");
    }

    @Test
    void doesNotSendInACircleWhereNothingCanBeRead() throws IOException {
        try (RandomAccessFile file = new RandomAccessFile(cli.file().toFile(), "rw")) {
            file.seek(100); // the header of the first page's tree
            file.write(new byte[20]);
        }
        Output output = cli.on("verify");
        assertThat(output.code()).isEqualTo(1);
        assertThat(output.err())
                .contains("nothing in it can be read or verified", "restore a backup")
                .doesNotContain("run `perdure verify`");
    }
}
