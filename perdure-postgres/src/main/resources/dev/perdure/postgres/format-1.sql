-- Format 1 of Perdure's PostgreSQL store. It stays as it is: a later format gets a file of its own that leads there from
-- here. "perdure." stands for the schema of the store.
--
-- Rows of run, head and inbox change in place and change indexes with them. Autovacuum comes when a fiftieth of them has
-- changed, not a fifth: of a million waiting runs that would be 200,000 dead rows in each index. Entries are only added.
--
-- Times are milliseconds since 1970, as the journal has them. Columns named seal hold a checksum of what no digest covers
-- and no other row tells; docs/adr/009 says why the rest is as it is.

create table perdure.format (
  one    integer primary key check (one = 1),
  number integer not null
);

-- The clock by which leases run out: the server's.
create function perdure.clock() returns bigint language sql volatile as $$
  select (extract(epoch from clock_timestamp()) * 1000)::bigint
$$;

-- A checksum over the columns of a row: the first half of the first half of a SHA-256. It reveals damage, not malice.
create function perdure.seal(variadic parts text[]) returns bytea language sql stable as $$
  select substring(sha256(convert_to(array_to_string(parts, chr(31), chr(30)), 'UTF8')) for 8)
$$;

-- Who this store is, and whether it is being moved: see WholeStore.
create table perdure.standing (
  one       integer  primary key check (one = 1),
  id        text     not null,
  state     smallint not null,        -- 0 open, 1 a copy that is not complete, 2 being moved, 3 moved
  peer      text,                     -- the store it came from or goes to
  peer_name text,
  part      text,                     -- what was received last, and up to where
  place     text     not null,
  seal      bytea    not null
);

create function perdure.seal_standing(s perdure.standing) returns bytea language sql stable as $$
  select perdure.seal('standing', s.one::text, s.id, s.state::text, s.peer, s.peer_name, s.part, s.place)
$$;
insert into perdure.standing values (1, replace(gen_random_uuid()::text, '-', ''), 0, null, null, null, '', '');
update perdure.standing s set seal = perdure.seal_standing(s);

-- What triggers on all tables call once a store was left: it costs nothing until then.
create function perdure.refuse() returns trigger language plpgsql as $$
declare
  s perdure.standing;
begin
  select * into s from perdure.standing;
  raise exception 'it % moved to %', case s.state when 3 then 'was' else 'is being' end, s.peer_name using errcode = 'PD003';
end
$$;

create table perdure.run (
  no       bigint   primary key,      -- in the order in which runs were made
  id       text     collate "C" not null unique,
  workflow text     collate "C" not null,
  version  integer  not null,
  session  text     collate "C",
  status   smallint not null,
  reason   text     not null,
  created  bigint   not null,
  wake_at  bigint,
  due      bigint,                    -- when a waiting run is claimable: wake_at, or 0 since it has messages
  messages bigint   not null,         -- how many were ever delivered
  queue    text     collate "C",      -- queue.name
  qkey     text     collate "C",      -- the queue's other columns are null without one
  priority integer,
  begun    bigint,                    -- when a run of a queue was first claimed
  grp      text     collate "C" not null, -- the group of workers that executes it
  seal     bytea    not null          -- of no, status, reason, wake_at, due, messages, the queue's, and grp
) with (fillfactor = 80, autovacuum_vacuum_scale_factor = 0.02);
create index run_status on perdure.run (status, no);
create index run_workflow on perdure.run (workflow, no);
create index run_session on perdure.run (session, no) where session is not null;
create index run_asking on perdure.run (no) where starts_with(reason, 'approval ');
create index run_pending on perdure.run (workflow, version, grp, no) where status = 0 and queue is null;
create index run_due on perdure.run (workflow, version, grp, due) where status = 2 and due is not null and queue is null;
create index run_queue_new on perdure.run (queue, workflow, version, grp, qkey, priority desc, no)
  where status = 0 and queue is not null and begun is null;
create index run_queue_again on perdure.run (queue, workflow, version, grp, qkey, priority desc, no)
  where status = 0 and queue is not null and begun is not null;
create index run_queue_due on perdure.run (queue, workflow, version, grp, due)
  where status = 2 and due is not null and queue is not null;
create index run_queue_running on perdure.run (queue, qkey) where status = 1 and queue is not null;
create index run_queue_begun on perdure.run (queue, begun) where queue is not null and begun is not null;
create sequence perdure.run_no;

create function perdure.seal_run(r perdure.run) returns bytea language sql stable as $$
  select perdure.seal('run', r.no::text, r.status::text, r.reason, r.wake_at::text, r.due::text, r.messages::text,
    r.queue, r.qkey, r.priority::text, r.begun::text, r.grp)
$$;

