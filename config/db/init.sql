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

commit;
