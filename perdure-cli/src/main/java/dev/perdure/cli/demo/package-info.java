/// `perdure demo`: real work, killed in the middle and resumed, with the proof that nothing recorded ran twice.
///
/// Three things stand here. *The kill*: [dev.perdure.cli.demo.KillAndResume] lets a worker process
/// ([dev.perdure.cli.demo.DemoWorker]) do a job, kills it in the middle of a step, and lets another go on. *The review*
/// of licence notices, whose workflow is [dev.perdure.cli.demo.ReviewNotices]. *The chats*, whose workflow is
/// [dev.perdure.cli.demo.PlayChat].
@NullMarked
package dev.perdure.cli.demo;

import org.jspecify.annotations.NullMarked;
