-- Generated from roles.sql and migrations/ by "npm run generate"; do not edit.
-- Run it once, in an empty database, as a superuser:
--   psql -v ON_ERROR_STOP=1 -d <database> -f config/db/init.sql
-- then give the services a login:
--   create role rlaas_app login password '…' in role rlaas_api, rlaas_worker;
begin;

-- The three roles of an installation. They belong to the whole server, so this runs before the migrations and may run
-- any number of times. `rlaas migrate` runs it when its login may create roles; else an administrator runs it once.
-- In either case the login of `rlaas migrate` must be a member of rlaas_owner, and rlaas_owner must be allowed to
-- create a schema in the database:
--   grant rlaas_owner to <login of migrate>;
--   grant create on database <database> to rlaas_owner;
-- and the login of the services a member of the other two, and nothing more:
--   create role rlaas_app login password '…' in role rlaas_api, rlaas_worker;
do $$
declare
  wanted text;
begin
  foreach wanted in array array['rlaas_owner', 'rlaas_api', 'rlaas_worker'] loop
    if not exists (select from pg_roles where rolname = wanted) then
      begin
        execute format('create role %I nologin', wanted);
      exception when duplicate_object or unique_violation then
        -- Another migration of another database on this server was faster.
        null;
      end;
    end if;
  end loop;
end
$$;

do $$ begin execute format('grant create on database %I to rlaas_owner', current_database()); end $$;
set local role rlaas_owner;
create schema rlaas;
create table rlaas.migrations (id serial primary key, name varchar(255) not null, run_on timestamp not null);

-- 0001_tenants-and-policies

-- Everything of RLaaS lives in the schema "rlaas" and is named with it: no setting of a session is relied on.
grant usage on schema rlaas to rlaas_api, rlaas_worker;
-- So that a service can tell whether the database is as new as itself.
grant select on rlaas.migrations to rlaas_api, rlaas_worker;

-- Which tenants the current transaction may see; nothing is set outside a transaction, so nothing is seen there.
create function rlaas.current_tenants() returns uuid[]
  language sql stable parallel safe
  as $$ select nullif(current_setting('rlaas.tenants', true), '')::uuid[] $$;

create table rlaas.tenants (
  id uuid primary key,
  slug text not null unique check (slug ~ '^[a-z0-9][a-z0-9-]{0,62}$'),
  name text not null check (length(name) between 1 and 200),
  created_at timestamptz not null default now(),
  closed_at timestamptz
);
comment on table rlaas.tenants is 'Customers of the installation. Closed ones keep their rows until these are erased.';

create table rlaas.api_keys (
  id uuid primary key,
  tenant_id uuid references rlaas.tenants (id) on delete cascade,
  name text not null check (length(name) between 1 and 100),
  prefix text not null,
  hash bytea not null unique check (length(hash) = 32),
  kind text not null check (kind in ('secret', 'publishable', 'operator')),
  scopes text[] not null,
  allowed_origins text[] not null default '{}',
  created_at timestamptz not null default now(),
  expires_at timestamptz,
  revoked_at timestamptz,
  check ((kind = 'operator') = (tenant_id is null)),
  check ((kind = 'publishable') = (cardinality(allowed_origins) > 0))
);
comment on table rlaas.api_keys is 'API keys by their SHA-256; the key itself is stored nowhere.';
comment on column rlaas.api_keys.tenant_id is 'null for operator keys, which manage tenants and belong to none.';
create index api_keys_by_tenant on rlaas.api_keys (tenant_id, id);

create table rlaas.policies (
  tenant_id uuid not null references rlaas.tenants (id) on delete cascade,
  name text not null check (name ~ '^[a-z0-9][a-z0-9-]{0,62}$'),
  configuration jsonb not null,
  source text not null check (source in ('yaml', 'api', 'seed')),
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  primary key (tenant_id, name)
);

create table rlaas.policy_versions (
  tenant_id uuid not null,
  policy text not null,
  name text not null check (name ~ '^[a-z0-9][a-z0-9-]{0,62}$'),
  status text not null default 'draft'
    check (status in ('draft', 'shadow', 'canary', 'active', 'retired', 'rolled_back')),
  configuration jsonb not null,
  source text not null check (source in ('yaml', 'api', 'seed')),
  created_at timestamptz not null default now(),
  primary key (tenant_id, policy, name),
  foreign key (tenant_id, policy) references rlaas.policies (tenant_id, name) on delete cascade
);
comment on table rlaas.policy_versions is 'Immutable but for status: no role may update another column.';
create unique index one_active_version on rlaas.policy_versions (tenant_id, policy) where status = 'active';

create table rlaas.audit_log (
  id uuid primary key,
  tenant_id uuid,
  at timestamptz not null default now(),
  actor text not null,
  action text not null,
  object text not null,
  details jsonb not null default '{}'
);
comment on table rlaas.audit_log is 'Who changed what. Rows are only ever added; they outlive what they speak of.';
create index audit_log_by_tenant on rlaas.audit_log (tenant_id, id);

-- Forced, so that the owner of the tables is held to it as well.
do $$
declare
  t text;
begin
  foreach t in array array['tenants', 'api_keys', 'policies', 'policy_versions', 'audit_log'] loop
    execute format('alter table rlaas.%I enable row level security', t);
    execute format('alter table rlaas.%I force row level security', t);
  end loop;
  foreach t in array array['api_keys', 'policies', 'policy_versions', 'audit_log'] loop
    execute format(
      'create policy of_tenant on rlaas.%I using (tenant_id = any (rlaas.current_tenants()))', t);
  end loop;
end
$$;
create policy of_tenant on rlaas.tenants using (id = any (rlaas.current_tenants()));

-- What concerns no tenant (operator keys, the making of an installation) may be logged by all and read by the owner.
create policy of_installation on rlaas.audit_log for insert with check (tenant_id is null);
create policy for_owner on rlaas.audit_log for select to rlaas_owner using (true);
-- The functions below run as the owner, and operator keys are made by it.
create policy for_owner on rlaas.tenants for select to rlaas_owner using (true);
create policy for_owner on rlaas.api_keys to rlaas_owner using (true);

grant select, insert, update (name, closed_at) on rlaas.tenants to rlaas_api;
grant select, insert, update (revoked_at) on rlaas.api_keys to rlaas_api;
grant select, insert, update (configuration, source, updated_at) on rlaas.policies to rlaas_api;
grant select, insert, update (status) on rlaas.policy_versions to rlaas_api;
grant insert on rlaas.audit_log to rlaas_api, rlaas_worker;
grant select on rlaas.policies, rlaas.policy_versions to rlaas_worker;

