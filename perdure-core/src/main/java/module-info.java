/// Durable runs of AI agents: the journal, the store SPI with an in-memory store, and the runtime.
module dev.perdure {
    requires com.fasterxml.jackson.annotation;
    requires org.slf4j;
    requires tools.jackson.core;
    requires transitive java.sql;
    requires transitive tools.jackson.databind;
    requires static transitive org.jspecify;

    exports dev.perdure;
    exports dev.perdure.error;
    // Whole, and to everybody: stores of third parties check entries and references with it, and who reads a journal
    // takes its events apart. A qualified export would name our own stores only.
    exports dev.perdure.journal;
    exports dev.perdure.store;
    exports dev.perdure.store.memory;
    exports dev.perdure.value;

    uses dev.perdure.store.StoreProvider;
    uses dev.perdure.WorkflowProvider;

    provides dev.perdure.store.StoreProvider with
            dev.perdure.store.memory.MemoryStoreProvider;
}
