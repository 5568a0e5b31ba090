import { PgBoss } from 'pg-boss';
import type { Job } from '@rlaas/schemas';
import type { Database } from '../database.ts';
import { DatabaseError } from '../database-error.ts';
import { newId } from '../ids.ts';
import type { JobContext, JobKind, JobWork } from './job-kind.ts';
import { JobInterrupted, JobRefused } from './job-kind.ts';
import { type TakenJob, endJob, insertJob, storeCheckpoint, takeJob } from './job-rows.ts';
import { QUEUE_SCHEMA } from './queue-schema.ts';

export interface JobQueueOptions {
  database: Database;
  /** Connection of the services' login to Postgres itself, not through a pooler. */
  directUrl: string;
  applicationName: string;
  now: () => number;
  /** Something of the queue failed; it is tried again. */
  onError: (error: unknown) => void;
  /** The work of a job failed for good. */
  onFailed: (job: { kind: string; id: string }, error: unknown) => void;
}

/** Where long work is asked for and done. */
export interface JobQueue {
  /** Makes a kind of job known; it has to be before one of it is asked for or done. */
  define: (kind: { name: string }) => Promise<void>;
  /** Asks for a job; the same idempotency key is the same job. */
  start: <Input>(
    kind: Pick<JobKind<Input, unknown>, 'name'>,
    asked: { tenantId: string; actor: string; input: Input; idempotencyKey?: string | undefined },
  ) => Promise<{ job: Job; isNew: boolean }>;
  /** Does jobs of a kind, one at a time, for as long as the queue is open. */
  work: <Input, State>(kind: JobKind<Input, State>, work: JobWork<Input, State>) => Promise<void>;
  /** Gives what is being done back at once; another replica goes on with it. */
  close: () => Promise<void>;
}

/** A worker that says nothing for so long has lost its job; the least that pg-boss allows. */
const HEARTBEAT_SECONDS = 10;
/** The longest that a job may take. */
const LONGEST_SECONDS = 23 * 3_600;
const POLL_SECONDS = 0.5;
const RETRIES = 1_000;

/** Opens the queue: the row of a job is the truth, a message only says that there is something to do. */
export async function openJobQueue(options: JobQueueOptions): Promise<JobQueue> {
  const { database, now, onError } = options;
  const boss = new PgBoss({
    connectionString: options.directUrl,
    application_name: options.applicationName,
    // As the role that may use the queues, from the first statement on.
    options: '-c role=rlaas_worker',
    max: 3,
    schema: QUEUE_SCHEMA,
    migrate: false,
    createSchema: false,
    schedule: false,
    reindex: false,
    monitorVacuum: false,
    // Jobs of workers that are gone are found by this.
    superviseIntervalSeconds: 1,
    monitorIntervalSeconds: 1,
  });
  boss.on('error', onError);
  await boss.start();
  const closing = new AbortController();
  return {
    define: async ({ name }) => {
      const known = await boss.getQueue(name);
      if (known) return;
      await boss.createQueue(name, {
        retryLimit: RETRIES,
        retryDelay: 1,
        expireInSeconds: LONGEST_SECONDS,
        heartbeatSeconds: HEARTBEAT_SECONDS,
        deleteAfterSeconds: 86_400,
      });
    },
    start: ({ name }, { tenantId, actor, input, idempotencyKey }) =>
      database.transaction({ role: 'rlaas_worker', tenants: [tenantId] }, async (tx) => {
        const id = newId(now());
        const made = await insertJob(tx, { tenantId, id, kind: name, input, actor, idempotencyKey }, now());
        if (made.isNew) {
          // In the same transaction: a row without a message would wait for ever.
          await boss.send(
            name,
            { tenantId, id },
            { db: { executeSql: (text, values) => tx.query(text, values) } },
          );
        }
        return made;
      }),
    work: async (kind, work) => {
      await boss.work<{ tenantId: string; id: string }>(
        kind.name,
        { batchSize: 1, pollingIntervalSeconds: POLL_SECONDS },
        async ([message]) => {
          if (!message) return;
          const signal = AbortSignal.any([message.signal, closing.signal]);
          await runJob(options, kind, work, { ...message.data, signal });
        },
      );
    },
    close: async () => {
      closing.abort();
      await boss.stop({ graceful: true, timeout: 10_000 });
    },
  };
}

async function runJob<Input, State>(
  { database, now, onFailed }: JobQueueOptions,
  kind: JobKind<Input, State>,
  work: JobWork<Input, State>,
  { tenantId, id, signal }: { tenantId: string; id: string; signal: AbortSignal },
): Promise<void> {
  const own = { role: 'rlaas_worker', tenants: [tenantId] } as const;
  const taken = await database.transaction(own, (tx) => takeJob(tx, tenantId, id, now()));
  if (!taken) return;
  const end = (how: Parameters<typeof endJob>[2]): Promise<void> =>
    database.transaction(own, (tx) => endJob(tx, taken, how, now()));
  try {
    const result = await work(contextOf(kind, taken, signal));
    await end({ status: 'succeeded', result });
  } catch (error) {
    if (error instanceof JobInterrupted) {
      if (error.reason === 'cancelled') await end({ status: 'cancelled' });
      return;
    }
    // Told to the queue, which gives the job to whoever is there next: it goes on from where it was.
    if (signal.aborted || error instanceof DatabaseError) throw error;
    onFailed({ kind: kind.name, id }, error);
    const refused = error instanceof JobRefused;
    await end({
      status: 'failed',
      error: {
        code: refused ? error.code : 'internal_error',
        // What is no fault of the asker is in the log only.
        message: refused ? error.message : 'An unexpected error happened; it is in the log of the service.',
      },
    });
  }
}

function contextOf<Input, State>(
  kind: JobKind<Input, State>,
  taken: TakenJob,
  signal: AbortSignal,
): JobContext<Input, State> {
  return {
    tenantId: taken.tenantId,
    id: taken.id,
    input: kind.input.parse(taken.input),
    state: taken.state === null ? undefined : kind.state.parse(taken.state),
    signal,
    async checkpoint(tx, state, progress) {
      const stored = await storeCheckpoint(tx, taken, { state, progress });
      if (!stored) throw new JobInterrupted('taken_over');
      if (stored.cancelled) throw new JobInterrupted('cancelled');
    },
  };
}