create table perdure.queue (
  name        text    collate "C" primary key,
  concurrency integer not null,       -- 0 for no limit, as with the others
  per_key     integer not null,
  rate        integer not null,
  period      bigint  not null,
  turn        text    collate "C",    -- the key that was served last
  seal        bytea   not null
);

-- Where a run's journal ends, and who may append to it. Narrow, because every append rewrites it: none of its indexed
-- columns changes then, so that the new version stays on the page (HOT). Not much room is left on pages on purpose: a page
-- whose free room is below what fillfactor asks for is tidied at every look, which costs as much as the update.
create table perdure.head (
  run      bigint  primary key,
  seq      bigint  not null,
  updated  bigint  not null,          -- time of the last entry
  epoch    bigint  not null,
  idle_seq bigint  not null,          -- idle counts only as long as this is seq
  branch   integer not null,
  idle     integer not null,          -- claims since that entry
  clean    boolean not null,          -- released by its holder, so that the next claim is not an idle one
  digest   bytea   not null,
  holder   text    collate "C",       -- worker.id
  seal     bytea   not null           -- of run, epoch, idle_seq, idle, clean, holder; the rest follows from the entries
) with (fillfactor = 90, autovacuum_vacuum_scale_factor = 0.02);
create index head_held on perdure.head (holder) where holder is not null;

create function perdure.seal_head(h perdure.head) returns bytea language sql stable as $$
  select perdure.seal('head', h.run::text, h.epoch::text, h.idle_seq::text, h.idle::text, h.clean::text, h.holder)
$$;

-- The names of all runs ever started, but for those pruned: a run whose other rows are all gone is still missed by name.
create table perdure.register (
  no   bigint primary key,
  id   text   collate "C" not null,
  seal bytea  not null
);

create table perdure.entry (
  run    bigint  not null,            -- run.no
  seq    bigint  not null,
  pos    bigint  not null,            -- place in the order of commits: batch, chain, place in the batch
  branch integer not null,
  body   bytea   not null,
  digest bytea   not null,
  data   bytea   not null,
  primary key (run, branch, seq)
);
-- Payloads are compressed before they come here.
alter table perdure.entry alter column data set storage external;

-- What is left of runs that were pruned. Their rows in run, head and register are gone.
create table perdure.pruned (
  no       bigint   primary key,      -- run.no
  id       text     collate "C" not null unique,
  workflow text     collate "C" not null,
  status   smallint not null,         -- how it ended
  entries  bigint   not null,
  digest   bytea    not null,         -- of its last entry
  ended    bigint   not null,
  pruned   bigint   not null,
  who      text     not null,
  seal     bytea    not null
);

-- What is left of entries of pruned runs: 40 bytes for each, entry.pos and entry.digest, in the order of sequences.
create table perdure.link (
  run   bigint not null,
  first bigint not null,              -- sequence of the first of them
  links bytea  not null,
  primary key (run, first)
);
alter table perdure.link alter column links set storage external;

-- Pruned runs of which entries or messages are still there.
create table perdure.unswept (
  run bigint primary key
);

-- Numbers the batches. Drawn while the batch's chain is locked, so that a chain's batches are numbered in its order.
create sequence perdure.batch;

-- The heads over everything committed, kept apart from the entries. A batch goes to whichever chain is free.
create table perdure.chain (
  no      integer primary key,
  batches bigint  not null,
  entries bigint  not null,
  digest  bytea   not null            -- SHA-256(digest before, number of the batch, digests of its entries)
);
insert into perdure.chain select no, 0, 0, decode(repeat('00', 32), 'hex') from generate_series(0, 15) as no;

-- Counts what may give a worker something to do; several rows, so that nobody waits for a row.
create table perdure.change (
  no    integer primary key,
  count bigint  not null,
  seal  bytea   not null
);
insert into perdure.change select no, 0, perdure.seal('change', no::text, '0') from generate_series(0, 15) as no;

create table perdure.shared (
  digest     bytea   primary key,
  codec      integer not null,
  raw_length integer not null,
  bytes      bytea   not null
);
alter table perdure.shared alter column bytes set storage external;

create table perdure.inbox (
  run      bigint not null,
  no       bigint not null,           -- 1, 2, 3... without gaps in each run
  id       text   collate "C" not null,
  kind     text   not null,
  name     text   not null,
  body     text   not null,           -- emptied when consumed
  sent     bigint not null,
  consumed bigint,                    -- sequence of the entry that consumed it
  seal     bytea  not null,
  primary key (run, no),
  unique (run, id)
) with (autovacuum_vacuum_scale_factor = 0.02);
create index inbox_waiting on perdure.inbox (run, no) where consumed is null;
create index inbox_cancel on perdure.inbox (run) where consumed is null and kind = 'cancel';