-- The one way to a key, for whoever does not know the tenant yet: by the hash of the key itself.
create function rlaas.find_api_keys(hashes bytea[])
  returns table (
    id uuid, hash bytea, tenant_id uuid, tenant_slug text, tenant_closed boolean, prefix text, kind text,
    scopes text[], allowed_origins text[], expires_at timestamptz, revoked_at timestamptz
  )
  language sql stable security definer set search_path = pg_catalog, pg_temp
  as $$
    select k.id, k.hash, k.tenant_id, t.slug, t.closed_at is not null, k.prefix, k.kind,
           k.scopes, k.allowed_origins, k.expires_at, k.revoked_at
    from rlaas.api_keys k left join rlaas.tenants t on t.id = k.tenant_id
    where k.hash = any (hashes)
  $$;

-- The one way to the list of tenants: for operators and for workers that serve all of them.
create function rlaas.list_tenants(after_slug text, max_rows integer)
  returns setof rlaas.tenants
  language sql stable security definer set search_path = pg_catalog, pg_temp
  as $$ select * from rlaas.tenants where slug > after_slug order by slug limit max_rows $$;

create function rlaas.find_tenant(wanted_slug text)
  returns setof rlaas.tenants
  language sql stable security definer set search_path = pg_catalog, pg_temp
  as $$ select * from rlaas.tenants where slug = wanted_slug $$;

revoke all on function rlaas.find_api_keys(bytea[]) from public;
revoke all on function rlaas.list_tenants(text, integer) from public;
revoke all on function rlaas.find_tenant(text) from public;
grant execute on function rlaas.find_api_keys(bytea[]) to rlaas_api, rlaas_worker;
grant execute on function rlaas.list_tenants(text, integer), rlaas.find_tenant(text) to rlaas_worker;

insert into rlaas.migrations (name, run_on) values ('0001_tenants-and-policies', now());

-- 0002_the-loop

-- The loop: events in, rewards, what was learned.

create table rlaas.ingest_batches (
  id bigint generated always as identity primary key,
  received_at timestamptz not null,
  rows integer not null
);
comment on table rlaas.ingest_batches is 'Events that were committed together.';

-- What a consumer still has to take; it deletes the row in the transaction that stores its result.
create table rlaas.consumers (name text primary key);
insert into rlaas.consumers (name) values ('reward');
create table rlaas.batch_deliveries (
  consumer text not null references rlaas.consumers (name),
  batch_id bigint not null references rlaas.ingest_batches (id),
  tenant_id uuid not null,
  primary key (consumer, batch_id, tenant_id)
);

create table rlaas.events (
  tenant_id uuid not null references rlaas.tenants (id) on delete cascade,
  id uuid not null,
  type text not null,
  schema_version integer not null,
  occurred_at timestamptz not null,
  received_at timestamptz not null,
  policy text,
  decision_id uuid,
  source text not null,
  data jsonb not null,
  fingerprint bytea not null check (length(fingerprint) = 16),
  batch_id bigint not null references rlaas.ingest_batches (id),
  primary key (tenant_id, id)
);
comment on column rlaas.events.fingerprint is 'First half of the SHA-256 of what the sender wrote: tells a repeated event from another one with the same id.';
create index events_by_decision on rlaas.events (tenant_id, decision_id) where decision_id is not null;
create index events_by_batch on rlaas.events (batch_id, tenant_id);

create table rlaas.reward_specs (
  tenant_id uuid not null,
  policy text not null,
  version integer not null,
  definition jsonb not null,
  created_at timestamptz not null default now(),
  primary key (tenant_id, policy, version),
  foreign key (tenant_id, policy) references rlaas.policies (tenant_id, name) on delete cascade
);
comment on table rlaas.reward_specs is 'Immutable: a changed definition is a new version. The latest one is used for new decisions.';

create table rlaas.rewards (
  tenant_id uuid not null references rlaas.tenants (id) on delete cascade,
  decision_id uuid not null,
  spec_version integer not null,
  policy text not null,
  status text not null check (status in ('pending', 'final', 'defaulted', 'inactive')),
  value double precision,
  occurred_at timestamptz not null,
  deadline timestamptz not null,
  components jsonb,
  primary key (tenant_id, decision_id, spec_version)
);
create index rewards_due on rlaas.rewards (deadline) where status = 'pending';
create index rewards_to_learn on rlaas.rewards (tenant_id, policy, deadline, decision_id)
  where status in ('final', 'defaulted');

create table rlaas.training_log (
  tenant_id uuid not null,
  policy text not null,
  version text not null,
  position bigint not null,
  decision_id uuid not null,
  primary key (tenant_id, policy, version, position),
  unique (tenant_id, policy, version, decision_id),
  foreign key (tenant_id, policy, version) references rlaas.policy_versions (tenant_id, policy, name) on delete cascade
);
comment on table rlaas.training_log is 'Which rewards a version has learned from, in order: with a checkpoint it gives the same weights again.';

create table rlaas.checkpoints (
  tenant_id uuid not null,
  policy text not null,
  version text not null,
  number integer not null,
  position bigint not null,
  object_key text not null,
  sha256 text not null,
  created_at timestamptz not null default now(),
  primary key (tenant_id, policy, version, number),
  foreign key (tenant_id, policy, version) references rlaas.policy_versions (tenant_id, policy, name) on delete cascade
);

do $$
declare
  t text;
begin
  foreach t in array array['events', 'reward_specs', 'rewards', 'training_log', 'checkpoints'] loop
    execute format('alter table rlaas.%I enable row level security', t);
    execute format('alter table rlaas.%I force row level security', t);
    execute format('create policy of_tenant on rlaas.%I using (tenant_id = any (rlaas.current_tenants()))', t);
  end loop;
end
$$;

-- Queues hold ids only, and those who work for all tenants may see them.
grant select, insert on rlaas.ingest_batches to rlaas_worker;
grant select on rlaas.consumers to rlaas_worker;
grant select, insert, delete on rlaas.batch_deliveries to rlaas_worker;
-- FOR UPDATE SKIP LOCKED asks for the right to update a column.
grant update (consumer) on rlaas.batch_deliveries to rlaas_worker;

grant select on rlaas.events, rlaas.reward_specs, rlaas.rewards, rlaas.checkpoints to rlaas_api;
grant select, insert on rlaas.events to rlaas_worker;
grant select on rlaas.reward_specs to rlaas_worker;
grant select, insert, update (status, value, components) on rlaas.rewards to rlaas_worker;
grant select, insert on rlaas.training_log, rlaas.checkpoints to rlaas_worker;

insert into rlaas.migrations (name, run_on) values ('0002_the-loop', now());

-- 0003_the-event-path

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

insert into rlaas.migrations (name, run_on) values ('0003_the-event-path', now());

-- 0004_checkpoint-files

-- A checkpoint is two files: what a version decides with, which is all that gateways read, and what learning on from it
-- needs besides. Checkpoints of before have no second one; trainers learn anew from the training log instead.
alter table rlaas.checkpoints add column resume_key text, add column resume_sha256 text, add column metadata jsonb;
comment on column rlaas.checkpoints.object_key is 'The model: what the version decides with.';
comment on column rlaas.checkpoints.resume_key is 'What an exact resume needs beside the model.';
comment on column rlaas.checkpoints.metadata is 'For people: decisions learned, and the sizes of both files in bytes.';

