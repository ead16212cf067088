/// What the documents say is true: their snippets compile and run, their errors are the real ones, their links lead
/// somewhere.
///
/// The convention for a `java` block, by the comment on the line before it:
///
/// - none: a whole source file, which is compiled, and run in a process of its own if it has a `main`;
/// - `<!-- snippet: statements -->`: statements of a workflow whose run is `run`, compiled inside a [World];
/// - `<!-- snippet: members -->`: members of a class, compiled inside a [World];
/// - `<!-- snippet: breach -->`: statements that break a rule. They are run, and what their user sees is the `text`
///   block that follows; `...` in it stands for anything. See [RunBreach];
/// - `<!-- snippet: file PATH -->`: the whole content of that file.
///
/// An `xml` block is a part of the tour's `pom.xml`.
@NullMarked
package dev.perdure.tests.documents;

import org.jspecify.annotations.NullMarked;
