package dev.perdure;

import dev.perdure.journal.Digest;

import java.io.IOException;
import java.io.InputStream;

/// A large content that a run saved, kept outside its journal and addressed by its digest.
///
/// @param name what the run calls it, such as `report.html`
/// @param mediaType its media type, such as `text/html`
/// @param digest SHA-256 of its bytes
/// @param size in bytes
public record Artifact(String name, String mediaType, Digest digest, long size) {
    /// Where an artifact's bytes come from; opened once, on the thread of the run.
    @FunctionalInterface
    public interface Source {
        /// The bytes from their beginning; whoever called closes it.
        ///
        /// @throws IOException if they cannot be had, which fails the attempt
        InputStream open() throws IOException;
    }
}
