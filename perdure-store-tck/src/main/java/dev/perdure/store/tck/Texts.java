package dev.perdure.store.tck;

import java.util.Random;

/// Deterministic contents for tests.
final class Texts {
    private Texts() {}

    /// A JSON string of this many characters that hardly compresses; the same for the same seed.
    static String incompressibleJson(long seed, int length) {
        String letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789+/";
        StringBuilder json = new StringBuilder(length + 2).append('"');
        new Random(seed).ints(length, 0, letters.length()).forEach(i -> json.append(letters.charAt(i)));
        return json.append('"').toString();
    }
}
