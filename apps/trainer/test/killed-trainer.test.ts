import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { setImmediate as turn } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { newId } from '@rlaas/database';
import { expect, test } from 'vitest';
import { TENANT, drain, startTraining } from './support/training-bed.ts';
import { type Lesson, uninterrupted } from './support/uninterrupted.ts';

const PROGRAM = fileURLToPath(new URL('./killed-trainer.ts', import.meta.url));
const REWARDS = 9_000;
const KILLS = 6;
const bed = await startTraining('p');
const { db, clock } = bed;
const CONFIGURATION = { explorer: { kind: 'bagging', models: 4 }, learner: { bits: 10, estimator: 'dr' } };

test('kill -9, again and again: every reward learned once, and the bits of an uninterrupted run', async () => {
  await bed.insertVersion('v', CONFIGURATION);
  const lessons: Lesson[] = Array.from({ length: REWARDS }, (_, i) => ({
    id: newId(clock.now + i),
    value: Math.cos(i),
    data: bed.dataOf(i),
  }));
  await bed.insertFinal(lessons);
  const learned = async (): Promise<number> => {
    const [row] = await db.sql<{ n: number }>('select count(*)::int as n from rlaas.training_log');
    return row?.n ?? 0;
  };
  const killedAt: number[] = [];
  for (let kill = 1; kill <= KILLS; kill += 1) {
    const before = await learned();
    const holder = randomUUID();
    const trainer = spawn(process.execPath, [PROGRAM, db.url, bed.root, holder, String(clock.now)], {
      stdio: ['ignore', 'ignore', 'inherit'],
    });
    const exit = once(trainer, 'exit');
    // Not at once after something was learned, so that it dies in different places.
    while (trainer.exitCode === null && (await learned()) <= before) await turn();
    for (let wait = 0; wait < kill; wait += 1) await learned();
    trainer.kill('SIGKILL');
    expect((await exit)[1]).toBe('SIGKILL');
    killedAt.push(await learned());
    const [lease] = await db.sql<{ holder: string; expires_at: Date }>(
      'select holder, expires_at from rlaas.training_leases where tenant_id = $1',
      [TENANT],
    );
    expect(lease?.holder).toBe(holder);
    clock.now = lease?.expires_at.getTime() ?? clock.now;
  }
  // Each of them came further, and none to the end.
  expect(new Set(killedAt).size).toBe(KILLS);
  expect(killedAt.at(-1)).toBeLessThan(REWARDS);
  await drain(bed.createWorker(), clock);
  expect(await learned()).toBe(REWARDS);
  expect(bed.failures).toEqual([]);
  expect(await bed.newestState('v', CONFIGURATION)).toEqual({
    position: REWARDS,
    state: uninterrupted(CONFIGURATION, lessons),
  });
}, 90_000);
