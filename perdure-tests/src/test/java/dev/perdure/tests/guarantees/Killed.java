package dev.perdure.tests.guarantees;

/// Stands for the end of a process.
final class Killed extends Error {
    private static final long serialVersionUID = 1L;
}
