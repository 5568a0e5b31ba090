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
