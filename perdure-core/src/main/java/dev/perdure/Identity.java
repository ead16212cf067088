package dev.perdure;

import dev.perdure.error.InvalidInputException;

import java.util.Set;

/// Who makes a decision, as far as is known. A program that has authenticated somebody makes one from what it knows:
///
/// ```java
/// Identity by = Identity.verified(session.user(), Set.of("editors"));
/// ```
///
/// Immutable.
///
/// @param id what the person is called, as in [Approval#assignees]
/// @param roles the roles the person has, as in [Approval#roles]
/// @param verified whether somebody has made sure that it is this person, or it is only claimed; recorded either way
public record Identity(String id, Set<String> roles, boolean verified) {
    /// @throws InvalidInputException if the id is blank
    public Identity {
        roles = Set.copyOf(roles);
        if (id.isBlank()) {
            throw new InvalidInputException("a decision needs somebody who makes it: the id is blank. Give it one.");
        }
    }

    /// A person of whom the caller has made sure.
    public static Identity verified(String id, Set<String> roles) {
        return new Identity(id, roles, true);
    }

    /// A person who says so.
    public static Identity claimed(String id) {
        return new Identity(id, Set.of(), false);
    }

    /// The user of the operating system under which this process runs.
    public static Identity operatingSystemUser() {
        return new Identity(System.getProperty("user.name", "unknown"), Set.of(), true);
    }

    /// The same person, with these roles.
    public Identity withRoles(Set<String> value) {
        return new Identity(id, value, verified);
    }
}
