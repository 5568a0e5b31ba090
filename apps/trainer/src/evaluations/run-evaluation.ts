import { createHash } from 'node:crypto';
import { type Database, type JobContext, JobRefused } from '@rlaas/database';
import type { ObjectStore } from '@rlaas/object-store';
import type { StartEvaluation } from '@rlaas/schemas';
import {
  type FoundDecisions,
  findLoggedTexts,
  findRewardRange,
  findRewardedDecisions,
} from '../store/evaluated-decisions.ts';
import { countLearned } from '../store/evaluated-versions.ts';
import { insertEvaluation } from '../store/evaluations.ts';
import { findRepeatedDraws } from '../store/repeated-draws.ts';
import type { Estimation, EstimationThreads } from './estimation-threads.ts';
import type { EvaluationState } from './evaluation-kind.ts';
import { reportOf } from './evaluation-report.ts';
import { EvaluationTally } from './evaluation-tally.ts';
import { type ExaminedTarget, examineTarget } from './examine-target.ts';
import { loadSource } from './load-source.ts';
import { emptyPeriod } from './evaluation-refusal.ts';
import type { ChunkRow } from './thread-messages.ts';

/** Decisions of one message to a thread. */
const CHUNK = 500;
/** How far it is, and whether to stop, is told and asked this often. */
const PROGRESS_EACH_MS = 500;
/** For the statements that go over the whole period. */
const STATEMENT_MS = 300_000;

type Context = JobContext<StartEvaluation, EvaluationState>;

export interface EvaluationOptions {
  database: Database;
  store: Pick<ObjectStore, 'get'>;
  now: () => number;
  /** These share the work; the report is the same with any number of them. */
  threads: EstimationThreads;
  log: { info: (fields: object, message: string) => void };
}

/** What is settled before the work begins. */
interface Plan {
  examined: ExaminedTarget;
  found: FoundDecisions;
  range: [number, number];
  learned: number;
  digest: string;
}

/**
 * Estimates the value of a target from the decisions of a period, and stores the report. First a reward model learns all
 * of them, then every chunk is estimated with it; after a break it goes on behind the last chunk that was noted, unless
 * rewards of the period have closed meanwhile, and then it begins anew with them.
 */
export async function runEvaluation(options: EvaluationOptions, context: Context): Promise<object> {
  const result = { evaluation: context.id };
  if (context.state?.reported) return result;
  const { now, log } = options;
  const startedAt = now();
  const plan = await planOf(options, context);
  const { examined, found, range, learned, digest } = plan;
  const { policy } = context.input;
  log.info({ evaluation: context.id, policy, decisions: found.rewarded.length }, 'evaluation begun');
  const source = await loadSource(options.store, examined.source);
  const estimation = options.threads.begin({ source, range });
  try {
    const tally = await estimateAll(options, context, plan, estimation);
    if (tally.sums.n === 0) throw nothingUsed(found, tally);
    const seconds = (now() - startedAt) / 1_000;
    const report = reportOf(tally, { target: examined.target, range, found, learned, digest, seconds });
    const { tenantId, id, input, checkpoint } = context;
    await options.database.transaction({ role: 'rlaas_worker', tenants: [tenantId] }, async (tx) => {
      const total = found.rewarded.length * 2;
      const state = { target: examined.target, digest, done: found.rewarded.length, tally: tally.toJSON() };
      await checkpoint(tx, { ...state, reported: true }, { done: total, total, unit: 'decisions' });
      await insertEvaluation(tx, { tenantId, id, input, report }, now());
    });
    log.info({ evaluation: id, policy, used: report.used, seconds }, 'evaluation done');
    return result;
  } finally {
    estimation.end();
  }
}

