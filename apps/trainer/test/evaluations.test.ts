import { createHash } from 'node:crypto';
import { createJobs, newId, openJobQueue } from '@rlaas/database';
import {
  Choice,
  DecisionFeatures,
  createLinearPolicy,
  decodeModel,
  emptyPolicyState,
  encodeModel,
} from '@rlaas/learning';
import {
  type Evaluation,
  type EvaluationReport,
  type EvaluationTarget,
  type StartEvaluation,
  versionConfigurationSchema,
} from '@rlaas/schemas';
import { afterAll, describe, expect, test } from 'vitest';
import { createEstimationThreads } from '../src/evaluations/estimation-threads.ts';
import { type EvaluationState, evaluationKind } from '../src/evaluations/evaluation-kind.ts';
import { createEvaluations } from '../src/evaluations/evaluations.ts';
import { type EvaluationOptions, runEvaluation } from '../src/evaluations/run-evaluation.ts';
import {
  ACTIONS,
  type LoggedOptions,
  type LoggedRow,
  startEvaluationWorld,
} from './support/evaluation-world.ts';
import { TENANT } from './support/training-world.ts';

const world = await startEvaluationWorld();
const { db, database, store, log, period, made } = world;
const now = () => Date.now();
const failures: unknown[] = [];
const pools = [1, 2, 3].map((count) => createEstimationThreads(count));
const threadsOf = (count: number) => {
  const pool = pools[count - 1];
  if (!pool) throw new Error(`there are no ${count} threads`);
  return pool;
};
const options: EvaluationOptions = {
  database,
  store,
  now,
  threads: threadsOf(2),
  log: { info: () => undefined },
};
/** What evaluations are done with; a test may put something in their way. */
let current = options;
const queue = await openJobQueue({
  database,
  directUrl: db.url,
  applicationName: 'evaluations',
  now,
  onError: (error) => failures.push(error),
  onFailed: (_job, error) => failures.push(error),
});
await queue.define(evaluationKind);
await queue.work(evaluationKind, (context) => runEvaluation(current, context));
const jobs = createJobs({ database, now });
const evaluations = createEvaluations({ database, jobs, queue: () => queue });
afterAll(async () => {
  await queue.close();
  await Promise.all(pools.map((pool) => pool.close()));
  await world.close();
});

const UNIFORM = [0.3, 0.4, 0.3];
const IMPORT = '0190a000-0000-7000-8000-0000000000aa';
const SHADOW = { shadow: [{ version: 'v2', probabilities: [0.1, 0.1, 0.8] }] };
const main = await log(3_000, UNIFORM, { data: SHADOW });
const whole = period(0, 3_000);
const bySide = {
  declared: { by: 'side', tables: { left: { c: 1 }, right: { a: 0.9, b: 0.1 } } },
} satisfies EvaluationTarget;

async function ended(target: EvaluationTarget, over: Partial<StartEvaluation> = {}): Promise<Evaluation> {
  const started = await evaluations.start(TENANT, 'test', {
    wanted: { policy: 'p', target, ...whole, ...over },
    idempotencyKey: undefined,
  });
  if (!('evaluation' in started)) throw new Error(JSON.stringify(started));
  const { id } = started.evaluation;
  await expect
    .poll(async () => (await evaluations.find(TENANT, id))?.finished_at ?? null, { timeout: 20_000 })
    .not.toBeNull();
  const found = await evaluations.find(TENANT, id);
  if (!found) throw new Error(`there is no evaluation ${id}`);
  return found;
}
async function reported(
  target: EvaluationTarget,
  over: Partial<StartEvaluation> = {},
): Promise<EvaluationReport> {
  const { error, report } = await ended(target, over);
  if (!report) throw new Error(JSON.stringify(error));
  return report;
}
const estimateOf = ({ estimates }: EvaluationReport, name: string) => {
  const found = estimates.find(({ estimator }) => estimator === name);
  if (!found) throw new Error(`there is no ${name}`);
  return found;
};
/** IPS and SNIPS by their definitions. */
function byHand(rows: readonly LoggedRow[], target: (row: LoggedRow) => number): [number, number] {
  let [gains, weights] = [0, 0];
  for (const row of rows) {
    const w = target(row) / row.propensity;
    gains += w * row.reward;
    weights += w;
  }
  return [gains / rows.length, gains / weights];
}

