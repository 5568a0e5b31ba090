import { SEED_API_KEY, type TrainingRun } from '@rlaas/schemas';
import { afterAll, expect, test } from 'vitest';
import { type TrainerProcess, startTrainer } from './support/trainer-process.ts';
import { startTrainingWorld } from './support/training-world.ts';
import { runsLong } from '@rlaas/testkit';

const world = await startTrainingWorld();
const { db, makeDecisions, makeVersion, stateOf, logOf } = world;
const trainers: TrainerProcess[] = [];
afterAll(async () => {
  await Promise.all(trainers.map((trainer) => trainer.kill()));
  await world.close();
});

async function ask({ origin }: TrainerProcess, path: string, body?: object): Promise<TrainingRun> {
  const response = await fetch(`${origin}${path}`, {
    headers: { authorization: `Bearer ${SEED_API_KEY}`, 'content-type': 'application/json' },
    ...(body && { method: 'POST', body: JSON.stringify(body) }),
  });
  const answer: unknown = await response.json();
  if (!response.ok) throw new Error(JSON.stringify(answer));
  return answer as TrainingRun;
}
/** Starts a run once the queue of a trainer is open. */
async function begin(trainer: TrainerProcess, version: string): Promise<string> {
  const wanted = { policy: 'p', version, ...world.period(), passes: 20 };
  await expect
    .poll(
      () =>
        ask(trainer, '/v1/training-runs', wanted).then(
          () => true,
          () => false,
        ),
      { timeout: 20_000 },
    )
    .toBe(true);
  const [run] = await db.sql<{ id: string }>('select id from rlaas.jobs order by id desc limit 1');
  return run?.id ?? '';
}

test.runIf(runsLong('a training run under kill -9'))(
  'a run whose trainer is killed in the middle is done by another one, to the same bits',
  async () => {
    const configuration = { explorer: { kind: 'bagging', models: 4 }, learner: { bits: 12 } };
    await makeDecisions(2_000);
    await makeVersion('steady', configuration);
    await makeVersion('killed', configuration);
    const first = await startTrainer(db.url, world.root);
    trainers.push(first);
    const steady = await begin(first, 'steady');
    await expect
      .poll(async () => (await ask(first, `/v1/jobs/${steady}`)).status, { timeout: 60_000 })
      .toBe('succeeded');

    const killed = await begin(first, 'killed');
    await expect
      .poll(async () => (await ask(first, `/v1/jobs/${killed}`)).progress?.done ?? 0, {
        timeout: 60_000,
        interval: 20,
      })
      .toBeGreaterThan(0);
    await first.kill();
    const [left] = await db.sql<{ status: string }>('select status from rlaas.jobs where id = $1', [killed]);
    expect(left).toEqual({ status: 'running' });
    expect(await logOf('killed')).toEqual([]);

    const second = await startTrainer(db.url, world.root);
    trainers.push(second);
    await expect
      .poll(async () => (await ask(second, `/v1/jobs/${killed}`)).status, { timeout: 60_000 })
      .toBe('succeeded');
    const { result } = await ask(second, `/v1/jobs/${killed}`);
    expect(result).toMatchObject({ decisions: 2_000, unusable: 0, open_windows: 0, checkpoint: 1 });
    expect(result?.mean_loss).toBe((await ask(second, `/v1/jobs/${steady}`)).result?.mean_loss);
    expect(await stateOf('killed')).toEqual(await stateOf('steady'));
    expect(await logOf('killed')).toEqual(await logOf('steady'));
    // Its thread does not keep it from stopping.
    expect(await second.stop()).toBe(0);
  },
  150_000,
);