insert into rlaas.migrations (name, run_on) values ('0004_checkpoint-files', now());

-- 0005_policies

-- Policies, versions and reward specifications are written over HTTP.

-- A specification is saved before the policy that it is for, so that no decision of a new policy misses its reward.
alter table rlaas.reward_specs drop constraint reward_specs_tenant_id_policy_fkey;
alter table rlaas.reward_specs
  add constraint reward_specs_tenant_id_fkey foreign key (tenant_id) references rlaas.tenants (id) on delete cascade,
  add constraint reward_specs_policy_check check (policy ~ '^[a-z0-9][a-z0-9-]{0,62}$'),
  add column source text not null default 'api' check (source in ('yaml', 'api', 'seed'));
grant insert on rlaas.reward_specs to rlaas_api;

insert into rlaas.migrations (name, run_on) values ('0005_policies', now());

-- 0006_policy-notifications

-- Gateways hear of what they serve as soon as it is committed; where they cannot listen they look each second.
create function rlaas.notify_policies() returns trigger
  language plpgsql set search_path = pg_catalog, pg_temp
  as $$
  begin
    -- Without a payload: equal ones of a transaction are sent once, and who hears it looks for itself.
    perform pg_notify('rlaas_policies', '');
    return null;
  end
  $$;

do $$
declare
  t text;