create function perdure.seal_message(i perdure.inbox) returns bytea language sql stable as $$
  select perdure.seal(
    'inbox', i.run::text, i.no::text, i.id, i.kind, i.name, i.body, i.sent::text, i.consumed::text)
$$;

create table perdure.worker (
  id            text   collate "C" primary key,
  host          text   not null,
  pid           bigint not null,
  process_start bigint not null,
  lease_until   bigint not null,
  since         bigint not null,
  serves        text   not null,      -- see Serves
  seal          bytea  not null
);

create function perdure.seal_worker(w perdure.worker) returns bytea language sql stable as $$
  select perdure.seal('worker', w.id, w.host, w.pid::text, w.process_start::text, w.lease_until::text,
    w.since::text, w.serves)
$$;

create table perdure.artifact (
  no      bigint generated always as identity primary key,
  digest  bytea  unique,              -- null while it is being written
  size    bigint not null,
  touched bigint,                     -- when its last piece came, while it is being written
  seal    bytea  not null
);

create function perdure.seal_artifact(a perdure.artifact) returns bytea language sql stable as $$
  select perdure.seal('artifact', a.no::text, encode(a.digest, 'hex'), a.size::text, a.touched::text)
$$;

create table perdure.artifact_piece (
  artifact bigint  not null,
  piece    integer not null,
  bytes    bytea   not null,
  primary key (artifact, piece)
);
alter table perdure.artifact_piece alter column bytes set storage external;

-- Tells that there may be something new to claim or to read. Never waits for another who tells it too. What is told, such as
-- a signal or what a person decided, is durable once it is acknowledged, as entries are.
create function perdure.changed() returns void language plpgsql as $$
declare
  free integer;
begin
  if current_setting('synchronous_commit') = 'off' then
    perform perdure.be_durable();
  end if;
  select no into free from perdure.change order by no limit 1 for update skip locked;
  update perdure.change set count = count + 1, seal = perdure.seal('change', no::text, (count + 1)::text)
    where no = coalesce(free, pg_backend_pid() % 16);
end
$$;

-- Shows a run in another status. Whoever calls it holds the row of head. Messages up to p_seen do not make it due. p_begun
-- is when it is claimed: that of a queue's first claim is kept.
create function perdure.show(p_run bigint, p_status smallint, p_reason text, p_wake_at bigint, p_seen bigint, p_begun bigint default null)
returns void
language plpgsql as $$
declare
  r perdure.run;
begin
  select * into strict r from perdure.run where no = p_run for update;
  if r.seal <> perdure.seal_run(r) then
    raise exception 'run %', p_run using errcode = 'PD001';
  end if;
  r.status := p_status;
  r.reason := p_reason;
  r.wake_at := p_wake_at;
  r.due := case when p_status <> 2 then null
    when exists (select from perdure.inbox i where i.run = p_run and i.consumed is null and i.no > p_seen) then 0
    else p_wake_at end;
  r.begun := case when r.queue is null then null else coalesce(r.begun, p_begun) end;
  update perdure.run set status = r.status, reason = r.reason, wake_at = r.wake_at, due = r.due, begun = r.begun,
    seal = perdure.seal_run(r) where no = p_run;
end
$$;

-- Ends the lease of a run. Whoever calls it holds the row.
create function perdure.free(p_run bigint, p_clean boolean) returns void language plpgsql as $$
declare
  h perdure.head;
begin
  select * into strict h from perdure.head where run = p_run for update;
  if h.seal <> perdure.seal_head(h) then
    raise exception 'run %', p_run using errcode = 'PD001';
  end if;
  h.holder := null;
  h.clean := p_clean;
  update perdure.head set holder = null, clean = h.clean, seal = perdure.seal_head(h) where run = p_run;
end
$$;

-- Gives runs to a worker, if its lease is not over: those of which this is still right, which are returned. Whoever calls
-- it has locked the heads. To be executed, and then shown as running; or for an operator's act, whatever the status. Those of
-- queues begin by it, unless they are to be cancelled before they do.
--
-- Each row is found by its key: a plan that begins with a status would look at all runs that wait. Rows of the run index
-- are locked in the order of ids, as `append` does it.
create function perdure.hold(p_runs bigint[], p_worker text, p_execute boolean, p_begins boolean, p_now bigint)
returns bigint[] language plpgsql
set enable_seqscan = off as $$
declare
  h perdure.head;
  r perdure.run;
  held bigint[] := '{}';
