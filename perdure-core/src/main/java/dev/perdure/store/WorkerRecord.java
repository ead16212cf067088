package dev.perdure.store;

/// A process that executes runs.
///
/// @param id its name, unique for each start of a process
/// @param host an identity of the machine and process namespace, so that a process id means something
/// @param pid its process id there
/// @param processStart its [ProcessStart], so that another process which got that id later is not mistaken for it
/// @param leaseUntilMillis until when its leases hold unless renewed
/// @param sinceMillis when it announced itself, in milliseconds since 1970
/// @param serves which runs it takes, for people to look at
public record WorkerRecord(
        String id, String host, long pid, long processStart, long leaseUntilMillis, long sinceMillis, Serves serves) {
    /// A worker that has not said what it serves.
    public WorkerRecord(String id, String host, long pid, long processStart, long leaseUntilMillis) {
        this(id, host, pid, processStart, leaseUntilMillis, 0, Serves.NOTHING);
    }

    /// The same, announced at this time under a lease until that.
    public WorkerRecord announced(long atMillis, long untilMillis) {
        return new WorkerRecord(id, host, pid, processStart, untilMillis, atMillis, serves);
    }

    /// The same under a lease until then.
    public WorkerRecord until(long millis) {
        return new WorkerRecord(id, host, pid, processStart, millis, sinceMillis, serves);
    }

    /// The same, serving this.
    public WorkerRecord serving(Serves what) {
        return new WorkerRecord(id, host, pid, processStart, leaseUntilMillis, sinceMillis, what);
    }
}
