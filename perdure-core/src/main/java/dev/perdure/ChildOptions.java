package dev.perdure;

import dev.perdure.journal.Bond;
import dev.perdure.journal.RunId;
import dev.perdure.store.QueuePlace;

import java.util.Optional;

/// How a child run is started.
///
/// @param id the child's id; without one it is made of the parent's id and the path of the call: `order-42/ship`
/// @param group the group of workers that executes it; without one that of its workflow, or else its parent's
/// @param bond what becomes of it when its parent ends first, and whether its end can be awaited
/// @param place where it waits for its turn, if it does
public record ChildOptions(Optional<RunId> id, Optional<String> group, Bond bond, Optional<QueuePlace> place) {
    /// A child that is cancelled when its parent ends before it.
    public static final ChildOptions DEFAULT =
            new ChildOptions(Optional.empty(), Optional.empty(), Bond.CANCEL, Optional.empty());

    /// @throws dev.perdure.error.InvalidInputException if the group, the queue or the key has a name that cannot be, or
    ///   the priority is out of range
    public ChildOptions {
        group.ifPresent(name -> Queue.checkName("group", name));
        place.ifPresent(InQueue::check);
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
        return new ChildOptions(Optional.of(new RunId(value)), group, bond, place);
    }

    /// Only workers that serve this group execute the child, see [StartOptions#inGroup]. Without it those of the group
    /// its workflow names, or else of its parent's.
    public ChildOptions inGroup(String name) {
        return new ChildOptions(id, Optional.of(name), bond, place);
    }

    /// The child goes on when its parent ends before it. It can be awaited until then, and again when a failed parent
    /// is retried.
    public ChildOptions abandoned() {
        return new ChildOptions(id, group, Bond.ABANDON, place);
    }

    /// The child goes its own way: nobody can await it, and its end is told to nobody. For any number of children.
    public ChildOptions detached() {
        return new ChildOptions(id, group, Bond.DETACH, place);
    }

    /// Lets the child wait for its turn in a [Queue], which is defined before. A parent in a queue gives its place away
    /// while it waits for the child.
    public ChildOptions queue(String name) {
        return new ChildOptions(id, group, bond, Optional.of(InQueue.of(place, name)));
    }

    /// What the child shares a limit and its turns with inside the queue, such as a tenant.
    ///
    /// @throws dev.perdure.error.InvalidInputException if no queue was named before
    public ChildOptions key(String name) {
        return new ChildOptions(id, group, bond, Optional.of(InQueue.key(place, name)));
    }

    /// Among the runs with the same key in the queue those of higher priority come first; without one it is 0.
    ///
    /// @throws dev.perdure.error.InvalidInputException if no queue was named before
    public ChildOptions priority(int value) {
        return new ChildOptions(id, group, bond, Optional.of(InQueue.priority(place, value)));
    }
}
