/// What all commands share: the terminal, colours and tables, JSON for people, exit codes, and which store is meant.
@NullMarked
package dev.perdure.cli.console;

import org.jspecify.annotations.NullMarked;
