package dev.perdure.cli.demo;

import dev.perdure.Administration;
import dev.perdure.Identity;
import dev.perdure.OpenApproval;
import dev.perdure.Perdure;
import dev.perdure.PerdureOptions;
import dev.perdure.Verdict;
import dev.perdure.cli.console.Console;
import dev.perdure.cli.console.JsonText;
import dev.perdure.error.ConflictException;
import dev.perdure.store.RunStatus;

import tools.jackson.databind.json.JsonMapper;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.Charset;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/// Watches for the approval that the review asks for before it publishes, and sees to it that somebody decides: a
/// person at this terminal, `demo` where there is none, or whoever is told how. Used by one thread.
final class AskToPublish implements Bystander {
    /// Who decides.
    enum Mode {
        /// The person at this terminal.
        ASK,
        /// The demo itself, and it says so.
        YES,
        /// Somebody else, later: the demo ends meanwhile.
        LEAVE
    }

    private static final long EVERY_NANOS = TimeUnit.MILLISECONDS.toNanos(100);
    private static final int MAX_QUESTIONS = 5;

    private final Console console;
    private final Perdure perdure;
    private final String run;
    private final Mode mode;
    private long lookedAtNanos = System.nanoTime();
    private boolean decided;
    private Optional<OpenApproval> left = Optional.empty();

    AskToPublish(Console console, DemoStore store, String run, Mode mode) {
        this.console = console;
        this.perdure = store.address().open(PerdureOptions.DEFAULT);
        this.run = run;
        this.mode = mode;
    }

    @Override
    public boolean look(Runnable beforeTalking) {
        if (decided || System.nanoTime() - lookedAtNanos < EVERY_NANOS) {
            return left.isPresent();
        }
        lookedAtNanos = System.nanoTime();
        Administration administration = perdure.administration();
        boolean waits =
                RecordedSteps.runs(administration, run).stream().anyMatch(one -> one.status() == RunStatus.WAITING);
        if (waits) {
            administration.approvals(run).stream().findFirst().ifPresent(open -> meet(open, beforeTalking));
        }
        return left.isPresent();
    }

    private void meet(OpenApproval open, Runnable beforeTalking) {
        decided = true;
        if (mode == Mode.LEAVE) {
            left = Optional.of(open);
            return;
        }
        beforeTalking.run();
        console.say("asks    before it publishes, the run asks for approval " + open.path() + " of this:");
        Console plain =
                new Console(console.out(), console.err(), false, console.interactive()); // said on standard error
        console.say(JsonText.readable(JsonMapper.shared().readTree(open.proposal()), plain));
        if (mode == Mode.YES) {
            console.say("approve as demo, since nobody was asked; with --wait somebody else can decide");
            decide(open, Verdict.approve().comment("the demo approves itself"), Identity.claimed("demo"));
        } else {
            ask(open);
        }
    }

    private void ask(OpenApproval open) {
        BufferedReader answers = new BufferedReader(new InputStreamReader(System.in, Charset.defaultCharset()));
        for (int i = 0; i < MAX_QUESTIONS; i++) {
            console.err().print("Publish it? [y]es, [n]o, [l]eave it waiting: ");
            console.err().flush();
            String answer;
            try {
                answer = answers.readLine();
            } catch (IOException e) {
                answer = null;
            }
            switch (answer == null ? "l" : answer.strip().toLowerCase(Locale.ROOT)) {
                case "y", "yes" -> {
                    decide(open, Verdict.approve(), Identity.operatingSystemUser());
                    return;
                }
                case "n", "no" -> {
                    decide(open, Verdict.reject(), Identity.operatingSystemUser());
                    return;
                }
                case "l", "leave" -> {
                    left = Optional.of(open);
                    return;
                }
                default -> console.say("Answer y, n or l.");
            }
        }
        left = Optional.of(open);
    }

    private void decide(OpenApproval open, Verdict verdict, Identity by) {
        try {
            perdure.administration().decide(run, open.path(), verdict.seen(open.digest()), by);
        } catch (ConflictException e) { // somebody was faster, at another terminal
            console.say(String.valueOf(e.getMessage()));
        }
    }

    /// The approval that the run was left with, if it was.
    Optional<OpenApproval> left() {
        return left;
    }

    @Override
    public void close() {
        perdure.close();
    }
}