begin
  foreach t in array array['policies', 'policy_versions', 'checkpoints', 'tenants'] loop
    execute format(
      'create trigger notify_policies after insert or update or delete on rlaas.%I
         for each statement execute function rlaas.notify_policies()', t);
  end loop;
end
$$;

insert into rlaas.migrations (name, run_on) values ('0006_policy-notifications', now());

-- 0007_rewards

-- Rewards by expressions over inputs: what a reward waits for, why it ended as it did, and what it was shown as before.

-- The owner is held to row-level security too; what is moved here is every tenant's.
select set_config('rlaas.tenants', (select coalesce(array_agg(id), '{}')::text from rlaas.tenants), true);

-- A definition that names one outcome says the same by an input, an expression and a default.
update rlaas.reward_specs
set definition = jsonb_build_object(
  'range', definition -> 'range',
  'window', definition -> 'window',
  'credit', 'equal',
  'inputs', jsonb_build_object('outcome', jsonb_build_object(
    'event', 'outcome', 'name', definition -> 'outcome', 'aggregate', 'first', 'scope', 'decision')),
  'value', 'e.outcome'
) || case when jsonb_typeof(definition -> 'default') = 'number'
       then jsonb_build_object('default', jsonb_build_object('value', definition -> 'default')) else '{}' end
where definition ? 'outcome';

-- No reference to tenants: checking it for each row costs as much as the row itself.
alter table rlaas.rewards
  drop constraint rewards_tenant_id_fkey,
  drop constraint rewards_status_check,
  add constraint rewards_status_check check (status in ('pending', 'final', 'defaulted', 'inactive', 'error')),
  add column reason text,
  add column external_id text,
  add column episode_id text,
  add column deferred boolean not null default false,
  add column pushed_ms bigint not null default 0,
  add column provisional_value double precision,
  add column provisional_at timestamptz,
  add column closed_at timestamptz,
  add column recomputed boolean not null default false;
comment on column rlaas.rewards.reason is 'Why it is inactive, or the kind of its error.';
comment on column rlaas.rewards.external_id is 'Of the decision, where it has one: events may name it instead.';
comment on column rlaas.rewards.episode_id is
  'Of the decision, where its specification reads events of the episode: such rewards close together.';
comment on column rlaas.rewards.deferred is 'Without an activation it has no reward.';
comment on column rlaas.rewards.pushed_ms is 'By how much the deadline was put off, since no event could come in.';
comment on column rlaas.rewards.provisional_value is 'What it would be by what is known, shown once that is complete.';
comment on column rlaas.rewards.recomputed is
  'Made for a decision that had a reward by another version: nothing is learned from it, and no gate reads it.';
create index rewards_of_episodes on rlaas.rewards (tenant_id, policy, episode_id) where episode_id is not null;
-- Few, and the first to be looked for.
create index rewards_failed on rlaas.rewards (tenant_id, decision_id) where status = 'error';
grant update (reason, pushed_ms, provisional_value, provisional_at, closed_at) on rlaas.rewards to rlaas_worker;

-- The list of tenants is read once for a statement, not once for each row.
alter policy of_tenant on rlaas.rewards using (tenant_id = any ((select rlaas.current_tenants())::uuid[]));
alter policy of_tenant on rlaas.reward_specs using (tenant_id = any ((select rlaas.current_tenants())::uuid[]));

-- The application's own name of a decision. Linked once: the first decision of that name has it for ever.
create table rlaas.decision_aliases (
  tenant_id uuid not null,
  policy text not null,
  external_id text not null,
  decision_id uuid not null,
  linked_at timestamptz not null,
  primary key (tenant_id, policy, external_id)
);
alter table rlaas.decision_aliases enable row level security;
alter table rlaas.decision_aliases force row level security;
create policy of_tenant on rlaas.decision_aliases using (tenant_id = any ((select rlaas.current_tenants())::uuid[]));
grant select on rlaas.decision_aliases to rlaas_api;
grant select, insert on rlaas.decision_aliases to rlaas_worker;

-- Decisions of a policy by time: for whoever looks at the last ones or at a period.
create index events_of_policies on rlaas.events (tenant_id, policy, occurred_at, id) where type = 'decision';
-- Few events have these, and they are asked for by what they name.
create index events_superseding on rlaas.events (tenant_id, (data ->> 'supersedes'))
  where type = 'decision' and data ? 'supersedes';
create index events_preferring_a on rlaas.events (tenant_id, (data #>> '{a,decision_id}')) where type = 'preference';
create index events_preferring_b on rlaas.events (tenant_id, (data #>> '{b,decision_id}')) where type = 'preference';

-- A reward may close once everything that was received by its deadline is stored. Each replica of the collector says
-- up to when that is so for what it received itself.
alter table rlaas.collector_heartbeats add column settled_to timestamptz not null default '-infinity';
comment on column rlaas.collector_heartbeats.settled_to is
  'Whatever the replica received before is committed or never will be; infinity: it has ended.';

select set_config('rlaas.tenants', '', true);

insert into rlaas.migrations (name, run_on) values ('0007_rewards', now());

-- 0008_jobs

-- Long work: the row is what a job is and how far it came; the queue only says that there is something to do.
create table rlaas.jobs (
  tenant_id uuid not null,
  id uuid not null,
  kind text not null check (kind ~ '^[a-z][a-z0-9_]{0,62}$'),
  input jsonb not null,
  status text not null check (status in ('queued', 'running', 'succeeded', 'failed', 'cancelled')),
  progress jsonb,
  state jsonb,
  result jsonb,
  error jsonb,
  actor text not null,
  idempotency_key text check (length(idempotency_key) between 1 and 200),
  epoch integer not null default 0,
  created_at timestamptz not null,
  started_at timestamptz,
  cancel_requested_at timestamptz,
  finished_at timestamptz,
  primary key (tenant_id, id)
);
comment on column rlaas.jobs.state is 'Where to go on: stored together with the work that it stands for.';
comment on column rlaas.jobs.epoch is 'Raised by each worker that takes the job: one that lost it stores nothing more.';
create unique index jobs_by_idempotency_key on rlaas.jobs (tenant_id, kind, idempotency_key)
  where idempotency_key is not null;
alter table rlaas.jobs enable row level security;
alter table rlaas.jobs force row level security;
create policy of_tenant on rlaas.jobs using (tenant_id = any ((select rlaas.current_tenants())::uuid[]));
grant select, update (status, cancel_requested_at, finished_at) on rlaas.jobs to rlaas_api;
grant select, insert, update (status, progress, state, result, error, epoch, started_at, finished_at) on rlaas.jobs
  to rlaas_worker;

insert into rlaas.migrations (name, run_on) values ('0008_jobs', now());

-- 0009_rollouts

-- Rollouts: which version is tested against which, how far it is, and every step with its evidence.
create table rlaas.rollouts (
  tenant_id uuid not null,
  id uuid not null,
  policy text not null,
  version text not null,
  incumbent text,
  stage text not null check (stage in ('shadow', 'canary', 'active', 'ended')),
  share double precision not null check (share between 0 and 1),
  outcome text check (outcome in ('rolled_back', 'retired', 'superseded')),
  revision integer not null,
  start integer not null,
  specification integer not null,
  settings jsonb not null,
  terms jsonb not null,
  salt text not null,
  started_at timestamptz not null,
  stage_began_at timestamptz not null,
  looked_at timestamptz,
  progress jsonb,
  primary key (tenant_id, id),
  foreign key (tenant_id, policy, version) references rlaas.policy_versions (tenant_id, policy, name) on delete cascade,
  check ((stage = 'ended') = (outcome is not null))
);
comment on column rlaas.rollouts.incumbent is 'null: the explored baseline.';
comment on column rlaas.rollouts.terms is 'What this start is tested with; frozen.';
comment on column rlaas.rollouts.progress is 'Sums of the tests, and the unit up to which they go.';
-- One test of a version at a time, and one version at a time that shares the traffic.
create unique index rollouts_open on rlaas.rollouts (tenant_id, policy, version) where stage <> 'ended';
create unique index rollouts_canary on rlaas.rollouts (tenant_id, policy) where stage = 'canary';
create unique index rollouts_active on rlaas.rollouts (tenant_id, policy) where stage = 'active';
create index rollouts_of_policies on rlaas.rollouts (tenant_id, policy, id);

create table rlaas.rollout_transitions (
  tenant_id uuid not null,
  rollout_id uuid not null,
  number integer not null,
  at timestamptz not null,
  from_stage text,
  from_share double precision,
  to_stage text not null,
  to_share double precision not null,
  cause text not null,
  actor text,
  reason text,
  evidence jsonb,
  primary key (tenant_id, rollout_id, number),
  foreign key (tenant_id, rollout_id) references rlaas.rollouts (tenant_id, id) on delete cascade
);
comment on table rlaas.rollout_transitions is 'Only added to. The key lets one of two that move a rollout at once win.';

do $$
declare
  t text;
begin
  foreach t in array array['rollouts', 'rollout_transitions'] loop
    execute format('alter table rlaas.%I enable row level security', t);
    execute format('alter table rlaas.%I force row level security', t);
    execute format(
      'create policy of_tenant on rlaas.%I using (tenant_id = any ((select rlaas.current_tenants())::uuid[]))', t);
  end loop;
end
$$;
grant select, insert, update (incumbent, stage, share, outcome, revision, start, specification, settings, terms,
                              started_at, stage_began_at, looked_at, progress) on rlaas.rollouts
  to rlaas_api, rlaas_worker;
grant select, insert on rlaas.rollout_transitions to rlaas_api, rlaas_worker;
grant update (status) on rlaas.policy_versions to rlaas_worker;
-- Whoever moves versions of a policy locks its row first.
grant update (updated_at) on rlaas.policies to rlaas_worker;

-- Gateways hear when traffic moves, not at each look of the tests.
create trigger notify_policies after insert or delete or update of stage, share, incumbent on rlaas.rollouts
  for each statement execute function rlaas.notify_policies();

insert into rlaas.migrations (name, run_on) values ('0009_rollouts', now());

-- 0010_training

-- Several trainers, rewards that are learned early, and checkpoints that are not kept for ever.

-- Which replica learns for a version. The lock of the transaction stays the last guard: without the lease two replicas
-- would store nothing twice, but both would learn it.
create table rlaas.training_leases (
  tenant_id uuid not null,
  policy text not null,
  version text not null,
  holder uuid not null,
  epoch bigint not null,
  expires_at timestamptz not null,
  primary key (tenant_id, policy, version),
  foreign key (tenant_id, policy, version) references rlaas.policy_versions (tenant_id, policy, name) on delete cascade
);
comment on column rlaas.training_leases.holder is 'A running trainer; made anew at each start.';
comment on column rlaas.training_leases.epoch is
  'Raised each time that another one takes it: who lost it in the meantime registers no checkpoint.';
alter table rlaas.training_leases enable row level security;
alter table rlaas.training_leases force row level security;
create policy of_tenant on rlaas.training_leases using (tenant_id = any ((select rlaas.current_tenants())::uuid[]));
grant select, insert, update (holder, epoch, expires_at) on rlaas.training_leases to rlaas_worker;

alter table rlaas.training_log add column value double precision;
comment on column rlaas.training_log.value is
  'The reward that was learned: a resume learns it again, whatever the reward is by then. Null in rows of before: the final one.';

-- What a version with learn_early looks for; few rewards are in it at a time.
create index rewards_provisional on rlaas.rewards (tenant_id, policy, provisional_at, decision_id)
  where status = 'pending' and provisional_value is not null;

alter table rlaas.checkpoints add column pinned boolean not null default false;
comment on column rlaas.checkpoints.pinned is 'Kept for as long as it is pinned, however old: something refers to it.';
grant delete, update (pinned) on rlaas.checkpoints to rlaas_worker;

-- The list of tenants is read once for a statement, not once for each row: all of the log is looked at.
alter policy of_tenant on rlaas.training_log using (tenant_id = any ((select rlaas.current_tenants())::uuid[]));
alter policy of_tenant on rlaas.checkpoints using (tenant_id = any ((select rlaas.current_tenants())::uuid[]));

insert into rlaas.migrations (name, run_on) values ('0010_training', now());

-- 0011_evaluations

-- What evaluations found: kept, whatever becomes of the job that did one.
create table rlaas.evaluations (
  tenant_id uuid not null,
  id uuid not null,
  policy text not null,
  target jsonb not null,
  period tstzrange not null,
  report jsonb not null,
  created_at timestamptz not null,
  primary key (tenant_id, id)
);
comment on table rlaas.evaluations is 'Reports of evaluations that have succeeded; never changed.';
comment on column rlaas.evaluations.id is 'That of its job.';
comment on column rlaas.evaluations.period is 'Times of the decisions; its end is not in it.';
alter table rlaas.evaluations enable row level security;
alter table rlaas.evaluations force row level security;
create policy of_tenant on rlaas.evaluations using (tenant_id = any ((select rlaas.current_tenants())::uuid[]));
grant select on rlaas.evaluations to rlaas_api;
grant select, insert on rlaas.evaluations to rlaas_worker;

insert into rlaas.migrations (name, run_on) values ('0011_evaluations', now());

-- 0012_watched-rollouts

-- A rollout that begins anew assigns episodes anew, or gateways would go on with the shares that they remember.
grant update (salt) on rlaas.rollouts to rlaas_api, rlaas_worker;

-- The first decisions of an episode, without reading all of a long one.
drop index rlaas.events_by_episode;
create index events_by_episode on rlaas.events (tenant_id, policy, episode_id, occurred_at, id)
  where episode_id is not null;

-- Which rollout made a version active, the last time.
create index rollouts_of_versions on rlaas.rollouts (tenant_id, policy, version, id);

insert into rlaas.migrations (name, run_on) values ('0012_watched-rollouts', now());

-- 0013_pinned-versions

-- A version may be held to one of its checkpoints: it learns on, and decides by that one.
alter table rlaas.policy_versions add column pinned_checkpoint integer;
comment on column rlaas.policy_versions.pinned_checkpoint is 'Number of the checkpoint that it decides by; null: the newest.';
alter table rlaas.policy_versions
  add foreign key (tenant_id, policy, name, pinned_checkpoint)
  references rlaas.checkpoints (tenant_id, policy, version, number);
grant update (pinned_checkpoint) on rlaas.policy_versions to rlaas_worker;

insert into rlaas.migrations (name, run_on) values ('0013_pinned-versions', now());

-- 0014_rewards-to-learn

-- What closed lately, whatever its deadline was: trainers look for it all the time.
create index rewards_closed on rlaas.rewards (tenant_id, policy, closed_at)
  where closed_at is not null and not recomputed;

insert into rlaas.migrations (name, run_on) values ('0014_rewards-to-learn', now());

-- the queues of jobs, as pg-boss makes them

SET LOCAL lock_timeout = 30000;
    SET LOCAL idle_in_transaction_session_timeout = 30000;
    SELECT pg_advisory_xact_lock(('x' || encode(sha224((current_database() || '.pgboss.pgboss')::bytea), 'hex'))::bit(64)::bigint);
CREATE SCHEMA IF NOT EXISTS pgboss;

    CREATE TYPE pgboss.job_state AS ENUM (
      'created',
      'retry',
      'active',
      'completed',
      'cancelled',
      'failed'
    )
  ;

    CREATE FUNCTION pgboss.job_now()
    RETURNS timestamp with time zone AS
    $$
      SELECT pg_catalog.now();
    $$
    LANGUAGE sql STABLE;
  ;

    CREATE TABLE pgboss.version (
      version int primary key,
      cron_on timestamp with time zone,
      bam_on timestamp with time zone,
      flow_on timestamp with time zone,
      reindex_on timestamp with time zone,
      monitor_backoff_on timestamp with time zone
    )
  ;

    CREATE TABLE pgboss.queue (
      name text NOT NULL,
      policy text NOT NULL,
      retry_limit int NOT NULL,
      retry_delay int NOT NULL,
      retry_backoff bool NOT NULL,
      retry_delay_max int,
      expire_seconds int NOT NULL,
      retention_seconds int NOT NULL,
      deletion_seconds int NOT NULL,
      dead_letter text REFERENCES pgboss.queue (name) CHECK (dead_letter IS DISTINCT FROM name),
      partition bool NOT NULL,
      table_name text NOT NULL,
      deferred_count int NOT NULL default 0,
      blocked_count int NOT NULL default 0,
      queued_count int NOT NULL default 0,
      ready_count int NOT NULL default 0,
      warning_queued int NOT NULL default 0,
      active_count int NOT NULL default 0,
      failed_count int NOT NULL default 0,
      total_count int NOT NULL default 0,
      retained_count int,
      retained_on timestamp with time zone,
      created_delta int NOT NULL default 0,
      completed_delta int NOT NULL default 0,
      failed_delta int NOT NULL default 0,
      delta_on timestamp with time zone,
      delta_seconds int,
      wait_bins int[],
      run_bins int[],
      ready_oldest_seconds int,
      ready_history int[] NOT NULL default '{}',
      heartbeat_seconds int,
      notify bool NOT NULL DEFAULT false,
      singletons_active text[],
      monitor_claim_on timestamp with time zone,
      monitor_on timestamp with time zone,
      maintain_on timestamp with time zone,
      created_on timestamp with time zone not null default now(),
      updated_on timestamp with time zone not null default now(),
      PRIMARY KEY (name)
    )
  ;

    CREATE TABLE pgboss.schedule (
      name text REFERENCES pgboss.queue ON DELETE CASCADE,
      key text not null DEFAULT '',
      kind text not null DEFAULT 'cron' CHECK (kind IN ('cron', 'rrule')),
      cron text not null,
      timezone text DEFAULT 'UTC',
      data jsonb,
      options jsonb,
      created_on timestamp with time zone not null default now(),
      updated_on timestamp with time zone not null default now(),
      last_job_id uuid,
      PRIMARY KEY (name, key)
    )
  ;

    CREATE TABLE pgboss.subscription (
      event text not null,
      name text not null REFERENCES pgboss.queue ON DELETE CASCADE,
      created_on timestamp with time zone not null default now(),
      updated_on timestamp with time zone not null default now(),
      PRIMARY KEY(event, name)
    )
  ;

    CREATE TABLE pgboss.bam (
      id uuid PRIMARY KEY default gen_random_uuid(),
      name text NOT NULL,
      version int NOT NULL,
      status text NOT NULL DEFAULT 'pending',
      queue text,
      table_name text NOT NULL,
      command text NOT NULL,
      error text,
      created_on timestamp with time zone NOT NULL DEFAULT clock_timestamp(),
      started_on timestamp with time zone,
      completed_on timestamp with time zone
    )
  ;

    CREATE FUNCTION pgboss.job_table_format(command text, table_name text)
    RETURNS text AS
    $$
      SELECT format(
        regexp_replace(
          regexp_replace(command, '\.job\y', '.%1$I', 'g'),
          '\yjob_i(\d+)', '%1$s_i\1', 'g'
        ),
        table_name
      );
    $$
    LANGUAGE sql IMMUTABLE;
  ;

    CREATE FUNCTION pgboss.job_table_run(command text, tbl_name text DEFAULT NULL, queue_name text DEFAULT NULL)
    RETURNS VOID AS
    $$
    DECLARE
      tbl RECORD;
    BEGIN
      IF queue_name IS NOT NULL THEN
        SELECT table_name INTO tbl_name FROM pgboss.queue WHERE name = queue_name;
      END IF;

      IF tbl_name IS NOT NULL THEN
        EXECUTE pgboss.job_table_format(command, tbl_name);
        RETURN;
      END IF;

      EXECUTE pgboss.job_table_format(command, 'job_common');

      FOR tbl IN SELECT table_name FROM pgboss.queue WHERE partition = true
      LOOP
        EXECUTE pgboss.job_table_format(command, tbl.table_name);
      END LOOP;
    END;
    $$
    LANGUAGE plpgsql;
  ;

    CREATE FUNCTION pgboss.job_table_run_async(command_name text, version int, command text, tbl_name text DEFAULT NULL, queue_name text DEFAULT NULL)
    RETURNS VOID AS
    $$
    BEGIN
      IF queue_name IS NOT NULL THEN
        SELECT table_name INTO tbl_name FROM pgboss.queue WHERE name = queue_name;
      END IF;

      IF tbl_name IS NOT NULL THEN
        INSERT INTO pgboss.bam (name, version, status, queue, table_name, command)
        VALUES (
          command_name,
          version,
          'pending',
          queue_name,
          tbl_name,
          pgboss.job_table_format(command, tbl_name)
        );
        RETURN;
      END IF;

      INSERT INTO pgboss.bam (name, version, status, queue, table_name, command)
      SELECT
        command_name,
        version,
        'pending',
        NULL,
        'job_common',
        pgboss.job_table_format(command, 'job_common')
      UNION ALL
      SELECT
        command_name,
        version,
        'pending',
        queue.name,
        queue.table_name,
        pgboss.job_table_format(command, queue.table_name)
      FROM pgboss.queue
      WHERE partition = true;
    END;
    $$
    LANGUAGE plpgsql;
  ;

    CREATE TABLE pgboss.job (
      id uuid not null default gen_random_uuid(),
      name text not null,
      priority integer not null default(0),
      data jsonb,
      state pgboss.job_state not null default 'created',
      retry_limit integer not null default 2,
      retry_count integer not null default 0,
      retry_delay integer not null default 0,
      retry_backoff boolean not null default false,
      retry_delay_max integer,
      expire_seconds int not null default 900,
      deletion_seconds int not null default 604800,
      singleton_key text,
      singleton_on timestamp without time zone,
      group_id text,
      group_tier text,
      start_after timestamp with time zone not null default now(),
      created_on timestamp with time zone not null default now(),
      started_on timestamp with time zone,
      completed_on timestamp with time zone,
      keep_until timestamp with time zone NOT NULL default now() + interval '1209600',
      output jsonb,
      dead_letter text,
      policy text,
      heartbeat_on timestamp with time zone,
      heartbeat_seconds int,
      blocked boolean not null default false,
      blocking boolean not null default false,
      pending_dependencies int not null default 0,
      source_name text,
      source_id uuid,
      source_created_on timestamp with time zone,
      source_retry_count int,
      source_output jsonb,
      source_root_id uuid,
      trace_context jsonb,
      upsert_by_key bool
    ) PARTITION BY LIST (name)
  ;
ALTER TABLE pgboss.job ADD PRIMARY KEY (name, id);

    CREATE TABLE pgboss.job_common (LIKE pgboss.job INCLUDING GENERATED INCLUDING DEFAULTS);

    SELECT pgboss.job_table_run($cmd$ALTER TABLE pgboss.job ADD PRIMARY KEY (name, id)$cmd$, 'job_common');
    SELECT pgboss.job_table_run($cmd$ALTER TABLE pgboss.job ADD CONSTRAINT q_fkey FOREIGN KEY (name) REFERENCES pgboss.queue (name) ON DELETE RESTRICT DEFERRABLE INITIALLY DEFERRED$cmd$, 'job_common');
    SELECT pgboss.job_table_run($cmd$ALTER TABLE pgboss.job ADD CONSTRAINT dlq_fkey FOREIGN KEY (dead_letter) REFERENCES pgboss.queue (name) ON DELETE RESTRICT DEFERRABLE INITIALLY DEFERRED$cmd$, 'job_common');
    SELECT pgboss.job_table_run($cmd$CREATE UNIQUE INDEX job_i1 ON pgboss.job (name, COALESCE(singleton_key, '')) WHERE state = 'created' AND policy = 'short'$cmd$, 'job_common');
    SELECT pgboss.job_table_run($cmd$CREATE UNIQUE INDEX job_i2 ON pgboss.job (name, COALESCE(singleton_key, '')) WHERE state = 'active' AND policy = 'singleton'$cmd$, 'job_common');
    SELECT pgboss.job_table_run($cmd$CREATE UNIQUE INDEX job_i3 ON pgboss.job (name, state, COALESCE(singleton_key, '')) WHERE state <= 'active' AND policy = 'stately'$cmd$, 'job_common');
    SELECT pgboss.job_table_run($cmd$CREATE UNIQUE INDEX job_i6 ON pgboss.job (name, COALESCE(singleton_key, '')) WHERE state <= 'active' AND policy = 'exclusive'$cmd$, 'job_common');
    SELECT pgboss.job_table_run($cmd$CREATE UNIQUE INDEX job_i8 ON pgboss.job (name, singleton_key) WHERE state IN ('active', 'retry', 'failed') AND policy = 'key_strict_fifo'$cmd$, 'job_common');
    SELECT pgboss.job_table_run($cmd$CREATE INDEX job_i10 ON pgboss.job (name, singleton_key, state DESC, created_on, id) INCLUDE (start_after) WHERE state < 'active' AND NOT blocked AND policy = 'key_strict_fifo'$cmd$, 'job_common');
    SELECT pgboss.job_table_run($cmd$ALTER TABLE pgboss.job ADD CONSTRAINT job_key_strict_fifo_singleton_key_check CHECK (NOT (policy = 'key_strict_fifo' AND singleton_key IS NULL))$cmd$, 'job_common');
    SELECT pgboss.job_table_run($cmd$CREATE UNIQUE INDEX job_i4 ON pgboss.job (name, singleton_on, COALESCE(singleton_key, '')) WHERE state <> 'cancelled' AND singleton_on IS NOT NULL$cmd$, 'job_common');
    SELECT pgboss.job_table_run($cmd$CREATE INDEX job_i11 ON pgboss.job (name, priority DESC, created_on, start_after) WHERE state < 'active' AND NOT blocked$cmd$, 'job_common');
    SELECT pgboss.job_table_run($cmd$CREATE INDEX job_i7 ON pgboss.job (name, group_id) WHERE state = 'active' AND group_id IS NOT NULL$cmd$, 'job_common');
    SELECT pgboss.job_table_run($cmd$CREATE INDEX job_i9 ON pgboss.job (name, id) WHERE blocking AND state = 'completed'$cmd$, 'job_common');
    SELECT pgboss.job_table_run($cmd$CREATE INDEX job_i12 ON pgboss.job (source_root_id) WHERE source_root_id IS NOT NULL$cmd$, 'job_common');
    SELECT pgboss.job_table_run($cmd$CREATE UNIQUE INDEX job_i13 ON pgboss.job (name, singleton_key) WHERE state = 'created' AND upsert_by_key$cmd$, 'job_common');
    SELECT pgboss.job_table_run($cmd$CREATE INDEX job_i14 ON pgboss.job (name, state, blocked, start_after) WHERE state IN ('created', 'retry', 'active', 'failed')$cmd$, 'job_common');
    SELECT pgboss.job_table_run($cmd$CREATE INDEX job_i15 ON pgboss.job (name, created_on)$cmd$, 'job_common');
    SELECT pgboss.job_table_run($cmd$CREATE INDEX job_i16 ON pgboss.job (name, completed_on) WHERE completed_on IS NOT NULL$cmd$, 'job_common');
    SELECT pgboss.job_table_run($cmd$CREATE INDEX job_i17 ON pgboss.job (name, singleton_key, created_on) WHERE state < 'active' AND singleton_key IS NOT NULL$cmd$, 'job_common');

    ALTER TABLE pgboss.job ATTACH PARTITION pgboss.job_common DEFAULT;
  ;

    CREATE TABLE pgboss.warning (
      id uuid PRIMARY KEY default gen_random_uuid(),
      type text NOT NULL,
      message text NOT NULL,
      data jsonb,
      created_on timestamp with time zone NOT NULL DEFAULT now()
    )
  ;
CREATE INDEX warning_i1 ON pgboss.warning (created_on DESC);

    CREATE TABLE pgboss.queue_stats (
      id uuid NOT NULL DEFAULT gen_random_uuid(),
      name text NOT NULL,
      deferred_count int NOT NULL DEFAULT 0,
      queued_count   int NOT NULL DEFAULT 0,
      ready_count    int NOT NULL DEFAULT 0,
      active_count   int NOT NULL DEFAULT 0,
      failed_count   int NOT NULL DEFAULT 0,
      total_count    int NOT NULL DEFAULT 0,
      created_delta   int,
      completed_delta int,
      failed_delta    int,
      delta_seconds   int,
      delta_on        timestamptz,
      wait_bins       int[],
      run_bins        int[],
      ready_oldest_seconds int,
      captured_on timestamptz NOT NULL DEFAULT now(),
      PRIMARY KEY (id, captured_on)
    ) PARTITION BY RANGE (captured_on)
  ;
CREATE INDEX queue_stats_i1 ON pgboss.queue_stats (name, captured_on DESC) INCLUDE (deferred_count, queued_count, ready_count, active_count, failed_count, total_count);
;

    DO $$
    DECLARE
      d date;
      i int;
      part_name text;
    BEGIN
      FOR i IN 0..1 LOOP
        d := (pgboss.job_now() AT TIME ZONE 'UTC')::date + i;
        part_name := 'queue_stats_' || to_char(d, 'YYYYMMDD');
        IF NOT EXISTS (
          SELECT 1 FROM pg_class c
          JOIN pg_namespace n ON n.oid = c.relnamespace
          WHERE n.nspname = 'pgboss' AND c.relname = part_name
        ) THEN
          EXECUTE format(
            'CREATE TABLE pgboss.%I PARTITION OF pgboss.queue_stats FOR VALUES FROM (%L) TO (%L)',
            part_name,
            to_char(d, 'YYYY-MM-DD') || ' 00:00:00+00',
            to_char(d + 1, 'YYYY-MM-DD') || ' 00:00:00+00'
          );
        END IF;
      END LOOP;
    END;
    $$
  ;

    CREATE TABLE pgboss.job_dependency (
      child_name text NOT NULL,
      child_id uuid NOT NULL,
      parent_name text NOT NULL,
      parent_id uuid NOT NULL,
      PRIMARY KEY (child_name, child_id, parent_name, parent_id)
    )
  ;
CREATE INDEX IF NOT EXISTS job_dep_parent_idx ON pgboss.job_dependency (parent_name, parent_id);

    CREATE TABLE pgboss.instance (
      id uuid PRIMARY KEY,
      name text,
      host text NOT NULL,
      pid int NOT NULL,
      version text NOT NULL,
      node_version text NOT NULL,
      application_name text,
      heartbeat_seconds int NOT NULL,
      supervise bool NOT NULL,
      schedule bool NOT NULL,
      migrate bool NOT NULL,
      persist_queue_stats bool NOT NULL,
      persist_warnings bool NOT NULL,
      pool_max int,
      pool_total int,
      pool_idle int,
      pool_waiting int,
      workers jsonb NOT NULL DEFAULT '[]'::jsonb,
      metrics jsonb,
      config jsonb NOT NULL DEFAULT '{}'::jsonb,
      crash_restarts int NOT NULL DEFAULT 0,
      crash_restarts_since timestamptz,
      started_on timestamptz NOT NULL DEFAULT now(),
      heartbeat_on timestamptz NOT NULL DEFAULT now(),
      stopped_on timestamptz
    )
  ;

    CREATE FUNCTION pgboss.create_queue(queue_name text, options jsonb)
    RETURNS VOID AS
    $$
    DECLARE
      tablename varchar := CASE WHEN options->>'partition' = 'true'
                            THEN 'j' || encode(sha224(queue_name::bytea), 'hex')
                            ELSE 'job_common'
                            END;
      queue_created_on timestamptz;
    BEGIN

      WITH q as (
        INSERT INTO pgboss.queue (
          name,
          policy,
          retry_limit,
          retry_delay,
          retry_backoff,
          retry_delay_max,
          expire_seconds,
          retention_seconds,
          deletion_seconds,
          warning_queued,
          dead_letter,
          partition,
          table_name,
          heartbeat_seconds,
          notify,
          created_on,
          updated_on
        )
        VALUES (
          queue_name,
          options->>'policy',
          COALESCE((options->>'retryLimit')::int, 2),
          COALESCE((options->>'retryDelay')::int, 0),
          COALESCE((options->>'retryBackoff')::bool, false),
          (options->>'retryDelayMax')::int,
          COALESCE((options->>'expireInSeconds')::int, 900),
          COALESCE((options->>'retentionSeconds')::int, 1209600),
          COALESCE((options->>'deleteAfterSeconds')::int, 604800),
          COALESCE((options->>'warningQueueSize')::int, 0),
          options->>'deadLetter',
          COALESCE((options->>'partition')::bool, false),
          tablename,
          (options->>'heartbeatSeconds')::int,
          COALESCE((options->>'notify')::bool, false),
          pgboss.job_now(),
          pgboss.job_now()
        )
        ON CONFLICT DO NOTHING
        RETURNING created_on
      )
      SELECT created_on into queue_created_on from q;

      IF queue_created_on IS NULL OR options->>'partition' IS DISTINCT FROM 'true' THEN
        RETURN;
      END IF;

      EXECUTE format('CREATE TABLE pgboss.%I (LIKE pgboss.job INCLUDING DEFAULTS)', tablename);

      EXECUTE pgboss.job_table_format($cmd$ALTER TABLE pgboss.job ADD PRIMARY KEY (name, id)$cmd$, tablename);
      EXECUTE pgboss.job_table_format($cmd$ALTER TABLE pgboss.job ADD CONSTRAINT q_fkey FOREIGN KEY (name) REFERENCES pgboss.queue (name) ON DELETE RESTRICT DEFERRABLE INITIALLY DEFERRED$cmd$, tablename);
      EXECUTE pgboss.job_table_format($cmd$ALTER TABLE pgboss.job ADD CONSTRAINT dlq_fkey FOREIGN KEY (dead_letter) REFERENCES pgboss.queue (name) ON DELETE RESTRICT DEFERRABLE INITIALLY DEFERRED$cmd$, tablename);

      EXECUTE pgboss.job_table_format($cmd$CREATE INDEX job_i11 ON pgboss.job (name, priority DESC, created_on, start_after) WHERE state < 'active' AND NOT blocked$cmd$, tablename);
      EXECUTE pgboss.job_table_format($cmd$CREATE UNIQUE INDEX job_i4 ON pgboss.job (name, singleton_on, COALESCE(singleton_key, '')) WHERE state <> 'cancelled' AND singleton_on IS NOT NULL$cmd$, tablename);
      EXECUTE pgboss.job_table_format($cmd$CREATE INDEX job_i7 ON pgboss.job (name, group_id) WHERE state = 'active' AND group_id IS NOT NULL$cmd$, tablename);
      EXECUTE pgboss.job_table_format($cmd$CREATE INDEX job_i9 ON pgboss.job (name, id) WHERE blocking AND state = 'completed'$cmd$, tablename);
      EXECUTE pgboss.job_table_format($cmd$CREATE INDEX job_i12 ON pgboss.job (source_root_id) WHERE source_root_id IS NOT NULL$cmd$, tablename);
      EXECUTE pgboss.job_table_format($cmd$CREATE UNIQUE INDEX job_i13 ON pgboss.job (name, singleton_key) WHERE state = 'created' AND upsert_by_key$cmd$, tablename);
      EXECUTE pgboss.job_table_format($cmd$CREATE INDEX job_i14 ON pgboss.job (name, state, blocked, start_after) WHERE state IN ('created', 'retry', 'active', 'failed')$cmd$, tablename);
      EXECUTE pgboss.job_table_format($cmd$CREATE INDEX job_i15 ON pgboss.job (name, created_on)$cmd$, tablename);
      EXECUTE pgboss.job_table_format($cmd$CREATE INDEX job_i16 ON pgboss.job (name, completed_on) WHERE completed_on IS NOT NULL$cmd$, tablename);
      EXECUTE pgboss.job_table_format($cmd$CREATE INDEX job_i17 ON pgboss.job (name, singleton_key, created_on) WHERE state < 'active' AND singleton_key IS NOT NULL$cmd$, tablename);

      IF options->>'policy' = 'short' THEN
        EXECUTE pgboss.job_table_format($cmd$CREATE UNIQUE INDEX job_i1 ON pgboss.job (name, COALESCE(singleton_key, '')) WHERE state = 'created' AND policy = 'short'$cmd$, tablename);
      ELSIF options->>'policy' = 'singleton' THEN
        EXECUTE pgboss.job_table_format($cmd$CREATE UNIQUE INDEX job_i2 ON pgboss.job (name, COALESCE(singleton_key, '')) WHERE state = 'active' AND policy = 'singleton'$cmd$, tablename);
      ELSIF options->>'policy' = 'stately' THEN
        EXECUTE pgboss.job_table_format($cmd$CREATE UNIQUE INDEX job_i3 ON pgboss.job (name, state, COALESCE(singleton_key, '')) WHERE state <= 'active' AND policy = 'stately'$cmd$, tablename);
      ELSIF options->>'policy' = 'exclusive' THEN
        EXECUTE pgboss.job_table_format($cmd$CREATE UNIQUE INDEX job_i6 ON pgboss.job (name, COALESCE(singleton_key, '')) WHERE state <= 'active' AND policy = 'exclusive'$cmd$, tablename);
      ELSIF options->>'policy' = 'key_strict_fifo' THEN
        EXECUTE pgboss.job_table_format($cmd$CREATE UNIQUE INDEX job_i8 ON pgboss.job (name, singleton_key) WHERE state IN ('active', 'retry', 'failed') AND policy = 'key_strict_fifo'$cmd$, tablename);
        EXECUTE pgboss.job_table_format($cmd$CREATE INDEX job_i10 ON pgboss.job (name, singleton_key, state DESC, created_on, id) INCLUDE (start_after) WHERE state < 'active' AND NOT blocked AND policy = 'key_strict_fifo'$cmd$, tablename);
        EXECUTE pgboss.job_table_format($cmd$ALTER TABLE pgboss.job ADD CONSTRAINT job_key_strict_fifo_singleton_key_check CHECK (NOT (policy = 'key_strict_fifo' AND singleton_key IS NULL))$cmd$, tablename);
      END IF;

      EXECUTE format('ALTER TABLE pgboss.%I ADD CONSTRAINT cjc CHECK (name=%L)', tablename, queue_name);
      EXECUTE format('ALTER TABLE pgboss.job ATTACH PARTITION pgboss.%I FOR VALUES IN (%L)', tablename, queue_name);
    END;
    $$
    LANGUAGE plpgsql;
  ;

    CREATE FUNCTION pgboss.delete_queue(queue_name text)
    RETURNS VOID AS
    $$
    DECLARE
      v_table varchar;
      v_partition bool;
    BEGIN
      
      SELECT table_name, partition
      FROM pgboss.queue
      WHERE name = queue_name
      INTO v_table, v_partition;

      IF v_partition THEN
        EXECUTE format('DROP TABLE IF EXISTS pgboss.%I', v_table);
      ELSE
        EXECUTE format('DELETE FROM pgboss.%I WHERE name = %L', v_table, queue_name);
      END IF;
    
      DELETE FROM pgboss.queue WHERE name = queue_name;
    END;
    $$
    LANGUAGE plpgsql;
  ;
INSERT INTO pgboss.version(version) VALUES ('46');
grant usage on schema pgboss to rlaas_worker;
grant select, insert, update, delete on all tables in schema pgboss to rlaas_worker;
grant execute on all functions in schema pgboss to rlaas_worker;

commit;