begin
  perform from perdure.worker w where w.id = p_worker and w.lease_until > perdure.clock() for key share;
  if not found then
    return held;
  end if;
  for r in select * from perdure.run where no = any (p_runs) order by id for update loop
    if p_execute and not (r.status in (0, 1) or r.status = 2 and coalesce(r.due <= p_now, false)) then
      continue;
    end if;
    select * into strict h from perdure.head where run = r.no;
    if r.seal <> perdure.seal_run(r) or h.seal <> perdure.seal_head(h)
        or exists (select from perdure.worker w where w.id = h.holder and w.lease_until > perdure.clock()) then
      continue;
    end if;
    -- An idle claim is counted unless the last holder released the run cleanly; entries written since count it anew.
    h.idle := case when not p_execute then 0
      else case when h.seq = h.idle_seq then h.idle else 0 end + case when h.clean then 0 else 1 end end;
    h.idle_seq := h.seq;
    h.clean := false;
    h.holder := p_worker;
    h.epoch := h.epoch + 1;
    update perdure.head set epoch = h.epoch, holder = h.holder, idle = h.idle, idle_seq = h.idle_seq, clean = h.clean,
      seal = perdure.seal_head(h) where run = r.no;
    if p_execute then
      perform perdure.show(r.no, 1::smallint, '', null, 0, case when p_begins then p_now end);
    end if;
    held := held || r.no;
  end loop;
  return held;
end
$$;

-- Committed means durable, whatever the role or the database is set to; what is stricter than "on" stays.
create function perdure.be_durable() returns void language plpgsql as $$
begin
  perform set_config('synchronous_commit', 'on', true);
end
$$;

-- Takes a chain until the end of the transaction: the one asked for, or another that is free.
--
-- A verification takes all of them for an instant, so that no batch is under way: see VerifySnapshot.
create function perdure.take_chain(p_chain integer) returns integer language plpgsql as $$
declare
  c integer;
begin
  for c in p_chain .. p_chain + 15 loop
    if pg_try_advisory_xact_lock('perdure.chain'::regclass::oid::integer, c & 15) then
      return c & 15;
    end if;
  end loop;
  perform pg_advisory_xact_lock('perdure.chain'::regclass::oid::integer, p_chain);
  return p_chain;
end
$$;

-- The runs of a queue whose turn it is, within its limits: their heads are locked, and so is the queue, until the end of the
-- transaction. None if another claim has locked it: that one hands its runs out.
--
-- Keys take turns by walking around an index of (key, priority): a step to the next key costs a search, not a look at the
-- runs that wait. In collation "C" the least text above t is t || chr(1).
create function perdure.pick(
  p_queue text, p_workflows text[], p_versions integer[], p_groups text[], p_limit integer, p_now bigint)
returns bigint[] language plpgsql
set enable_seqscan = off as $$
declare
  q perdure.queue;
  places bigint := p_limit;
  beginnings bigint := p_limit;
  turn text;
  served text;
  found_key text;
  found_run bigint;
  picked bigint[] := '{}';
  picked_keys text[] := '{}';
  again boolean := true;              -- first those that have begun before
  busy boolean := true;
begin
  select * into q from perdure.queue where name = p_queue for update skip locked;
  if not found then
    return picked;
  end if;
  if q.concurrency > 0 then
    places := least(places, q.concurrency - (select count(*) from perdure.run r where r.queue = p_queue and r.status = 1));
  end if;
  if q.rate > 0 then
    beginnings := q.rate - (select count(*) from (select from perdure.run r
      where r.queue = p_queue and r.begun is not null and r.begun > p_now - q.period limit q.rate) b);
  end if;
  turn := q.turn;
  served := q.turn;
  while cardinality(picked) < places and (again or beginnings > 0) loop
    if again then
      select min(k.qkey) into found_key from unnest(p_workflows, p_versions, p_groups) as w(workflow, version, grp)
        cross join lateral (select r.qkey from perdure.run r
          where r.queue = p_queue and r.workflow = w.workflow and r.version = w.version and r.grp = w.grp and r.status = 0
            and r.begun is not null and r.qkey >= coalesce(turn || chr(1), '') order by r.qkey limit 1) k;
    else
      select min(k.qkey) into found_key from unnest(p_workflows, p_versions, p_groups) as w(workflow, version, grp)
        cross join lateral (select r.qkey from perdure.run r
          where r.queue = p_queue and r.workflow = w.workflow and r.version = w.version and r.grp = w.grp and r.status = 0
            and r.begun is null and r.qkey >= coalesce(turn || chr(1), '') order by r.qkey limit 1) k;
    end if;
    if found_key is null then
      if busy then                    -- once around again, from the first key on
        busy := false;
        turn := null;
      elsif again then
        again := false;
        busy := true;
        turn := served;
      else
        exit;
      end if;
      continue;
    end if;
    turn := found_key;
    if q.per_key > 0 and (select count(*) from perdure.run r where r.queue = p_queue and r.status = 1 and r.qkey = found_key)
        + (select count(*) from unnest(picked_keys) as p(key) where p.key = found_key) >= q.per_key then
      continue;
    end if;
    if again then
      select c.no into found_run from unnest(p_workflows, p_versions, p_groups) as w(workflow, version, grp)
        cross join lateral (select r.no, r.priority from perdure.run r join perdure.head h on h.run = r.no
          where r.queue = p_queue and r.workflow = w.workflow and r.version = w.version and r.grp = w.grp and r.status = 0
            and r.begun is not null and r.qkey = found_key and r.no <> all (picked)
            and not exists (select from perdure.worker k where k.id = h.holder and k.lease_until > perdure.clock())
          order by r.priority desc, r.no limit 1 for update of h skip locked) c
        order by c.priority desc, c.no limit 1;
    else
      select c.no into found_run from unnest(p_workflows, p_versions, p_groups) as w(workflow, version, grp)
        cross join lateral (select r.no, r.priority from perdure.run r join perdure.head h on h.run = r.no
          where r.queue = p_queue and r.workflow = w.workflow and r.version = w.version and r.grp = w.grp and r.status = 0
            and r.begun is null and r.qkey = found_key and r.no <> all (picked)
            and not exists (select from perdure.worker k where k.id = h.holder and k.lease_until > perdure.clock())
          order by r.priority desc, r.no limit 1 for update of h skip locked) c
        order by c.priority desc, c.no limit 1;
    end if;
    if found_run is not null then
      picked := picked || found_run;
      picked_keys := picked_keys || found_key;
      served := found_key;
      busy := true;
      if not again then
        beginnings := beginnings - 1;
      end if;
    end if;
  end loop;
  if served is distinct from q.turn then
    update perdure.queue set turn = served, seal = perdure.seal('queue', q.name, q.concurrency::text, q.per_key::text,
      q.rate::text, q.period::text, served) where name = p_queue;
  end if;
  return picked;
