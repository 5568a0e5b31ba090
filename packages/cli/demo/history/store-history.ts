import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Evaluation, EvaluationReport, EvaluationTarget, TrainingRun } from '@rlaas/schemas';
import { type Client, Refused } from '../client.ts';
import { LOGS, importStore } from './import-store.ts';

/** The week of the sample, and where it is cut: learned is from the first part, evaluated on the second. */
const FROM = '2019-11-24T00:00:00.000Z';
const CUT = '2019-11-28T00:00:00.000Z';
const TO = '2019-12-01T00:00:00.000Z';
const LOOK_MS = 250;
const GIVE_UP_MS = 120_000;

/** What the history of the store says. */
export interface StoreResult {
  /** What Thompson sampling earned, by its own log. */
  thompson: EvaluationReport;
  /** The same, by the log of the random policy alone. */
  estimated: EvaluationReport;
  /** The random policy itself, in the second part of its week. */
  random: EvaluationReport;
  /** A version that learned from the first part, on the second. */
  learned: EvaluationReport;
  trainedOn: number;
}

/** Imports a week of a fashion store, estimates one policy from the log of another, and trains a new one on it. */
export async function runStoreHistory(
  client: Client,
  given: { origin: string; key: string; onStep: (what: string) => void },
): Promise<StoreResult> {
  const { onStep } = given;
  onStep('importing 20,000 decisions of a fashion store (Open Bandit Dataset) …');
  await importStore(client, given.origin, given.key);
  const [random, thompson] = LOGS;
  onStep('what Thompson sampling earned, by its own log …');
  const own = await evaluate(client, thompson.policy, { logging: true }, FROM, TO);
  onStep('and by the log of the random policy …');
  const tables = readTables();
  const declared = { declared: { by: 'position', tables } };
  const estimated = await evaluate(client, random.policy, declared, FROM, TO);
  onStep('training a version on the first four days …');
  await client.post(`/v1/policies/${random.policy}/versions`, {
    name: 'v1',
    configuration: {
      description: 'Learned from items that were shown at random.',
      explorer: { kind: 'softmax', lambda: 200 },
      minimum_probability: 0.1,
    },
  });
  const run = await client.post<TrainingRun>('/v1/training-runs', {
    policy: random.policy,
    version: 'v1',
    from: FROM,
    to: CUT,
  });
  const trained = await ended<TrainingRun>(client, `/v1/jobs/${run.id}`);
  onStep('and evaluating it on the last three …');
  return {
    thompson: own,
    estimated,
    random: await evaluate(client, random.policy, { logging: true }, CUT, TO),
    learned: await evaluate(client, random.policy, { version: 'v1' }, CUT, TO),
    trainedOn: trained.result?.decisions ?? 0,
  };
}

/** An evaluation, again until the rewards of all imported decisions are there. */
async function evaluate(
  client: Client,
  policy: string,
  target: EvaluationTarget,
  from: string,
  to: string,
): Promise<EvaluationReport> {
  const deadline = Date.now() + GIVE_UP_MS;
  for (;;) {
    const report = await tryEvaluate(client, { policy, target, from, to });
    if (report && report.left_out.open_window + report.left_out.no_reward === 0) return report;
    if (Date.now() > deadline) {
      throw new Error(`rewards of ${policy} are missing: ${JSON.stringify(report?.left_out)}`);
    }
    await sleep(LOOK_MS);
  }
}

/** @returns `undefined` while there is no reward at all */
async function tryEvaluate(
  client: Client,
  asked: { policy: string; target: EvaluationTarget; from: string; to: string },
): Promise<EvaluationReport | undefined> {
  try {
    const { id } = await client.post<Evaluation>('/v1/evaluations', asked);
    const { report } = await ended<Evaluation>(client, `/v1/evaluations/${id}`);
    return report ?? undefined;
  } catch (error) {
    if (error instanceof Refused && error.status === 409) return undefined;
    throw error;
  }
}

async function ended<T extends Pick<Evaluation, 'status' | 'error'>>(
  client: Client,
  path: string,
): Promise<T> {
  for (;;) {
    const seen = await client.get<T>(path);
    if (seen.status === 'succeeded') return seen;
    if (seen.status === 'failed' || seen.status === 'cancelled') {
      throw new Error(`${path} ${seen.status}: ${seen.error?.message}`);
    }
    await sleep(LOOK_MS);
  }
}

/** Probabilities of the Thompson policy by position; see the README of the data. */
function readTables(): Record<string, Record<string, number>> {
  const file = readFileSync(new URL('../data/bts-all-probabilities.json', import.meta.url), 'utf8');
  return (JSON.parse(file) as { probabilities: Record<string, Record<string, number>> }).probabilities;
}
