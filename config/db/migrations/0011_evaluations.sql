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