describe('a world with a known truth', () => {
  test('a declared policy has the value that it has there', async () => {
    const report = await reported(bySide);
    const [ips, snips] = byHand(main, ({ side, chosen }) =>
      side === 'left' ? [0, 0, 1].at(chosen)! : [0.9, 0.1, 0].at(chosen)!,
    );
    expect(estimateOf(report, 'ips').value).toBeCloseTo(ips, 9);
    expect(estimateOf(report, 'snips').value).toBeCloseTo(snips, 9);
    const truth = (0.8 + 0.9 * 0.8 + 0.1 * 0.5) / 2;
    // Where a reward model stands in for rewards, the value is as biased as the model.
    const biased = new Set(['dm', 'switch_dr', 'dr_os']);
    const off = report.estimates.filter(
      ({ estimator, value, standard_error: error }) =>
        Math.abs((value ?? 9) - truth) > (biased.has(estimator) ? 0.15 : 4 * (error ?? 0)),
    );
    expect(off).toEqual([]);
    expect(estimateOf(report, 'dr').standard_error).toBeLessThan(
      estimateOf(report, 'ips').standard_error ?? 0,
    );
    const [lower, upper] = report.anytime.interval;
    expect([lower < truth, truth < upper, lower > 0.5, upper <= 1]).toEqual([true, true, true, true]);
    const narrow = estimateOf(report, 'ips').interval;
    expect(upper - lower).toBeGreaterThan((narrow?.[1] ?? 0) - (narrow?.[0] ?? 0));
    expect(report).toMatchObject({
      target: bySide,
      reward_range: [0, 1],
      decisions: 3_000,
      used: 3_000,
      imported: 0,
      overlap: 1,
      verdict: { usable: true, reasons: [] },
      warnings: [],
    });
    expect(report.effective_sample_size).toBeGreaterThan(800);
    expect(report.max_weight).toBeCloseTo(1 / 0.3, 9);
    expect(report.mean_weight).toBeGreaterThan(0.9);
    expect(report.mean_weight).toBeLessThan(1.1);
  });

  test('the digest is one that Postgres makes as well', async () => {
    const report = await reported(bySide);
    const [row] = await db.sql<{ digest: string }>(
      `select encode(sha256(string_agg(uuid_send(r.decision_id) || float8send(r.value), ''::bytea
                                       order by r.occurred_at, r.decision_id)), 'hex') as digest
       from rlaas.rewards r where r.occurred_at < $1`,
      [whole.to],
    );
    expect(report.data_digest).toBe(row?.digest);
    const hash = createHash('sha256');
    for (const { id, reward } of main) {
      const value = Buffer.alloc(8);
      value.writeDoubleBE(reward);
      hash.update(Buffer.from(id.replaceAll('-', ''), 'hex')).update(value);
    }
    expect(report.data_digest).toBe(hash.digest('hex'));
  });

  test('the logging policy has the mean of its rewards', async () => {
    const report = await reported({ logging: true });
    const mean = main.reduce((sum, { reward }) => sum + reward, 0) / main.length;
    expect(report.on_policy.value).toBeCloseTo(mean, 12);
    expect(estimateOf(report, 'ips').value).toBe(report.on_policy.value);
    expect(estimateOf(report, 'snips').value).toBeCloseTo(mean, 12);
    expect([report.mean_weight, report.max_weight, report.effective_sample_size]).toEqual([1, 1, 3_000]);
  });

  test('the baseline plays its first action, explored as the policy says or as was asked', async () => {
    const own = await reported({ baseline: {} });
    const [ips] = byHand(main, ({ chosen }) => (chosen === 0 ? 0.9 : 0.05));
    expect(own.target).toEqual({ baseline: { exploration: 0.1 } });
    expect(estimateOf(own, 'ips').value).toBeCloseTo(ips, 9);
    const other = await reported({ baseline: { exploration: 0.5 } });
    const [half] = byHand(main, ({ chosen }) => (chosen === 0 ? 0.5 : 0.25));
    expect(estimateOf(other, 'ips').value).toBeCloseTo(half, 9);
  });

  test('a version that was logged is taken as it was; where it was not, decisions are left out', async () => {
    await world.makeVersion('v2', {}, 'draft');
    const report = await reported({ logged: 'v2' });
    const [ips] = byHand(main, ({ chosen }) => (chosen === 2 ? 0.8 : 0.1));
    expect(estimateOf(report, 'ips').value).toBeCloseTo(ips, 9);
    await world.makeVersion('v9', {}, 'draft');
    expect(await ended({ logged: 'v9' })).toMatchObject({
      status: 'failed',
      error: {
        code: 'conflict',
        message: 'None of the 3000 decisions with a reward can be used: 3000 target_undefined.',
      },
    });
  });
});