async function planOf({ database }: EvaluationOptions, { tenantId, input, state }: Context): Promise<Plan> {
  const reading = {
    role: 'rlaas_worker',
    tenants: [tenantId],
    readOnly: true,
    statementTimeoutMs: STATEMENT_MS,
  } as const;
  return database.transaction(reading, async (tx) => {
    const { policy } = input;
    const examined = await examineTarget(tx, tenantId, { policy, target: state?.target ?? input.target });
    if ('refusal' in examined) throw new JobRefused(examined.refusal.code, examined.refusal.message);
    const found = await findRewardedDecisions(tx, tenantId, input);
    if (found.rewarded.length === 0) {
      const { code, message } = emptyPeriod(input);
      throw new JobRefused(code, message);
    }
    const range = await findRewardRange(tx, tenantId, policy, found.specVersions);
    if (!range) throw new Error(`rewards of policy ${policy} have no specification`);
    const { source } = examined;
    const learned =
      source.kind === 'version' && source.checkpoint
        ? await countLearned(
            tx,
            tenantId,
            { version: source.version, position: source.checkpoint.position },
            input,
          )
        : 0;
    const digest = createHash('sha256').update(found.rewarded.bytes).digest('hex');
    return { examined, found, range, learned, digest };
  });
}

/** Gives the threads all decisions, twice. */
async function estimateAll(
  { database, now }: EvaluationOptions,
  { tenantId, state, signal, checkpoint }: Context,
  { examined: { target }, found: { rewarded }, digest }: Plan,
  estimation: Estimation,
): Promise<EvaluationTally> {
  const own = { role: 'rlaas_worker', tenants: [tenantId] } as const;
  const goesOn = state?.digest === digest ? state : undefined;
  const tally = new EvaluationTally(goesOn?.tally);
  let done = goesOn?.done ?? 0;
  let toldAt = Number.NEGATIVE_INFINITY;

  async function tell(gone: number): Promise<void> {
    signal.throwIfAborted();
    if (now() - toldAt < PROGRESS_EACH_MS) return;
    toldAt = now();
    const next: EvaluationState = { target, digest, done, tally: tally.toJSON(), reported: false };
    const progress = { done: gone, total: rewarded.length * 2, unit: 'decisions' };
    await database.transaction(own, (tx) => checkpoint(tx, next, progress));
  }
  /** 1 for each decision that repeats a draw. Looked up once, so that what is estimated is what was learned. */
  const repeated = new Uint8Array(rewarded.length);
  async function read(start: number, lookUp: boolean): Promise<ChunkRow[]> {
    const ids = rewarded.ids(start, CHUNK);
    const texts = await database.transaction({ ...own, readOnly: true }, async (tx) => {
      const found = await findLoggedTexts(tx, tenantId, ids.parameter);
      // Planning it takes as long as all the rest, and most logs have neither episodes nor names.
      if (lookUp && found.some(({ shared }) => shared)) {
        for (const n of await findRepeatedDraws(tx, tenantId, ids.parameter)) repeated[start + n - 1] = 1;
      }
      return found;
    });
    return texts.map(({ n, id, data, imported }) => ({
      id,
      data,
      imported,
      repeated: repeated[start + n - 1] === 1,
      reward: rewarded.rewardAt(start + n - 1),
    }));
  }
  /** Chunks from `start` on, one for each thread. */
  async function readRound(start: number): Promise<ChunkRow[][]> {
    const chunks: ChunkRow[][] = [];
    for (let at = start; at < rewarded.length && chunks.length < estimation.threads; at += CHUNK) {
      chunks.push(await read(at, false));
    }
    return chunks;
  }

  let rows = await read(0, true);
  for (let at = 0; at < rewarded.length; at += CHUNK) {
    await tell(at);
    // The next rows are read while these are learned.
    const [, next] = await Promise.all([
      estimation.learn(rows),
      at + CHUNK < rewarded.length ? read(at + CHUNK, true) : [],
    ]);
    rows = next;
  }
  let round = await readRound(done);
  while (done < rewarded.length) {
    await tell(rewarded.length + done);
    const behind = Math.min(done + round.length * CHUNK, rewarded.length);
    const [estimated, next] = await Promise.all([estimation.estimate(round), readRound(behind)]);
    for (const [index, part] of estimated.entries()) {
      const size = Math.min(CHUNK, rewarded.length - done);
      tally.add(part, size - (round[index]?.length ?? 0));
      done += size;
    }
    round = next;
  }
  signal.throwIfAborted();
  return tally;
}

function nothingUsed({ rewarded }: FoundDecisions, { leftOut }: EvaluationTally): JobRefused {
  const reasons = Object.entries(leftOut)
    .filter(([, count]) => count > 0)
    .map(([reason, count]) => `${count} ${reason}`);
  return new JobRefused(
    'conflict',
    `None of the ${rewarded.length} decisions with a reward can be used: ${reasons.join(', ')}.`,
  );
}
