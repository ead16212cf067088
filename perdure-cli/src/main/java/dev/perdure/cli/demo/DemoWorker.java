package dev.perdure.cli.demo;

import dev.perdure.PerdureOptions;
import dev.perdure.cli.console.StoreAddress;
import dev.perdure.error.PerdureException;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;

/// The main class of the worker process that the demo kills, and of the one that goes on.
///
/// Both do exactly the same: start runs by their ids, and wait until they have ended. That the second goes on where the
/// first was killed is not its merit but the journal's.
final class DemoWorker {
    private DemoWorker() {}

    public static void main(String[] args) {
        endWithParent();
        Work work = Work.parse(args[0]);
        StoreAddress store = StoreAddress.of(Optional.empty(), System.getenv());
        int code = 0;
        try (Executions executions = Executions.appendTo(Path.of(work.executions()))) {
            Witness witness = new Witness(executions, new PowerCut(work.killAfter(), Path.of(work.marker())));
            switch (work.job()) {
                case Work.ReviewJob job -> review(store, job, witness);
                case Work.ChatsJob job -> PlayChats.all(store, job, witness);
            }
        } catch (PerdureException e) {
            System.err.println(e.getMessage());
            code = 1;
        }
        System.exit(code);
    }

    private static void review(StoreAddress store, Work.ReviewJob job, Witness witness) {
        try (var perdure = store.open(PerdureOptions.DEFAULT)) {
            ReviewNotices.run(perdure, job, witness);
        }
    }

    /// The pipe to standard input breaks when the process that started this one is gone.
    private static void endWithParent() {
        Thread.ofPlatform()
                .daemon()
                .name("end-with-parent")
                .start(() -> {
                    try {
                        while (System.in.read() >= 0) {
                            // nothing is ever said
                        }
                    } catch (IOException e) {
                        // broken is broken
                    }
                    Runtime.getRuntime().halt(1);
                });
    }
}
