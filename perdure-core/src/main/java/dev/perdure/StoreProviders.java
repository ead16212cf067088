package dev.perdure;

import dev.perdure.error.InvalidInputException;
import dev.perdure.store.StoreProvider;

import java.util.ServiceLoader;
import java.util.stream.Collectors;

/// The kinds of stores on the class path.
final class StoreProviders {
    private StoreProviders() {}

    /// The provider that takes `url`.
    ///
    /// @throws InvalidInputException if none does
    static StoreProvider of(String url) {
        ServiceLoader<StoreProvider> providers =
                ServiceLoader.load(StoreProvider.class, StoreProviders.class.getClassLoader());
        for (StoreProvider provider : providers) {
            if (provider.accepts(url)) {
                return provider;
            }
        }
        String forms =
                providers.stream()
                        .map(ServiceLoader.Provider::get)
                        .map(StoreProvider::form)
                        .sorted()
                        .collect(Collectors.joining(", "));
        int colon = url.indexOf(':', url.startsWith("jdbc:") ? 5 : 0);
        String given =
                colon < 0
                        ? "no store takes a URL without a colon, since it does not say what kind of store is meant"
                        : "no store takes a URL that begins with \"" + url.substring(0, colon + 1) + "\"";
        throw new InvalidInputException(
                given
                        + "; the stores on the class path take "
                        + forms
                        + ". Correct the URL, or add the store's artifact (such as perdure-sqlite) to the class path.");
    }
}