end
$$;

-- Puts a message into a run's inbox and makes a waiting run due. False: one with this id was delivered before; null: there is
-- no such run.
create function perdure.send(p_run text, p_id text, p_kind text, p_name text, p_body text, p_sent bigint) returns boolean
language plpgsql
set enable_seqscan = off as $$
declare
  r perdure.run;
begin
  select * into r from perdure.run where id = p_run for update;
  if not found then
    return null;
  end if;
  if r.seal <> perdure.seal_run(r) then
    raise exception 'run %', r.no using errcode = 'PD001';
  end if;
  if exists (select from perdure.inbox i where i.run = r.no and i.id = p_id) then
    return false;
  end if;
  r.messages := r.messages + 1;
  r.due := case when r.status = 2 then 0 else r.due end;
  insert into perdure.inbox (run, no, id, kind, name, body, sent, seal)
    values (r.no, r.messages, p_id, p_kind, p_name, p_body, p_sent, perdure.seal(
      'inbox', r.no::text, r.messages::text, p_id, p_kind, p_name, p_body, p_sent::text, null));
  update perdure.run set messages = r.messages, due = r.due, seal = perdure.seal_run(r) where no = r.no;
  return true;
end
$$;

-- Commits one append of one entry that does nothing else: most steps of a run that is alone. As `append` does it, in plain
-- statements by key. Returns the number of the run, or null.
--
-- p_no: the number of the run, if the caller knows it. Nothing rests on it: in another run's head is another digest.
create function perdure.append_one(
  p_chain integer, p_run text, p_no bigint, p_branch integer, p_epoch bigint, p_expected bytea, p_seq bigint, p_time bigint,
  p_body bytea, p_digest bytea, p_data bytea
) returns bigint language plpgsql
-- By keys, whatever the statistics of tables that have just been filled say.
set enable_seqscan = off as $$
declare
  free integer := p_chain;
  base bigint;
begin
  if current_setting('synchronous_commit') = 'off' then
    perform perdure.be_durable();
  end if;
  if p_no is null then
    select r.no into p_no from perdure.run r where r.id = p_run;
  end if;
  update perdure.head h set seq = p_seq, digest = p_digest, updated = p_time
    where h.run = p_no and h.epoch = p_epoch and h.digest = p_expected and h.branch = p_branch and h.seq = p_seq - 1;
  if not found then
    return null;
  end if;
  if not pg_try_advisory_xact_lock('perdure.chain'::regclass::oid::integer, free) then
    free := perdure.take_chain(p_chain);
  end if;
  base := (nextval('perdure.batch') << 22) | (free::bigint << 18);
  update perdure.chain c set batches = c.batches + 1, entries = c.entries + 1,
    digest = sha256(c.digest || int8send(base) || p_digest) where c.no = free;
  insert into perdure.entry (run, seq, pos, branch, body, digest, data)
    values (p_no, p_seq, base, p_branch, p_body, p_digest, p_data);
  return p_no;
