-- The event path: events in partitions by the day of their id, dead letters, imports, gaps, consumers.

-- The owner is held to row-level security too; what is moved here is every tenant's.
select set_config('rlaas.tenants', (select coalesce(array_agg(id), '{}')::text from rlaas.tenants), true);

-- What a batch holds beside its rows: whose they are, so that a new consumer can be given what was before it.
alter table rlaas.ingest_batches add column tenants uuid[] not null default '{}';
update rlaas.ingest_batches b
set tenants = coalesce((select array_agg(distinct e.tenant_id) from rlaas.events e where e.batch_id = b.id), '{}');

-- The number of a batch is drawn before its rows are counted.
grant usage on sequence rlaas.ingest_batches_id_seq to rlaas_worker;

alter table rlaas.events rename to events_before;
alter table rlaas.events_before rename constraint events_pkey to events_before_pkey;
alter index rlaas.events_by_decision rename to events_before_by_decision;
alter index rlaas.events_by_batch rename to events_before_by_batch;

-- A UUIDv7 begins with its millisecond, so the same id always falls into the same partition, and the primary key is
-- exact over all of them. No references to other tables: checking them for each row costs more than the row itself.
create table rlaas.events (
  tenant_id uuid not null,
  id uuid not null,
  type text not null,
  schema_version smallint not null,
  occurred_at timestamptz not null,
  received_at timestamptz not null,
  policy text,
  decision_id uuid,
  external_id text,
  episode_id text,
  subject bytea,
  source text not null,
  data jsonb not null,
  fingerprint uuid not null,
  batch_id bigint not null,
  ordinal integer not null,
  import_id uuid,
  primary key (tenant_id, id)
) partition by range (id);
comment on table rlaas.events is 'What was accepted, once for each tenant and id. Rows never change.';
comment on column rlaas.events.decision_id is 'The decision that it is about; for a decision its own id.';
comment on column rlaas.events.subject is 'HMAC-SHA-256 of the person it is about, under the tenant''s subject key.';
comment on column rlaas.events.fingerprint is
  'First half of the SHA-256 of what the sender wrote: tells a repeated event from another one with the same id.';
comment on column rlaas.events.ordinal is 'Place in its batch, from 1.';
create index events_by_decision on rlaas.events (tenant_id, decision_id) where decision_id is not null;
create index events_by_batch on rlaas.events (batch_id, tenant_id);
create index events_by_external_id on rlaas.events (tenant_id, policy, external_id) where external_id is not null;
create index events_by_episode on rlaas.events (tenant_id, policy, episode_id) where episode_id is not null;
create index events_by_import on rlaas.events (tenant_id, import_id) where import_id is not null;

-- The list of tenants is read once for a statement, not once for each row.
alter table rlaas.events enable row level security;
alter table rlaas.events force row level security;
create policy of_tenant on rlaas.events using (tenant_id = any ((select rlaas.current_tenants())::uuid[]));
grant select on rlaas.events to rlaas_api;
grant select, insert on rlaas.events to rlaas_worker;

-- The least id of a day (UTC).
create function rlaas.first_id_of(day date) returns uuid
  language sql immutable strict set search_path = pg_catalog, pg_temp
  as $$
    select (lpad(to_hex((extract(epoch from day::timestamp at time zone 'UTC') * 1000)::bigint), 12, '0')
            || repeat('0', 20))::uuid
  $$;

-- Makes the partition of a day beside the table and attaches it then: a plain PARTITION OF would lock out everybody.
-- The check spares the attaching a look at the rows; partitions have no grants of their own.
create function rlaas.make_event_partition(day date) returns void
  language plpgsql set search_path = pg_catalog, pg_temp
  as $$
  declare
    name text := 'events_' || to_char(day, 'YYYYMMDD');
    low uuid := rlaas.first_id_of(day);
    high uuid := rlaas.first_id_of(day + 1);
  begin
    execute format('create table rlaas.%I (like rlaas.events including all)', name);
    execute format('alter table rlaas.%I enable row level security', name);
    execute format('alter table rlaas.%I force row level security', name);
    execute format('alter table rlaas.%I add constraint within_day check (id >= %L and id < %L)', name, low, high);
    execute format('alter table rlaas.events attach partition rlaas.%I for values from (%L) to (%L)', name, low, high);
    execute format('alter table rlaas.%I drop constraint within_day', name);
  end
  $$;

