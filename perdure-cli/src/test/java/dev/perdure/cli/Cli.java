package dev.perdure.cli;

import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/// The command line in this process, on a store in `folder`.
record Cli(Path folder) {
    /// What a command printed and answered.
    record Output(int code, String out, String err) {
        JsonNode json() {
            return JsonMapper.shared().readTree(out);
        }
    }

    String store() {
        return "jdbc:sqlite:" + file();
    }

    Path file() {
        return folder.resolve("perdure.db");
    }

    /// Runs a command on the store.
    Output on(String... args) {
        List<String> all = new ArrayList<>(Arrays.asList(args));
        all.add("--store");
        all.add(store());
        return run(all.toArray(String[]::new));
    }

    /// Runs a command.
    static Output run(String... args) {
        StringWriter out = new StringWriter();
        StringWriter err = new StringWriter();
        int code = Main.run(new PrintWriter(out), new PrintWriter(err, true), args);
        return new Output(code, out.toString(), err.toString());
    }
}
