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
