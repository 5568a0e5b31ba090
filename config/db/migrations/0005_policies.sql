-- Policies, versions and reward specifications are written over HTTP.

-- A specification is saved before the policy that it is for, so that no decision of a new policy misses its reward.
alter table rlaas.reward_specs drop constraint reward_specs_tenant_id_policy_fkey;
alter table rlaas.reward_specs
  add constraint reward_specs_tenant_id_fkey foreign key (tenant_id) references rlaas.tenants (id) on delete cascade,
  add constraint reward_specs_policy_check check (policy ~ '^[a-z0-9][a-z0-9-]{0,62}$'),
  add column source text not null default 'api' check (source in ('yaml', 'api', 'seed'));
grant insert on rlaas.reward_specs to rlaas_api;