describe('a version', () => {
  const configuration = {
    explorer: { kind: 'epsilon_greedy', epsilon: 0.2 },
    minimum_probability: 0.3,
    learner: { bits: 10 },
  };

  test('is scored by a checkpoint; what that learned of the period is told', async () => {
    await world.makeVersion('v1', configuration, 'shadow');
    expect(await world.learnIncrementally()).toEqual([]);
    const report = await reported({ version: 'v1' });
    const { state, number } = await world.stateOf('v1');
    const parsed = versionConfigurationSchema.parse(configuration);
    const policy = createLinearPolicy(parsed);
    const [features, choice] = [new DecisionFeatures(), new Choice()];
    const [ips] = byHand(main, ({ side, chosen }) => {
      features.read(
        { side, n: 1 },
        ACTIONS.map((id) => ({ id })),
      );
      policy.decide(state, features, undefined, choice);
      return choice.probabilities[chosen] ?? 0;
    });
    expect(estimateOf(report, 'ips').value).toBeCloseTo(ips, 9);
    expect(report).toMatchObject({
      target: { version: 'v1', checkpoint: number },
      warnings: [{ code: 'in_sample', count: 3_000 }],
    });
    const part = await reported({ version: 'v1', checkpoint: number }, period(100, 20));
    expect(part.warnings).toMatchObject([{ code: 'in_sample', count: 20 }]);
    // The first checkpoint knew less of it.
    const early = await reported({ version: 'v1', checkpoint: 1 });
    expect(early).toMatchObject({ target: { checkpoint: 1 }, warnings: [{ code: 'in_sample', count: 500 }] });
    await db.sql("update rlaas.policy_versions set status = 'retired' where name = 'v1'");
  });

  test('that has learned nothing is scored as it begins', async () => {
    await world.makeVersion('fresh', configuration);
    const report = await reported({ version: 'fresh' });
    const [ips] = byHand(main, () => 1 / 3);
    expect(estimateOf(report, 'ips').value).toBeCloseTo(ips, 9);
    expect(report).toMatchObject({
      target: { version: 'fresh', checkpoint: null },
      warnings: [{ code: 'untrained' }],
    });
  });

  test('whose checkpoint is damaged or gone is refused with the reason', async () => {
    const parsed = versionConfigurationSchema.parse(configuration);
    await world.makeVersion('broken', configuration);
    const file = encodeModel(emptyPolicyState(parsed), parsed, {
      policy: 'p',
      version: 'broken',
      position: 0,
    });
    expect(() => decodeModel(file, parsed)).not.toThrow();
    file[file.length - 1] = (file.at(-1) ?? 0) ^ 255;
    await store.put('checkpoints/broken', file);
    const sql = `insert into rlaas.checkpoints (tenant_id, policy, version, number, position, object_key, sha256)
                 values ($1, 'p', 'broken', $2, 0, $3, '')`;
    await db.sql(sql, [TENANT, 1, 'checkpoints/broken']);
    await db.sql(sql, [TENANT, 2, 'checkpoints/gone']);
    expect(await ended({ version: 'broken', checkpoint: 1 })).toMatchObject({
      status: 'failed',
      error: {
        code: 'conflict',
        message: expect.stringContaining('Checkpoint 1 of version "broken" is damaged'),
      },
    });
    expect(await ended({ version: 'broken' })).toMatchObject({
      status: 'failed',
      error: { code: 'conflict', message: 'Checkpoint 2 of version "broken" was removed.' },
    });
  });
});

