package dev.perdure;

import dev.perdure.journal.Content;
import dev.perdure.journal.Path;
import dev.perdure.value.LogicalType;

import org.jspecify.annotations.Nullable;

import java.lang.reflect.Type;

/// What a step yields: its type, and how a value of it is written and read back.
final class StepValue<T extends @Nullable Object> {
    private final Strand strand;
    private final Path path;
    private final Type type;
    private final LogicalType logical;

    StepValue(Strand strand, Path path, Type type) {
        this.strand = strand;
        this.path = path;
        this.type = type;
        this.logical = LogicalType.of(type);
    }

    Type type() {
        return type;
    }

    LogicalType logical() {
        return logical;
    }

    byte[] write(T value) {
        return strand.execution().engine().values().write(value, type, what());
    }

    T read(byte[] json) {
        return strand.execution().engine().values().read(json, type, what());
    }

    private String what() {
        return "the result of step " + path + " of run " + strand.execution().id();
    }

    /// Leaves the run if the code has another type than the one that is recorded.
    void check(Content recorded) {
        if (!recorded.type().equals(logical.name()) || recorded.typeVersion() != logical.version()) {
            throw strand.execution()
                    .diverge(
                            path,
                            "a result of type " + new LogicalType(recorded.type(), recorded.typeVersion()),
                            "a result of type " + logical);
        }
    }
}
