package dev.perdure.store;

import dev.perdure.error.InvalidInputException;

/// Opens stores for one kind of URL; found by [java.util.ServiceLoader].
public interface StoreProvider {
    /// Whether this provider opens `url`.
    boolean accepts(String url);

    /// The form of the URLs it opens, for messages: `jdbc:sqlite:FILE`.
    String form();

    /// Opens the store, creating it where that is possible. Must not put secrets of the URL into any message.
    ///
    /// @throws dev.perdure.error.InvalidInputException if the URL is wrong, or what it names is not a store of Perdure
    ///   or is one of a newer format
    /// @throws dev.perdure.error.UnavailableException if it cannot be opened now
    RunStore open(String url);

    /// Whether there is something at `url` that [#open] would open without making it. Makes nothing.
    ///
    /// @throws dev.perdure.error.UnavailableException if that cannot be told now
    default boolean exists(String url) {
        return true;
    }

    /// Opens a store as a whole, creating it where that is possible. Also one that is not open for work.
    ///
    /// @throws dev.perdure.error.InvalidInputException as [#open], or if stores of this kind cannot be moved
    default WholeStore openWhole(String url) {
        throw new InvalidInputException("stores of the form " + form() + " cannot be moved. Nothing was changed.");
    }
}