describe('what is left out, and what is refused', () => {
  test('decisions that cannot count are counted by the reason', async () => {
    const first = made();
    const rows = await log(30, UNIFORM);
    const imported = await log(7, UNIFORM, { importId: IMPORT, data: { mode: 'baseline' } });
    await log(3, UNIFORM, { importId: IMPORT, data: { probabilities: undefined } });
    await log(2, UNIFORM, { status: 'pending' });
    await log(1, UNIFORM, { status: 'inactive' });
    await log(1, UNIFORM, { status: 'none' });
    await log(4, UNIFORM, { recomputed: true });
    await log(5, UNIFORM, { data: { mode: 'degraded' } });
    await log(2, UNIFORM, { data: { mode: 'baseline' } });
    await log(3, UNIFORM, { data: { sticky_of: TENANT } });
    await log(1, UNIFORM, { data: { propensity: 0 } });
    await log(2, UNIFORM, { data: { context: { side: 'middle' } } });
    await log(1, UNIFORM, { data: { actions: [] } });
    // Weighted and squared, it would be no finite number.
    await log(2, UNIFORM, { data: { probabilities: undefined, propensity: 1e-200 }, importId: IMPORT });
    const defaulted = await log(6, UNIFORM, { status: 'defaulted' });
    const report = await reported(bySide, period(first));
    expect(report).toMatchObject({
      decisions: 70,
      used: rows.length + imported.length + 3 + defaulted.length,
      imported: 10,
      left_out: {
        open_window: 2,
        no_reward: 6,
        not_explored: 7,
        sticky_repeat: 3,
        repeated_draw: 0,
        no_propensity: 1,
        target_undefined: 2,
        unreadable: 3,
      },
      warnings: [{ code: 'partial_probabilities', count: 3 }],
    });
    const { left_out: leftOut } = report;
    expect(Object.values(leftOut).reduce((sum, count) => sum + count, report.used)).toBe(report.decisions);
  });

  test('of draws from the same seed the first one counts alone', async () => {
    const sticky = (episode: string, data: object = {}): LoggedOptions => ({
      episode,
      data: { sticky: 'episode', ...data },
    });
    // Before the period: the first draw is what it is, whoever looks at what came later.
    await log(1, UNIFORM, sticky('before'));
    const first = made();
    const used = [await log(3, UNIFORM), await log(1, UNIFORM, sticky('one'))];
    await log(1, UNIFORM, sticky('before'));
    await log(2, UNIFORM, sticky('one'));
    await log(1, [1, 0, 0], sticky('one', { sticky_of: TENANT }));
    // What is excluded is in the seed, in any order.
    used.push(await log(1, [1, 0, 0], sticky('one', { excluded: ['c', 'b'] })));
    used.push(await log(1, [0.5, 0, 0.5], sticky('one', { excluded: ['b'] })));
    await log(2, [1, 0, 0], sticky('one', { excluded: ['b', 'c'] }));
    // A first draw whose reward is not known is the first nevertheless; where nothing was drawn, none was.
    await log(1, UNIFORM, { ...sticky('open'), status: 'pending' });
    await log(1, UNIFORM, sticky('open'));
    await log(1, [1, 0, 0], sticky('degraded', { mode: 'degraded' }));
    used.push(await log(1, UNIFORM, sticky('degraded')));
    // An episode whose decisions are drawn by themselves, before and after a sticky one.
    used.push(await log(2, UNIFORM, { episode: 'free' }), await log(1, UNIFORM, sticky('free')));
    used.push(await log(1, UNIFORM, { episode: 'free' }));
    // The same episode of another policy has a seed of its own.
    const [other] = await log(1, UNIFORM, { ...sticky('shared'), status: 'none' });
    await db.sql("update rlaas.events set policy = 'q' where id = $1", [other?.id]);
    used.push(await log(1, UNIFORM, sticky('shared')));
    // Names: the decision that has it counts, and all where none has.
    const named = await log(1, UNIFORM, { externalId: 'named' });
    used.push(named, await log(2, UNIFORM, { externalId: 'unlinked' }));
    await log(2, UNIFORM, { externalId: 'named' });
    await log(1, UNIFORM, { externalId: 'gone' });
    used.push(await log(1, UNIFORM, { ...sticky('named'), externalId: 'named' }));
    const alias = `insert into rlaas.decision_aliases (tenant_id, policy, external_id, decision_id, linked_at)
                   values ($1, $2, $3, $4, now())`;
    await db.sql(alias, [TENANT, 'p', 'named', named[0]?.id]);
    await db.sql(alias, [TENANT, 'p', 'gone', TENANT]);
    await db.sql(alias, [TENANT, 'q', 'unlinked', TENANT]);

    const report = await reported({ logging: true }, period(first));
    const counted = used.flat();
    expect(report).toMatchObject({
      decisions: counted.length + 12,
      used: counted.length,
      left_out: { repeated_draw: 9, sticky_repeat: 1, open_window: 1, not_explored: 1 },
    });
    const mean = counted.reduce((sum, { reward }) => sum + reward, 0) / counted.length;
    expect(report.on_policy.value).toBeCloseTo(mean, 12);
  });

  test('a report from before repeated draws were left out says that none was', async () => {
    const { id } = await ended({ logging: true });
    await db.sql("update rlaas.evaluations set report = report #- '{left_out,repeated_draw}' where id = $1", [
      id,
    ]);
    const found = await evaluations.find(TENANT, id);
    expect(found?.report?.left_out).toMatchObject({ repeated_draw: 0, sticky_repeat: 0 });
  });

  test('a small sample is told, with its estimates', async () => {
    const report = await reported(bySide, period(0, 100));
    expect(report).toMatchObject({
      used: 100,
      verdict: { usable: false, reasons: [{ code: 'insufficient_sample' }] },
    });
    expect(report.effective_sample_size).toBeLessThan(200);
    // Of a single decision no error is known.
    const single = await reported({ logging: true }, period(0, 1));
    expect(single).toMatchObject({
      used: 1,
      on_policy: { value: main[0]?.reward, standard_error: null, interval: null },
      anytime: { interval: [0, 1] },
    });
  });

  test('a target that does what the log does not is told, also where only propensities are known', async () => {
    for (const data of [{}, { probabilities: undefined }]) {
      const first = made();
      await log(4_000, [0.998, 0.001, 0.001], { data });
      const report = await reported({ declared: { probabilities: { a: 0.94, c: 0.06 } } }, period(first));
      expect(report.overlap).toBeCloseTo(0.94, 2);
      expect(report.verdict).toMatchObject({ usable: false, reasons: [{ code: 'insufficient_overlap' }] });
    }
  });

  test('what cannot begin is refused with the reason', async () => {
    const refusals: string[] = [];
    for (const [target, over] of [
      [{ version: 'nobody' }, {}],
      [{ logged: 'nobody' }, {}],
      [{ version: 'v1', checkpoint: 77 }, {}],
      [{ logging: true }, { policy: 'q' }],
      [{ logging: true }, { from: '2020-01-01T00:00:00.000Z', to: '2020-02-01T00:00:00.000Z' }],
    ] satisfies [EvaluationTarget, Partial<StartEvaluation>][]) {
      const started = await evaluations.start(TENANT, 'test', {
        wanted: { policy: 'p', target, ...whole, ...over },
        idempotencyKey: undefined,
      });
      if (started.outcome === 'refused') refusals.push(`${started.refusal.code}: ${started.refusal.message}`);
    }
    expect(refusals).toEqual([
      'not_found: Policy "p" has no version "nobody".',
      'not_found: Policy "p" has no version "nobody".',
      'not_found: Version "v1" has no checkpoint 77, or has it no longer.',
      'not_found: There is no policy "q".',
      'conflict: No decision that policy "p" made from 2020-01-01T00:00:00.000Z to 2020-02-01T00:00:00.000Z has a final reward.',
    ]);
  });
});

