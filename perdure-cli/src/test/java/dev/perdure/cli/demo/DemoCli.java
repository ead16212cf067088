package dev.perdure.cli.demo;

import static org.assertj.core.api.Assertions.assertThat;

import dev.perdure.cli.Main;

import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/// Runs `perdure demo` as a user does, but for the process it runs in: its workers are real processes.
record DemoCli(Path folder, String store) {
    /// On a store in `folder`.
    DemoCli(Path folder) {
        this(folder, "jdbc:sqlite:" + folder.resolve("perdure.db"));
    }

    record Said(int code, String out, String err) {
        /// The object on the last line.
        JsonNode json() {
            return JsonMapper.shared().readTree(out.strip().lines().toList().getLast());
        }
    }

    Said demo(String... args) {
        List<String> all = new ArrayList<>(List.of("demo"));
        all.addAll(Arrays.asList(args));
        return perdure(all.toArray(String[]::new));
    }

    /// Runs any command on the same store.
    Said perdure(String... args) {
        List<String> all = new ArrayList<>(Arrays.asList(args));
        all.addAll(List.of("--store", store));
        StringWriter out = new StringWriter();
        StringWriter err = new StringWriter();
        int code = Main.run(new PrintWriter(out), new PrintWriter(err), all.toArray(String[]::new));
        return new Said(code, out.toString(), err.toString());
    }

    Said succeeds(String... args) {
        Said said = demo(args);
        assertThat(said.code()).as(said.out() + said.err()).isZero();
        return said;
    }

    String path(String name) {
        return folder.resolve(name).toString();
    }
}
