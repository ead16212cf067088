/// The compatibility kit: the tests that every implementation of [dev.perdure.store.RunStore] passes.
@org.jspecify.annotations.NullMarked
module dev.perdure.store.tck {
    requires transitive dev.perdure;
    requires transitive org.junit.jupiter.api;
    requires org.assertj.core;
    requires static org.jspecify;

    exports dev.perdure.store.tck;

    opens dev.perdure.store.tck to
            org.junit.platform.commons;
}