describe('the job', () => {
  const wanted = { policy: 'p', target: bySide, ...whole };
  /** Does an evaluation by itself, noting each state; `stopAt`: the step at which its trainer dies. */
  async function alone(
    threads: number,
    state: EvaluationState | undefined,
    stopAt = Number.POSITIVE_INFINITY,
  ): Promise<{ states: EvaluationState[]; id: string; died: boolean }> {
    const id = newId(Date.now());
    const states: EvaluationState[] = [];
    let time = 0;
    // A second later each time, so that every round is a step.
    const ownNow = (): number => (time += 1_000);
    const died = await runEvaluation(
      { ...options, threads: threadsOf(threads), now: ownNow },
      {
        tenantId: TENANT,
        id,
        input: wanted,
        state,
        signal: new AbortController().signal,
        async checkpoint(_tx, next) {
          if (states.length === stopAt) throw new Error('killed');
          states.push(evaluationKind.state.parse(JSON.parse(JSON.stringify(next))));
        },
      },
    ).then(
      () => false,
      (error: unknown) => {
        if (!(error instanceof Error && error.message === 'killed')) throw error;
        return true;
      },
    );
    return { states, id, died };
  }
  async function reportOf(id: string): Promise<unknown> {
    const [row] = await db.sql<{ report: object }>('select report from rlaas.evaluations where id = $1', [
      id,
    ]);
    return row && { ...row.report, seconds: 0 };
  }

  test('gives the same report with one thread and with three, and after a break', async () => {
    const one = await alone(1, undefined);
    const three = await alone(3, undefined);
    const report = await reportOf(one.id);
    expect(report).toMatchObject({ used: 3_000 });
    expect(await reportOf(three.id)).toEqual(report);

    const broken = await alone(1, undefined, 9);
    expect(broken.died).toBe(true);
    const left = broken.states.at(-1);
    expect(left?.done).toBeGreaterThan(0);
    expect(left?.done).toBeLessThan(3_000);
    expect(await reportOf(broken.id)).toBeUndefined();
    const resumed = await alone(2, left);
    expect(resumed.states.find(({ done }) => done === 0)).toBeUndefined();
    expect(await reportOf(resumed.id)).toEqual(report);
    // Of other data nothing is taken over.
    const changed = left && { ...left, digest: 'other' };
    const anew = await alone(2, changed);
    expect(anew.states[0]?.done).toBe(0);
    expect(await reportOf(anew.id)).toEqual(report);
  });

  test('one whose end was not noted is not done again', async () => {
    const { states } = await alone(1, undefined);
    const again = await alone(1, states.at(-1));
    expect([again.states, await reportOf(again.id)]).toEqual([[], undefined]);
  });

  test('one that is cancelled ends at its next step and has no report', async () => {
    let [looks, id, time] = [0, '', 0];
    const cancelled = Promise.withResolvers<unknown>();
    current = {
      ...options,
      threads: threadsOf(1),
      now: () => {
        looks += 1;
        if (looks === 5) cancelled.resolve(jobs.cancel(TENANT, id));
        return (time += 1_000);
      },
      log: { info: (fields) => ({ evaluation: id } = fields as { evaluation: string }) },
    };
    const evaluation = await ended(bySide);
    await cancelled.promise;
    current = options;
    expect(evaluation).toMatchObject({ status: 'cancelled', report: null, progress: { total: 6_000 } });
    expect(evaluation.progress?.done).toBeLessThan(6_000);
  });

  test('lists show it, and the same idempotency key is the same evaluation', async () => {
    const asked = { wanted, idempotencyKey: 'once' };
    const first = await evaluations.start(TENANT, 'test', asked);
    if (!('evaluation' in first)) throw new Error(JSON.stringify(first));
    const { id } = first.evaluation;
    await expect
      .poll(async () => (await evaluations.find(TENANT, id))?.status, { timeout: 20_000 })
      .toBe('succeeded');
    expect(await evaluations.start(TENANT, 'test', asked)).toMatchObject({
      outcome: 'known',
      evaluation: { id, status: 'succeeded', ...wanted, report: { used: 3_000 } },
    });
    const page = { after: undefined, limit: 1 };
    expect(await evaluations.list(TENANT, { policy: 'p', status: 'succeeded' }, page)).toMatchObject([
      { id },
    ]);
    expect(await evaluations.list(TENANT, { policy: 'q' }, page)).toEqual([]);
  });
});

test('only what was refused failed', () => {
  expect(failures.filter((error) => !(error instanceof Error && error.name === 'JobRefused'))).toEqual([]);
  expect(failures.length).toBeGreaterThan(0);
});