end
$$;

-- Commits a batch of appends: one call is one round trip, and with autocommit also the commit.
--
-- p_: one element per append, in the order of run ids, in which all batches lock heads. The others have elements for the
-- appends that need them, which name theirs by its place from 1 on: e_ entries in order, c_ runs to be made, x_ changes
-- of the run index, m_ messages consumed, n_ messages sent to other runs, s_ shared leaves.
--
-- Locks are taken in one order, so that two batches whose runs write to each other do not lock each other out: heads, then
-- rows of the run index, both by id; then the counter of changes, then a chain.
--
-- p_nos: the numbers of the runs, null where the caller does not know it; see append_one.
--
-- Returns for each append the number of its run, or null if its conditions do not hold; nothing of those is written. If a
-- message is not there, everything is undone (PD002); also if a run that gets a signal or an update has more than 10,000
-- messages then that it has not taken (PD004; see RunStore.MAX_WAITING).
create function perdure.append(
  p_chain integer, p_runs text[], p_nos bigint[], p_branches integer[], p_epochs bigint[], p_expected bytea[], p_firsts bigint[],
  p_lasts bigint[], p_heads bytea[], p_times bigint[],
  e_append integer[], e_seq bigint[], e_body bytea[], e_digest bytea[], e_data bytea[],
  c_append integer[] default null, c_workflow text[] default null, c_version integer[] default null,
  c_session text[] default null, c_holder text[] default null, c_created bigint[] default null,
  x_append integer[] default null, x_status smallint[] default null, x_reason text[] default null,
  x_wake_at bigint[] default null, x_release boolean[] default null,
  m_append integer[] default null, m_id text[] default null,
  s_append integer[] default null, s_digest bytea[] default null, s_codec integer[] default null,
  s_raw_length integer[] default null, s_bytes bytea[] default null,
  n_append integer[] default null, n_run text[] default null, n_id text[] default null, n_kind text[] default null,
  n_name text[] default null, n_body text[] default null, n_sent bigint[] default null,
  c_queue text[] default null, c_key text[] default null, c_priority integer[] default null,
  c_group text[] default null
) returns bigint[] language plpgsql
-- Rows are looked up by keys in the order of the arrays, whatever statistics of tables that have just been filled say;
-- and plans are made once.
set plan_cache_mode = force_generic_plan set enable_seqscan = off set enable_hashjoin = off set enable_mergejoin = off
as $$
declare
  nos bigint[];
  moved bigint[];
  places integer[];
  made bigint[];
  gone text[];
  damaged bigint;
  done integer;
  i integer;
  free integer;
  base bigint;
  bounded text[] := '{}';
