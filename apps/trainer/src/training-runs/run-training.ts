import { type Database, type JobContext, JobRefused, type Transaction } from '@rlaas/database';
import type { CheckpointMetadata } from '@rlaas/learning';
import type { ObjectStore } from '@rlaas/object-store';
import type { StartTrainingRun, TrainingRunResult, VersionConfiguration } from '@rlaas/schemas';
import {
  type DecisionList,
  type TextRow,
  findDecisionsToLearn,
  findRowsToLearn,
  logRun,
} from '../store/training-runs.ts';
import { insertCheckpoint } from '../store/checkpoints.ts';
import { lockVersion } from '../store/learning-versions.ts';
import { storeCheckpoint } from '../training/checkpoint-files.ts';
import type { LearningThread, Lesson } from './learning-thread.ts';
import { type RunRefusal, emptyPeriod, examineVersion } from './run-refusal.ts';
import type { TrainingRunState } from './training-run-kind.ts';

/** Decisions of one message to the thread. */
const CHUNK = 500;
/** How far it is, and whether to stop, is told and asked this often. */
const PROGRESS_EACH_MS = 500;
/** Entries of the training log in one statement. */
const LOG_CHUNK = 10_000;
/** For the statements that go over the whole period. */
const STATEMENT_MS = 300_000;
/** Decisions that cannot be learned from and are told one by one; all are counted. */
const MOST_TOLD = 20;

type Context = JobContext<StartTrainingRun, TrainingRunState>;

export interface TrainingRunOptions {
  database: Database;
  store: Pick<ObjectStore, 'put'>;
  thread: LearningThread;
  now: () => number;
  log: {
    info: (fields: object, message: string) => void;
    warn: (fields: object, message: string) => void;
  };
}

/**
 * Teaches a draft the final rewards of a period from nothing, in a thread beside the service's, in the order in which they would
 * have been learned while they came in: one pass gives the same bits. Checkpoint and training log are stored in one
 * transaction at the end, so that the version goes on from there in shadow and learns none of them again; before it
 * nothing is stored, and a run that was broken off begins anew.
 */
export async function runTraining(options: TrainingRunOptions, context: Context): Promise<TrainingRunResult> {
  // It ended, and was killed before that was noted.
  if (context.state?.result) return context.state.result;
  const { database, now, log } = options;
  const { tenantId, input } = context;
  const about = { training_run: context.id, policy: input.policy, version: input.version };
  const startedAt = now();
  const { configuration, decisions, openWindows } = await database.transaction(
    { role: 'rlaas_worker', tenants: [tenantId], readOnly: true, statementTimeoutMs: STATEMENT_MS },
    async (tx) => ({
      ...(await begin(tx, tenantId, input)),
      ...(await findDecisionsToLearn(tx, tenantId, input)),
    }),
  );
  if (decisions.length === 0) throw refused(emptyPeriod(input));
  log.info({ ...about, decisions: decisions.length, passes: input.passes }, 'training run begun');
  const lesson = options.thread.begin(configuration);
  try {
    const unusable = await teach(options, context, { lesson, decisions, about });
    if (unusable === decisions.length) {
      throw new JobRefused(
        'conflict',
        `None of the ${decisions.length} decisions of the period can be learned from; the log of the trainer says why.`,
      );
    }
    const result = await keep(options, context, {
      lesson,
      decisions,
      found: { decisions: decisions.length, unusable, open_windows: openWindows },
      startedAt,
    });
    log.info({ ...about, ...result }, 'training run done');
    return result;
  } finally {
    lesson.end();
  }
}

async function begin(
  tx: Transaction,
  tenantId: string,
  input: StartTrainingRun,
): Promise<{ configuration: VersionConfiguration }> {
  const examined = await examineVersion(tx, tenantId, input);
  if ('refusal' in examined) throw refused(examined.refusal);
  return examined;
}

function refused({ code, message }: RunRefusal): JobRefused {
  return new JobRefused(code, message);
}

