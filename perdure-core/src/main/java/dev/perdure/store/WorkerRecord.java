package dev.perdure.store;

/// A process that executes runs.
///
/// @param id its name, unique for each start of a process
/// @param host an identity of the machine and process namespace, so that a process id means something
/// @param pid its process id there
/// @param processStart its [ProcessStart], so that another process which got that id later is not mistaken for it
/// @param leaseUntilMillis until when its leases hold unless renewed
public record WorkerRecord(String id, String host, long pid, long processStart, long leaseUntilMillis) {}
