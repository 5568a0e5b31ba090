import type { Job, JobProgress, JobStatus } from '@rlaas/schemas';
import type { Transaction } from '../transaction.ts';

interface Row {
  id: string;
  kind: string;
  status: JobStatus;
  input: unknown;
  progress: JobProgress | null;
  result: unknown;
  error: { code: string; message: string } | null;
  created_at: Date;
  started_at: Date | null;
  cancel_requested_at: Date | null;
  finished_at: Date | null;
}

const COLUMNS = `id, kind, status, input, progress, result, error, created_at, started_at, cancel_requested_at,
       finished_at`;

function toJob(row: Row): Job {
  return {
    ...row,
    created_at: row.created_at.toISOString(),
    started_at: row.started_at?.toISOString() ?? null,
    cancel_requested_at: row.cancel_requested_at?.toISOString() ?? null,
    finished_at: row.finished_at?.toISOString() ?? null,
  };
}

/**
 * Stores a job that waits. A key that another job of the kind has is that job again.
 * @returns whether it is new
 */
export async function insertJob(
  tx: Transaction,
  job: {
    tenantId: string;
    id: string;
    kind: string;
    input: unknown;
    actor: string;
    idempotencyKey: string | undefined;
  },
  now: number,
): Promise<{ job: Job; isNew: boolean }> {
  const { tenantId, kind, idempotencyKey } = job;
  const inserted = await tx.query<Row>(
    `insert into rlaas.jobs (tenant_id, id, kind, input, status, actor, idempotency_key, created_at)
     values ($1, $2, $3, $4, 'queued', $5, $6, $7) on conflict do nothing returning ${COLUMNS}`,
    [tenantId, job.id, kind, JSON.stringify(job.input), job.actor, idempotencyKey, new Date(now)],
  );
  const [row] = inserted.rows;
  if (row) return { job: toJob(row), isNew: true };
  const other =
    idempotencyKey === undefined ? undefined : await findJobByKey(tx, tenantId, kind, idempotencyKey);
  if (!other) throw new Error(`a job ${job.id} was there before it was made`);
  return { job: other, isNew: false };
}

/** The job of a kind that was asked for with this idempotency key. */
export async function findJobByKey(
  tx: Transaction,
  tenantId: string,
  kind: string,
  idempotencyKey: string,
): Promise<Job | undefined> {
  const { rows } = await tx.query<Row>(
    `select ${COLUMNS} from rlaas.jobs where tenant_id = $1 and kind = $2 and idempotency_key = $3`,
    [tenantId, kind, idempotencyKey],
  );
  return rows[0] && toJob(rows[0]);
}

export async function findJob(tx: Transaction, tenantId: string, id: string): Promise<Job | undefined> {
  const { rows } = await tx.query<Row>(`select ${COLUMNS} from rlaas.jobs where tenant_id = $1 and id = $2`, [
    tenantId,
    id,
  ]);
  return rows[0] && toJob(rows[0]);
}

/** Jobs, the newest first, behind a place. */
export async function listJobs(
  tx: Transaction,
  tenantId: string,
  filter: { kind?: string | undefined; status?: JobStatus | undefined },
  page: { after: string | undefined; limit: number },
): Promise<Job[]> {
  const { rows } = await tx.query<Row>(
    `select ${COLUMNS} from rlaas.jobs
     where tenant_id = $1 and ($2::text is null or kind = $2) and ($3::text is null or status = $3)
       and ($4::uuid is null or id < $4)
     order by id desc limit $5`,
    [tenantId, filter.kind, filter.status, page.after, page.limit],
  );
  return rows.map(toJob);
}

/** Ends a job that waits, and tells one that runs to stop; one that has ended stays as it is. */
export async function requestCancel(
  tx: Transaction,
  tenantId: string,
  id: string,
  now: number,
): Promise<void> {
  await tx.query(
    `update rlaas.jobs
     set status = case when status = 'queued' then 'cancelled' else status end,
         finished_at = case when status = 'queued' then $3 else finished_at end,
         cancel_requested_at = coalesce(cancel_requested_at, $3)
     where tenant_id = $1 and id = $2 and status in ('queued', 'running')`,
    [tenantId, id, new Date(now)],
  );
}

/** A job that was taken. */
export interface TakenJob {
  tenantId: string;
  id: string;
  input: unknown;
  /** Where to go on; null: from the beginning. */
  state: unknown;
  epoch: number;
}

/** Takes a job for this worker; whoever had it before has lost it. @returns `undefined`: it has ended */
export async function takeJob(
  tx: Transaction,
  tenantId: string,
  id: string,
  now: number,
): Promise<TakenJob | undefined> {
  const { rows } = await tx.query<TakenJob>(
    `update rlaas.jobs set status = 'running', started_at = coalesce(started_at, $3), epoch = epoch + 1
     where tenant_id = $1 and id = $2 and status in ('queued', 'running')
     returning tenant_id as "tenantId", id, input, state, epoch`,
    [tenantId, id, new Date(now)],
  );
  return rows[0];
}

/** Stores how far a job is. @returns whether it is to stop; `undefined`: it is another worker's now, or it has ended */
export async function storeCheckpoint(
  tx: Transaction,
  { tenantId, id, epoch }: TakenJob,
  { state, progress }: { state: unknown; progress: JobProgress },
): Promise<{ cancelled: boolean } | undefined> {
  const { rows } = await tx.query<{ cancelled: boolean }>(
    `update rlaas.jobs set state = $4, progress = $5
     where tenant_id = $1 and id = $2 and epoch = $3 and status = 'running'
     returning cancel_requested_at is not null as cancelled`,
    [tenantId, id, epoch, JSON.stringify(state), JSON.stringify(progress)],
  );
  return rows[0];
}

/** Ends a job, if it is still this worker's. */
export async function endJob(
  tx: Transaction,
  { tenantId, id, epoch }: TakenJob,
  end:
    | { status: 'succeeded'; result: unknown }
    | { status: 'failed'; error: { code: string; message: string } }
    | { status: 'cancelled' },
  now: number,
): Promise<void> {
  await tx.query(
    `update rlaas.jobs set status = $4, result = $5, error = $6, finished_at = $7
     where tenant_id = $1 and id = $2 and epoch = $3 and status = 'running'`,
    [
      tenantId,
      id,
      epoch,
      end.status,
      end.status === 'succeeded' ? JSON.stringify(end.result) : null,
      end.status === 'failed' ? JSON.stringify(end.error) : null,
      new Date(now),
    ],
  );
}