-- The days that have a partition.
create function rlaas.event_partitions() returns table (day date)
  language sql stable set search_path = pg_catalog, pg_temp
  as $$
    select to_date(right(c.relname, 8), 'YYYYMMDD')
    from pg_inherits i join pg_class c on c.oid = i.inhrelid
    where i.inhparent = 'rlaas.events'::regclass and c.relname ~ '^events_\d{8}$'
    order by 1
  $$;

-- Makes what is missing from the oldest day that there is (at first 14 days ago) to some days ahead. Services may
-- call it and no more than this: they hold no rights of the owner.
create function rlaas.make_event_partitions(days_ahead integer) returns integer
  language plpgsql security definer set search_path = pg_catalog, pg_temp set lock_timeout = '3s'
  as $$
  declare
    today date := (now() at time zone 'UTC')::date;
    first date := coalesce((select min(p.day) from rlaas.event_partitions() p), today - 14);
    last date := today + least(greatest(days_ahead, 1), 31);
    missing date;
    made integer := 0;
  begin
    perform pg_advisory_xact_lock(7202611220003);
    for missing in
      select first + n from generate_series(0, last - first) n
      except select p.day from rlaas.event_partitions() p order by 1
    loop
      perform rlaas.make_event_partition(missing);
      made := made + 1;
    end loop;
    return made;
  end
  $$;
revoke all on function rlaas.make_event_partition(date), rlaas.make_event_partitions(integer) from public;
grant execute on function rlaas.make_event_partitions(integer) to rlaas_worker;

-- What is there already, in the days that it is of.
do $$
declare
  old date;
begin
  perform rlaas.make_event_partitions(7);
  for old in
    select distinct (to_timestamp(('x' || left(replace(id::text, '-', ''), 12))::bit(48)::bigint / 1000.0) at time zone 'UTC')::date
    from rlaas.events_before
    except select p.day from rlaas.event_partitions() p
  loop
    perform rlaas.make_event_partition(old);
  end loop;
  insert into rlaas.events (tenant_id, id, type, schema_version, occurred_at, received_at, policy, decision_id, source,
                            data, fingerprint, batch_id, ordinal)
  select tenant_id, id, type, schema_version, occurred_at, received_at, policy, decision_id, source, data,
         encode(fingerprint, 'hex')::uuid, batch_id, row_number() over (partition by batch_id order by tenant_id, id)
  from rlaas.events_before;
end
$$;
drop table rlaas.events_before;

create table rlaas.dead_letters (
  tenant_id uuid not null,
  id uuid not null,
  received_at timestamptz not null,
  last_received_at timestamptz not null,
  times integer not null default 1,
  event_id text,
  type text,
  code text not null,
  path text,
  message text not null,
  origin text not null check (origin in ('key', 'publishable', 'internal', 'import')),
  import_id uuid,
  event text not null,
  parsed boolean not null,
  truncated boolean not null,
  fingerprint uuid not null,
  replayed_at timestamptz,
  primary key (tenant_id, id),
  unique (tenant_id, fingerprint, code, origin)
);
comment on table rlaas.dead_letters is 'Events that were rejected, with the reason. The same one again raises "times".';
comment on column rlaas.dead_letters.event is
  'JSON as it was sent, the subject replaced by its hash; text, since it may hold what jsonb cannot.';
comment on column rlaas.dead_letters.origin is 'By what right it came: a replay has no more than that.';
create index dead_letters_by_event on rlaas.dead_letters (tenant_id, event_id) where event_id is not null;

