package dev.perdure;

import dev.perdure.error.InvalidInputException;
import dev.perdure.journal.Path;
import dev.perdure.store.Serves;
import dev.perdure.value.TypeRef;

import java.lang.reflect.Type;
import java.util.Collections;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/// A named, versioned program from an input to an output.
///
/// ```java
/// Workflow<Brief, Report> briefs =
///         Workflow.named("brief").takes(Brief.class).returns(Report.class).runs(this::write);
/// ```
///
/// A run records the version it was started with and is executed only by that version. Immutable and thread-safe, as
/// far as its body is.
public final class Workflow<I, O> {
    private final String name;
    private final int version;
    private final Type input;
    private final Type output;
    private final WorkflowBody<I, O> body;
    private final Map<String, Undo.Registered<?>> undos;
    private final Optional<String> group;

    private Workflow(
            String name,
            int version,
            Type input,
            Type output,
            WorkflowBody<I, O> body,
            Map<String, Undo.Registered<?>> undos,
            Optional<String> group) {
        this.name = name;
        this.version = version;
        this.input = input;
        this.output = output;
        this.body = body;
        this.undos = undos;
        this.group = group;
    }

    /// Begins a workflow of version 1.
    ///
    /// @throws InvalidInputException if the name is empty, longer than 100 characters or holds `/ [ ] #`
    public static Named named(String name) {
        return new Named(Path.checkName("workflow", name), 1, Optional.empty());
    }

    /// A workflow of Perdure's own.
    static <I, O> Workflow<I, O> ofPerdure(String name, Class<I> input, Class<O> output, WorkflowBody<I, O> body) {
        return new Workflow<>(name, 1, input, output, body, Map.of(), Optional.empty());
    }

    /// The name under which runs are started and found.
    public String name() {
        return name;
    }

    /// The version of its code; runs go on with the one they were started with.
    public int version() {
        return version;
    }

    /// The group of workers that executes its runs unless their start says otherwise.
    public Optional<String> group() {
        return group;
    }

    /// The group of a run that is started with this choice.
    String groupFor(Optional<String> chosen) {
        return chosen.or(() -> group).orElse(Serves.DEFAULT_GROUP);
    }

    Type input() {
        return input;
    }

    Type output() {
        return output;
    }

    WorkflowBody<I, O> body() {
        return body;
    }

    /// The undo of that name.
    ///
    /// @throws InvalidInputException if there is none
    Undo.Registered<?> undo(String undo) {
        Undo.Registered<?> known = undos.get(undo);
        if (known == null) {
            throw new InvalidInputException(
                    "workflow "
                            + this
                            + " has no undo \""
                            + undo
                            + "\", only ["
                            + String.join(", ", undos.keySet())
                            + "]. Register it: Workflow.named(...).takes(...).returns(...).undo(...).");
        }
        return known;
    }

    @Override
    public String toString() {
        return name + " version " + version;
    }

    /// A workflow that has a name.
    public record Named(String name, int version, Optional<String> group) {
        /// @throws dev.perdure.error.InvalidInputException if the version is not at least 1, or the group has a name
        ///   that cannot be
        public Named {
            if (version < 1) {
                throw new InvalidInputException(
                        "version " + version + " of workflow " + name + ": versions count from 1");
            }
            group.ifPresent(one -> Queue.checkName("group", one));
        }

        /// The version of the workflow's code, from 1. Raise it when the code changes in a way that runs under way
        /// cannot follow, and keep the older version registered until its runs have ended.
        public Named version(int number) {
            return new Named(name, number, group);
        }

        /// Lets only workers execute its runs that serve this group, see [PerdureOptions#withGroups], unless a start
        /// says otherwise. It counts when a run is started; those that are there already stay where they are.
        public Named inGroup(String name) {
            return new Named(this.name, version, Optional.of(name));
        }

        /// What runs take: a record, a string, a number, or lists and maps of such.
        public <I> Takes<I> takes(Class<I> type) {
            return new Takes<>(this, type);
        }

        /// As the other, for a type with parameters: `new TypeRef<List<Order>>() {}`.
        public <I> Takes<I> takes(TypeRef<I> type) {
            return new Takes<>(this, type.type());
        }
    }

    /// A workflow whose input type is known.
    public static final class Takes<I> {
        private final Named named;
        private final Type input;

        private Takes(Named named, Type input) {
            this.named = named;
            this.input = input;
        }

        /// What runs return: a record, a string, a number, or lists and maps of such.
        public <O> Returns<I, O> returns(Class<O> type) {
            return new Returns<>(this, type, Map.of());
        }

        /// As the other, for a type with parameters: `new TypeRef<List<Order>>() {}`.
        public <O> Returns<I, O> returns(TypeRef<O> type) {
            return new Returns<>(this, type.type(), Map.of());
        }
    }

    /// A workflow whose types are known.
    public static final class Returns<I, O> {
        private final Takes<I> takes;
        private final Type output;
        private final Map<String, Undo.Registered<?>> undos;

        private Returns(Takes<I> takes, Type output, Map<String, Undo.Registered<?>> undos) {
            this.takes = takes;
            this.output = output;
            this.undos = undos;
        }

        /// Registers an undo under a name, by which steps ask for it: [Step#undo]. It is attempted up to five times.
        ///
        /// @param type the type of its payload
        /// @throws InvalidInputException if the name cannot be one, or is taken
        public <P> Returns<I, O> undo(String name, Class<P> type, Undo<P> body) {
            return undo(name, type, Step.atLeastOnce().retry(Retry.upTo(5)), body);
        }

        /// As the other, with the options of the step that the undo is.
        public <P> Returns<I, O> undo(String name, Class<P> type, Step options, Undo<P> body) {
            Map<String, Undo.Registered<?>> more = new TreeMap<>(undos);
            if (more.put(Path.checkName("undo", name), new Undo.Registered<>(name, type, options, body)) != null) {
                throw new InvalidInputException(
                        "workflow " + takes.named.name() + " has two undos \"" + name + "\". Rename one of them.");
            }
            return new Returns<>(takes, output, Collections.unmodifiableMap(more));
        }

        /// Its code, which the rules of workflow code apply to. The workflow is complete with it.
        public Workflow<I, O> runs(WorkflowBody<I, O> body) {
            return new Workflow<>(
                    takes.named.name(), takes.named.version(), takes.input, output, body, undos, takes.named.group());
        }
    }
}
