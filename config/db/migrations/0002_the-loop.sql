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