create table rlaas.imports (
  tenant_id uuid not null references rlaas.tenants (id) on delete cascade,
  id uuid not null,
  source text not null check (length(source) between 1 and 200),
  digest text not null check (digest ~ '^[0-9a-f]{64}$'),
  id_base uuid not null,
  created_at timestamptz not null,
  completed_at timestamptz,
  primary key (tenant_id, id),
  unique (tenant_id, digest)
);
comment on table rlaas.imports is 'Histories that entered: the same digest is the same import.';
comment on column rlaas.imports.id_base is 'Ids of its events have the time of this one.';

-- Decisions of an import wait for its completion: until then their deadline is never.
alter table rlaas.rewards add column import_id uuid;
create index rewards_of_imports on rlaas.rewards (tenant_id, import_id)
  where status = 'pending' and deadline = 'infinity';
grant update (deadline) on rlaas.rewards to rlaas_worker;

do $$
declare
  t text;
begin
  foreach t in array array['dead_letters', 'imports'] loop
    execute format('alter table rlaas.%I enable row level security', t);
    execute format('alter table rlaas.%I force row level security', t);
    execute format(
      'create policy of_tenant on rlaas.%I using (tenant_id = any ((select rlaas.current_tenants())::uuid[]))', t);
  end loop;
end
$$;
grant select on rlaas.dead_letters, rlaas.imports to rlaas_api;
grant select, insert, update (times, last_received_at, replayed_at) on rlaas.dead_letters to rlaas_worker;
grant select, insert, update (completed_at) on rlaas.imports to rlaas_worker;

-- When nobody took events: written by whoever beats first after a silence.
create table rlaas.collector_heartbeats (
  replica uuid primary key,
  beat_at timestamptz not null
);
create table rlaas.ingest_gaps (
  began_at timestamptz primary key,
  ended_at timestamptz not null check (ended_at > began_at)
);
comment on table rlaas.ingest_gaps is 'Times in which no replica of the collector took events, for whoever waits for events by a deadline.';
grant select, insert, update, delete on rlaas.collector_heartbeats to rlaas_worker;
grant select, insert on rlaas.ingest_gaps to rlaas_worker;
grant select on rlaas.ingest_gaps to rlaas_api;

-- A consumer gets a delivery for every batch there ever was. The lock waits for groups that are being written and did
-- not see the new consumer, and holds back those that would begin meanwhile; so none is missed and none comes twice.
create function rlaas.register_consumer(consumer text) returns boolean
  language plpgsql security definer set search_path = pg_catalog, pg_temp set lock_timeout = '10s'
  as $$
  begin
    if consumer !~ '^[a-z][a-z0-9-]{0,62}$' then
      raise exception 'not a name of a consumer: %', consumer using errcode = 'invalid_parameter_value';
    end if;
    if exists (select from rlaas.consumers c where c.name = consumer) then
      return false;
    end if;
    lock table rlaas.ingest_batches in share row exclusive mode;
    insert into rlaas.consumers (name) values (consumer) on conflict do nothing;
    if not found then
      return false;
    end if;
    insert into rlaas.batch_deliveries (consumer, batch_id, tenant_id)
    select consumer, b.id, t from rlaas.ingest_batches b cross join unnest(b.tenants) t;
    return true;
  end
  $$;
revoke all on function rlaas.register_consumer(text) from public;
grant execute on function rlaas.register_consumer(text) to rlaas_worker;

-- The key under which a tenant's subjects are hashed, sealed with the installation's master key. Made by whoever first
-- needs it; the first one stays.
alter table rlaas.tenants add column subject_key bytea;
create policy keys_by_owner on rlaas.tenants for update to rlaas_owner using (true);
create function rlaas.keep_subject_key(tenant uuid, sealed bytea) returns bytea
  language plpgsql security definer set search_path = pg_catalog, pg_temp
  as $$
  begin
    update rlaas.tenants t set subject_key = sealed where t.id = tenant and t.subject_key is null;
    return (select t.subject_key from rlaas.tenants t where t.id = tenant);
  end
  $$;
revoke all on function rlaas.keep_subject_key(uuid, bytea) from public;
grant execute on function rlaas.keep_subject_key(uuid, bytea) to rlaas_worker;

select set_config('rlaas.tenants', '', true);
