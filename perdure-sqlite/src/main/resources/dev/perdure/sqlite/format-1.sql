-- Format 1 of Perdure's SQLite store. It stays as it is: a later format gets a file of its own that leads there from here.
--
-- Entries lie in the order in which they were committed, whatever run they belong to, so that one commit of many runs
-- writes few pages; a run's journal is the list that leads back from its head by prev. Columns named seal hold the
-- CRC-32C of all other columns of their row; everything without one is covered by digests or follows from other rows.

create table entry (
  id     integer primary key,      -- 1, 2, 3... without gaps, those in link counted
  run    integer not null,         -- run.no
  branch integer not null,
  seq    integer not null,
  prev   integer not null,         -- id of the entry before it in its journal, 0 for none
  body   blob    not null,
  digest blob    not null,
  data   blob    not null,         -- all of it, or what follows the chunks
  chunk  integer,                  -- first chunk
  chunks integer                   -- how many
) strict;

create table chunk (
  id    integer primary key,       -- 1, 2, 3... without gaps
  bytes blob not null
) strict;

-- Every 64th entry of a run, staggered by run: where a search for a sequence starts.
create table milestone (
  run    integer not null,
  branch integer not null,
  seq    integer not null,
  entry  integer not null,
  primary key (run, branch, seq)
) strict, without rowid;

create table head (
  run     integer primary key,
  branch  integer not null,
  seq     integer not null,
  entry   integer not null,
  digest  blob    not null,
  epoch   integer not null,
  holder  integer not null,        -- worker.no, 0 for none
  idle    integer not null,        -- claims since the last entry
  clean   integer not null,        -- 1: released by its holder, so that the next claim is not an idle one
  updated integer not null,        -- time of the last entry
  seal    integer not null
) strict;
create index head_held on head (holder) where holder <> 0;

create table run (
  no       integer primary key,    -- 1, 2, 3... without gaps, those in pruned counted
  id       text    not null unique,
  workflow text    not null,
  version  integer not null,
  session  text,
  status   integer not null,
  reason   text    not null,
  created  integer not null,
  wake_at  integer,
  due      integer,                -- when a waiting run is claimable: wake_at, or 0 since it has messages
  queue    text,                   -- queue.name
  qkey     text,                   -- the queue's other columns are null without one
  priority integer,
  begun    integer,                -- when a run of a queue was first claimed
  grp      text    not null,       -- the group of workers that executes it
  seal     integer not null
) strict;
create index run_status on run (status);
create index run_workflow on run (workflow);
create index run_asking on run (no) where substr(reason, 1, 9) = 'approval ';
create index run_claim on run (workflow, version, grp, status) where queue is null;
create index run_due on run (workflow, version, grp, due) where status = 2 and due is not null and queue is null;
create index run_queue_new on run (queue, workflow, version, grp, qkey, priority desc, no)
  where status = 0 and queue is not null and begun is null;
create index run_queue_again on run (queue, workflow, version, grp, qkey, priority desc, no)
  where status = 0 and queue is not null and begun is not null;
create index run_queue_due on run (queue, workflow, version, grp, due) where status = 2 and due is not null and queue is not null;
create index run_queue_running on run (queue, qkey) where status = 1 and queue is not null;
create index run_queue_begun on run (queue, begun) where queue is not null and begun is not null;
create index run_session on run (session) where session is not null;

create table queue (
  no          integer primary key,
  name        text    not null unique,
  concurrency integer not null,    -- 0 for no limit, as with the others
  per_key     integer not null,
  rate        integer not null,
  period      integer not null,
  turn        text,                -- the key that was served last
  seal        integer not null
) strict;

-- The names of all runs ever started, but for those pruned: a run whose other rows are all gone is still missed by name.
create table register (
  no   integer primary key,
  id   text    not null,
  seal integer not null
) strict;

-- What is left of runs that were pruned. Their rows in run, head and register are gone.
create table pruned (
  no       integer primary key,    -- run.no
  id       text    not null unique,
  workflow text    not null,
  status   integer not null,       -- how it ended
  entries  integer not null,
  digest   blob    not null,       -- of its last entry
  ended    integer not null,
  pruned   integer not null,
  who      text    not null,
  messages integer not null,       -- how many it had
  seal     integer not null
) strict;

-- What is left of entries of pruned runs: their place in the chain.
create table link (
  id     integer primary key,      -- entry.id
  run    integer not null,
  digest blob    not null,
  chunk  integer,                  -- the chunks it had
  chunks integer
) strict;

-- Pruned runs of which entries or messages are still there.
create table unswept (
  run   integer primary key,
  entry integer not null,          -- id of the last entry that is still there, 0 for none
  seal  integer not null
) strict;

-- What every commit moves on: the rolling digest over all entries, and how many rows the append-only tables hold.
create table chain (
  one             integer primary key,
  entries         integer not null,
  digest          blob    not null,
  runs            integer not null,
  register_digest blob    not null,
  chunks          integer not null,
  messages        integer not null,
  seal            integer not null
) strict;

create table shared (
  no         integer primary key,
  digest     blob    not null unique,
  codec      integer not null,
  raw_length integer not null,
  bytes      blob    not null,     -- what follows the chunks
  chunk      integer,
  chunks     integer
) strict;

create table inbox (
  no       integer primary key,    -- 1, 2, 3... without gaps but for messages of pruned runs
  run      integer not null,
  id       text    not null,
  kind     text    not null,
  name     text    not null,
  body     text    not null,       -- emptied when consumed
  sent     integer not null,
  consumed integer not null,       -- the entry that consumed it, 0 for none
  seal     integer not null,
  unique (run, id)
) strict;
create index inbox_waiting on inbox (run) where consumed = 0;
create index inbox_cancel on inbox (run) where consumed = 0 and kind = 'cancel';

create table worker (
  no            integer primary key,
  id            text    not null unique,
  host          text    not null,
  pid           integer not null,
  process_start integer not null,
  lease_until   integer not null,
  since         integer not null,
  serves        text    not null,  -- see Serves
  seal          integer not null
) strict;

create table artifact (
  no            integer primary key,
  digest        blob    unique,    -- null while it is being written
  size          integer not null,
  host          text    not null,  -- the process that writes or wrote it
  pid           integer not null,
  process_start integer not null,
  seal          integer not null
) strict;

create table artifact_piece (
  id    integer primary key,       -- artifact.no * 2^24 + number of the piece
  bytes blob not null
) strict;

-- Who this store is, and whether it is being moved: see WholeStore.
create table standing (
  one       integer primary key check (one = 1),
  id        text    not null,
  state     integer not null,      -- 0 open, 1 a copy that is not complete, 2 being moved, 3 moved
  peer      text,                  -- the store it came from or goes to
  peer_name text,
  part      text,                  -- what was received last, and up to where
  place     text    not null,
  seal      integer not null
) strict;
