package dev.perdure.store;

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
}
