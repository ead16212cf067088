package dev.perdure;

import dev.perdure.journal.Bond;
import dev.perdure.journal.RunId;

import java.util.Optional;

/// How a child run is started.
///
/// @param id the child's id; without one it is made of the parent's id and the path of the call: `order-42/ship`
/// @param group the group of workers that executes it; without one that of its workflow, or else its parent's
/// @param bond what becomes of it when its parent ends first, and whether its end can be awaited
public record ChildOptions(Optional<RunId> id, Optional<String> group, Bond bond) {
    /// A child that is cancelled when its parent ends before it.
    public static final ChildOptions DEFAULT = new ChildOptions(Optional.empty(), Optional.empty(), Bond.CANCEL);

    /// @throws dev.perdure.error.InvalidInputException if the group has a name that cannot be
    public ChildOptions {
        group.ifPresent(name -> Queue.checkName("group", name));
    }

    /// A child with this id.
    ///
    /// @throws dev.perdure.error.InvalidInputException if it cannot be an id
    public static ChildOptions withId(String id) {
        return DEFAULT.id(id);
    }

    /// The same with this id.
    ///
    /// @throws dev.perdure.error.InvalidInputException if it cannot be an id
    public ChildOptions id(String value) {
        return new ChildOptions(Optional.of(new RunId(value)), group, bond);
    }

    /// Only workers that serve this group execute the child, see [StartOptions#inGroup]. Without it those of the group
    /// its workflow names, or else of its parent's.
    public ChildOptions inGroup(String name) {
        return new ChildOptions(id, Optional.of(name), bond);
    }

    /// The child goes on when its parent ends before it. It can be awaited until then, and again when a failed parent
    /// is retried.
    public ChildOptions abandoned() {
        return new ChildOptions(id, group, Bond.ABANDON);
    }

    /// The child goes its own way: nobody can await it, and its end is told to nobody. For any number of children.
    public ChildOptions detached() {
        return new ChildOptions(id, group, Bond.DETACH);
    }
}
