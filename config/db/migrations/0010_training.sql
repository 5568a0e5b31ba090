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