begin
  if current_setting('synchronous_commit') = 'off' then
    perform perdure.be_durable();
  end if;

  if array_position(p_nos, null) is not null then
    select array_agg(coalesce(a.no, r.no) order by a.i) into p_nos
      from unnest(p_runs, p_nos) with ordinality as a(id, no, i) left join perdure.run r on r.id = a.id and a.no is null;
  end if;

  -- The fence. A row that somebody else had locked is looked at again as it is then.
  with m as (
    update perdure.head h set seq = a.last, digest = a.head, updated = a.time
      from unnest(p_nos, p_branches, p_epochs, p_expected, p_firsts, p_lasts, p_heads, p_times) with ordinality
          as a(no, branch, epoch, expected, first, last, head, time, i)
      where h.run = a.no and h.epoch = a.epoch and h.digest = a.expected
        and h.branch = a.branch and h.seq = a.first - 1
      returning a.i, h.run)
  select array_agg(m.run order by m.i), array_agg(m.i order by m.i) into nos, places from m;

  if cardinality(nos) is distinct from cardinality(p_runs) then -- some were not moved
    moved := nos;
    nos := array_fill(null::bigint, array[cardinality(p_runs)]);
    for i in 1 .. coalesce(cardinality(places), 0) loop
      nos[places[i]] := moved[i];
    end loop;
  end if;

  if c_append is not null then
    insert into perdure.worker (id, host, pid, process_start, lease_until, since, serves, seal)
      select n.holder, '', 0, 0, 0, 0, '', perdure.seal('worker', n.holder, '', '0', '0', '0', '0', '')
      from (select distinct holder from unnest(c_holder) as u(holder) where holder is not null order by 1) n
      on conflict (id) do nothing;
    select array_agg(nextval('perdure.run_no') order by n.i) into made from generate_series(1, cardinality(c_append)) as n(i);
    with r as (
      insert into perdure.run
          (no, id, workflow, version, session, status, reason, created, wake_at, due, messages,
          queue, qkey, priority, begun, grp, seal)
        select c.no, p_runs[c.append], c.workflow, c.version, c.session, c.status, '', c.created,
          null, null, 0, c.queue, c.key, c.priority, null, c.grp,
          perdure.seal('run', c.no::text, c.status::text, '', null, null, '0', c.queue, c.key, c.priority::text, null, c.grp)
        from (select u.no, u.append, u.workflow, u.version, u.session, u.created, u.queue, u.key, u.priority,
            coalesce(u.grp, 'default') as grp, case when u.holder is null then 0 else 1 end::smallint as status
          from unnest(made, c_append, c_workflow, c_version, c_session, c_holder, c_created, c_queue, c_key, c_priority, c_group)
            as u(no, append, workflow, version, session, holder, created, queue, key, priority, grp)) c
        on conflict (id) do nothing returning no)
    select array_agg(r.no) into moved from r;
    if cardinality(moved) is distinct from cardinality(made) then -- some ids were taken
      select array_agg(case when u.no = any(moved) then u.no end order by u.i) into made
        from unnest(made) with ordinality as u(no, i);
    end if;
    -- Ids of pruned runs stay taken. Looked at here, because the insertion may have waited for a run to be pruned.
    select array_agg(p.id) into gone from perdure.pruned p
      where p.id = any(array(select p_runs[c.append] from unnest(c_append) as c(append)));
    if gone is not null then
      delete from perdure.run r where r.no = any(made) and r.id = any(gone);
      select array_agg(case when p_runs[u.append] <> all(gone) then u.no end order by u.i) into made
        from unnest(made, c_append) with ordinality as u(no, append, i);
    end if;
    insert into perdure.register (no, id, seal)
      select u.no, p_runs[u.append], perdure.seal('register', u.no::text, p_runs[u.append])
      from unnest(made, c_append) as u(no, append) where u.no is not null;
    insert into perdure.head
        (run, branch, seq, digest, updated, epoch, holder, idle, idle_seq, clean, seal)
      select c.no, p_branches[c.append], p_lasts[c.append], p_heads[c.append], p_times[c.append], c.epoch, c.holder, 0, 0, false,
        perdure.seal('head', c.no::text, c.epoch::text, '0', '0', 'false', c.holder)
      from (select u.no, u.append, u.holder, case when u.holder is null then 0 else 1 end as epoch
        from unnest(made, c_append, c_holder) as u(no, append, holder)) c where c.no is not null;
    for i in 1 .. cardinality(c_append) loop
      if made[i] is not null then
        nos[c_append[i]] := made[i];
      end if;
    end loop;
  end if;

  if array_position(nos, null) is not null then
    if not exists (select from unnest(nos) as n where n is not null) then
      return nos;
    end if;
    select array_agg(e.append order by e.i), array_agg(e.seq order by e.i), array_agg(e.body order by e.i),
        array_agg(e.digest order by e.i), array_agg(e.data order by e.i)
      into e_append, e_seq, e_body, e_digest, e_data
      from unnest(e_append, e_seq, e_body, e_digest, e_data) with ordinality as e(append, seq, body, digest, data, i)
      where nos[e.append] is not null;
  end if;

  if m_append is not null then
    for i in 1 .. cardinality(m_append) loop
      update perdure.inbox n set body = '', consumed = p_lasts[m_append[i]],
          seal = perdure.seal('inbox', n.run::text, n.no::text, n.id, n.kind, n.name, '', n.sent::text,
            p_lasts[m_append[i]]::text)
        where n.run = nos[m_append[i]] and n.id = m_id[i] and n.consumed is null;
      if not found and nos[m_append[i]] is not null then
        raise exception 'run %', nos[m_append[i]] using errcode = 'PD002';
      end if;
    end loop;
  end if;

  if s_append is not null then
    insert into perdure.shared (digest, codec, raw_length, bytes)
      select s.digest, s.codec, s.raw_length, s.bytes
      from unnest(s_append, s_digest, s_codec, s_raw_length, s_bytes) as s(append, digest, codec, raw_length, bytes)
      where nos[s.append] is not null order by s.digest
      on conflict (digest) do nothing;
  end if;

  -- Whoever waits must not miss a message that is being sent: what is read of the inbox is read after these locks.
  if n_append is not null or 2 = any(x_status) then
    perform from perdure.run r
      where r.id = any(n_run || (select array_agg(p_runs[x.append]) from unnest(x_append) as x(append)))
      order by r.id for update;
  end if;

  -- As `show` and `free` do it, for all of them.
  if x_append is not null then
    update perdure.run r set status = c.status, reason = c.reason, wake_at = c.wake_at, due = c.due,
        seal = perdure.seal('run', r.no::text, c.status::text, c.reason, c.wake_at::text, c.due::text, r.messages::text,
          r.queue, r.qkey, r.priority::text, r.begun::text, r.grp)
      from (select nos[x.append] as no, x.status, x.reason, x.wake_at,
          case when x.status <> 2 then null
            when exists (select from perdure.inbox i where i.run = nos[x.append] and i.consumed is null) then 0
            else x.wake_at end as due
        from unnest(x_append, x_status, x_reason, x_wake_at) as x(append, status, reason, wake_at)) c
      where r.no = c.no and r.seal = perdure.seal_run(r);
    get diagnostics done = row_count;
    if done <> (select count(nos[x.append]) from unnest(x_append) as x(append)) then
      select nos[x.append] into damaged from unnest(x_append) as x(append) where nos[x.append] is not null
        and not exists (select from perdure.run r where r.no = nos[x.append] and r.seal = perdure.seal_run(r)) limit 1;
      raise exception 'run %', damaged using errcode = 'PD001';
    end if;
    update perdure.head h set holder = null, clean = true,
        seal = perdure.seal('head', h.run::text, h.epoch::text, h.idle_seq::text, h.idle::text, 'true', null)
      from unnest(x_append, x_release) as x(append, release)
      where x.release and h.run = nos[x.append] and h.seal = perdure.seal_head(h);
    get diagnostics done = row_count;
    if done <> (select count(nos[x.append]) from unnest(x_append, x_release) as x(append, release) where x.release) then
      select nos[x.append] into damaged from unnest(x_append, x_release) as x(append, release)
        where x.release and nos[x.append] is not null
          and not exists (select from perdure.head h where h.run = nos[x.append] and h.seal = perdure.seal_head(h)) limit 1;
      raise exception 'run %', damaged using errcode = 'PD001';
    end if;
  end if;

  if n_append is not null then
    for i in 1 .. cardinality(n_append) loop
      if nos[n_append[i]] is not null then
        if perdure.send(n_run[i], n_id[i], n_kind[i], n_name[i], n_body[i], n_sent[i])
            and n_kind[i] in ('signal', 'update') and not n_run[i] = any(bounded) then
          bounded := bounded || n_run[i];
        end if;
      end if;
    end loop;
    for i in 1 .. cardinality(bounded) loop
      if 10000 < (select count(*) from (select from perdure.run r join perdure.inbox n on n.run = r.no
          where r.id = bounded[i] and n.consumed is null limit 10001) waiting) then
        raise exception '%', bounded[i] using errcode = 'PD004';
      end if;
    end loop;
  end if;

  if c_append is not null or x_append is not null or n_append is not null then
    perform perdure.changed();
  end if;

  free := perdure.take_chain(p_chain);
  base := (nextval('perdure.batch') << 22) | (free::bigint << 18);
  update perdure.chain c set batches = c.batches + 1, entries = c.entries + cardinality(e_append),
      digest = sha256(c.digest || int8send(base)
        || (select string_agg(e.digest, '' order by e.i) from unnest(e_digest) with ordinality as e(digest, i)))
    where c.no = free;
  insert into perdure.entry (run, seq, pos, branch, body, digest, data)
    select nos[e.append], e.seq, base | (e.i - 1), p_branches[e.append], e.body, e.digest, e.data
    from unnest(e_append, e_seq, e_body, e_digest, e_data) with ordinality as e(append, seq, body, digest, data, i);
  return nos;
