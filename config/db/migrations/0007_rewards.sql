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
