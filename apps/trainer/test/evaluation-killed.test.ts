import { type Evaluation, SEED_API_KEY } from '@rlaas/schemas';
import { afterAll, expect, test } from 'vitest';
import { startEvaluationWorld } from './support/evaluation-world.ts';
import { type TrainerProcess, startTrainer } from './support/trainer-process.ts';
import { runsLong } from '@rlaas/testkit';

const world = await startEvaluationWorld();
const { db, log, period } = world;
const trainers: TrainerProcess[] = [];
afterAll(async () => {
  await Promise.all(trainers.map((trainer) => trainer.kill()));
  await world.close();
});

/** So many that each half of the work takes seconds: how far it is is noted twice a second. */
const DECISIONS = 120_000;

async function ask({ origin }: TrainerProcess, path: string, body?: object): Promise<Evaluation> {
  const response = await fetch(`${origin}${path}`, {
    headers: { authorization: `Bearer ${SEED_API_KEY}`, 'content-type': 'application/json' },
    ...(body && { method: 'POST', body: JSON.stringify(body) }),
  });
  const answer: unknown = await response.json();
  if (!response.ok) throw new Error(JSON.stringify(answer));
  return answer as Evaluation;
}
/** Starts an evaluation once the queue of a trainer is open. */
async function begin(trainer: TrainerProcess): Promise<string> {
  const wanted = { policy: 'p', target: { baseline: {} }, ...period(0) };
  await expect
    .poll(
      () =>
        ask(trainer, '/v1/evaluations', wanted).then(
          () => true,
          () => false,
        ),
      { timeout: 20_000 },
    )
    .toBe(true);
  const [job] = await db.sql<{ id: string }>('select id from rlaas.jobs order by id desc limit 1');
  return job?.id ?? '';
}

test.runIf(runsLong('an evaluation under kill -9'))(
  'an evaluation whose trainer is killed in the middle is done by another one, with the same report',
  async () => {
    for (let part = 0; part < 8; part += 1) await log(DECISIONS / 8, [0.3, 0.4, 0.3]);
    const first = await startTrainer(db.url, world.root);
    trainers.push(first);
    const steady = await begin(first);
    await expect
      .poll(async () => (await ask(first, `/v1/evaluations/${steady}`)).status, { timeout: 60_000 })
      .toBe('succeeded');

    const killed = await begin(first);
    // Half of the work is learning the reward model, which is done again; the rest goes on where it was.
    await expect
      .poll(async () => (await ask(first, `/v1/evaluations/${killed}`)).progress?.done ?? 0, {
        timeout: 60_000,
        interval: 20,
      })
      .toBeGreaterThan(DECISIONS);
    await first.kill();
    const [left] = await db.sql<{ status: string }>('select status from rlaas.jobs where id = $1', [killed]);
    expect(left).toEqual({ status: 'running' });

    const second = await startTrainer(db.url, world.root);
    trainers.push(second);
    await expect
      .poll(async () => (await ask(second, `/v1/evaluations/${killed}`)).status, { timeout: 60_000 })
      .toBe('succeeded');
    const { report } = await ask(second, `/v1/evaluations/${killed}`);
    const { report: undisturbed } = await ask(second, `/v1/evaluations/${steady}`);
    expect(undisturbed).toMatchObject({ used: DECISIONS, verdict: { usable: true } });
    expect({ ...report, seconds: 0 }).toEqual({ ...undisturbed, seconds: 0 });
    // Its threads do not keep it from stopping.
    expect(await second.stop()).toBe(0);
  },
  150_000,
);
