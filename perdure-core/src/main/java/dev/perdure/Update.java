package dev.perdure;

import org.jspecify.annotations.Nullable;

/// An update that a run took and answered. See [Run#awaitUpdate].
///
/// @param input what was asked for
/// @param answer what the sender was told
public record Update<I extends @Nullable Object, O extends @Nullable Object>(I input, O answer) {}