end
$$;

-- Removes entries and messages that pruned runs left, at most p_limit: the last entries first, so that what is there can be
-- verified, since entries refer to those before them. Runs that somebody else is at are left to them.
create function perdure.sweep(p_limit integer) returns integer language plpgsql
set enable_seqscan = off set enable_hashjoin = off set enable_mergejoin = off as $$
declare
  u record;
  done integer := 0;
  part integer;
begin
  for u in select s.run from perdure.unswept s order by s.run limit p_limit for update skip locked loop
    with gone as (
      delete from perdure.entry e
        using (select k.branch, k.seq from perdure.entry k where k.run = u.run order by k.branch desc, k.seq desc
          limit p_limit - done) k
        where e.run = u.run and e.branch = k.branch and e.seq = k.seq
        returning e.seq, e.pos, e.digest),
    kept as (
      insert into perdure.link (run, first, links)
        select u.run, min(g.seq), string_agg(int8send(g.pos) || g.digest, '' order by g.pos) from gone g having count(*) > 0)
    select count(*) into part from gone;
    done := done + part;
    if done < p_limit then
      delete from perdure.inbox i
        using (select m.no from perdure.inbox m where m.run = u.run order by m.no limit p_limit - done) m
        where i.run = u.run and i.no = m.no;
      get diagnostics part = row_count;
      done := done + part;
    end if;
    exit when done >= p_limit;
    delete from perdure.unswept s where s.run = u.run;
  end loop;
  return done;
end
$$;

insert into perdure.format values (1, 1);