/** Gives the thread all rows, pass by pass. @returns how many of them nothing can be learned from */
async function teach(
  { database, now, log }: TrainingRunOptions,
  { tenantId, input, signal, checkpoint }: Context,
  { lesson, decisions, about }: { lesson: Lesson; decisions: DecisionList; about: object },
): Promise<number> {
  const own = { role: 'rlaas_worker', tenants: [tenantId] } as const;
  const total = decisions.length * input.passes;
  let unusable = 0;
  let toldAt = Number.NEGATIVE_INFINITY;

  async function tell(done: number): Promise<void> {
    if (now() - toldAt < PROGRESS_EACH_MS) return;
    toldAt = now();
    await database.transaction(own, (tx) =>
      checkpoint(tx, { result: null }, { done, total, unit: 'decisions' }),
    );
  }

  async function read(done: number): Promise<TextRow[]> {
    if (done === total) return [];
    const ids = decisions.slice(done % decisions.length, CHUNK);
    const rows = await database.transaction({ ...own, readOnly: true }, (tx) =>
      findRowsToLearn(tx, tenantId, input.policy, ids.parameter),
    );
    if (rows.length === ids.length) return rows;
    throw new JobRefused(
      'conflict',
      'Decisions of the period were removed while it was learned. Start another run.',
    );
  }

  let rows = await read(0);
  for (let done = 0; done < total;) {
    signal.throwIfAborted();
    await tell(done);
    const firstPass = done < decisions.length;
    const taught = done + rows.length;
    // The next rows are read while these are learned.
    const [failed, next] = await Promise.all([lesson.learn(rows, firstPass), read(taught)]);
    if (firstPass) {
      for (const { id, reason } of failed.slice(0, Math.max(0, MOST_TOLD - unusable))) {
        log.warn({ ...about, decision: id, reason }, 'a decision cannot be learned from');
      }
      unusable += failed.length;
    }
    rows = next;
    done = taught;
  }
  signal.throwIfAborted();
  return unusable;
}

/** Stores what the thread learned, with the result. */
async function keep(
  { database, store, now }: TrainingRunOptions,
  { tenantId, input, checkpoint }: Context,
  given: {
    lesson: Lesson;
    decisions: DecisionList;
    found: Pick<TrainingRunResult, 'decisions' | 'unusable' | 'open_windows'>;
    startedAt: number;
  },
): Promise<TrainingRunResult> {
  const { lesson, decisions, found, startedAt } = given;
  const { policy, version, passes } = input;
  const metadata: CheckpointMetadata = { policy, version, position: decisions.length };
  const learned = await lesson.finish(metadata);
  const key = { tenant_id: tenantId, policy, version };
  const files = await storeCheckpoint(store, key, decisions.length, learned.files);
  const writing = { role: 'rlaas_worker', tenants: [tenantId], statementTimeoutMs: STATEMENT_MS } as const;
  return database.transaction(writing, async (tx) => {
    await lockVersion(tx, key);
    // Somebody may have put it into shadow meanwhile, or another run may have been faster.
    await begin(tx, tenantId, input);
    for (let position = 0; position < decisions.length; position += LOG_CHUNK) {
      const { parameter } = decisions.slice(position, LOG_CHUNK);
      await logRun(tx, key, position, parameter);
    }
    const number = await insertCheckpoint(
      tx,
      key,
      {
        position: decisions.length,
        ...files,
        metadata: {
          decisions: learned.decisions,
          passes,
          model_bytes: files.model.bytes,
          resume_bytes: files.resume.bytes,
        },
      },
      now(),
    );
    if (number === undefined) throw new Error(`version ${version} had a checkpoint that it had not`);
    const result: TrainingRunResult = {
      ...found,
      mean_loss: learned.meanLoss,
      seconds: (now() - startedAt) / 1_000,
      checkpoint: number,
    };
    const total = decisions.length * passes;
    await checkpoint(tx, { result }, { done: total, total, unit: 'decisions' });
    return result;
  });
}
