import { newId } from '@rlaas/database';
import { expect, test } from 'vitest';
import { readTrainingBacklog } from '../src/store/training-backlog.ts';
import { TENANT, drain, startTraining } from './support/training-bed.ts';

const bed = await startTraining('p');
const { db, clock, database } = bed;
const backlog = () =>
  database.transaction({ role: 'rlaas_worker', tenants: [TENANT], readOnly: true }, (tx) =>
    readTrainingBacklog(tx, clock.now),
  );

test('what waits is what a version would learn next, and nothing else', async () => {
  expect(await backlog()).toEqual({
    waiting: 0,
    oldestWaitingSeconds: 0,
    checkpoints: 0,
    checkpointAgeSeconds: 0,
  });
  await bed.insertVersion('early', { learner: { bits: 8, learn_early: true } });
  await bed.insertVersion('late', { learner: { bits: 8 } });
  const start = clock.now;
  const [final, provisional, open, repeated, recomputed] = await Promise.all(
    Array.from({ length: 5 }, (_, i) => bed.insertDecision(i, newId(start + i))),
  );
  if (!final || !provisional || !open || !repeated || !recomputed) throw new Error('there are five');
  const later = start + 3_600_000;
  await bed.insertReward(final, { status: 'final', value: 1, deadline: start });
  for (const id of [provisional, open]) {
    await bed.insertReward(id, { status: 'pending', value: null, deadline: later });
  }
  await db.sql('update rlaas.rewards set provisional_value = 1, provisional_at = $2 where decision_id = $1', [
    provisional,
    new Date(start - 60_000),
  ]);
  for (const id of [repeated, recomputed]) {
    await bed.insertReward(id, { status: 'final', value: 1, deadline: start });
  }
  await db.sql(`update rlaas.events set data = data || '{"sticky_of": "x"}' where id = $1`, [repeated]);
  await db.sql('update rlaas.rewards set recomputed = true where decision_id = $1', [recomputed]);
  clock.now += 30_000;
  // The final one for both versions, the provisional one for one of them.
  expect(await backlog()).toMatchObject({ waiting: 3, oldestWaitingSeconds: 90 });

  const worker = bed.createWorker();
  await drain(worker, clock);
  expect(await backlog()).toEqual({
    waiting: 0,
    oldestWaitingSeconds: 0,
    checkpoints: 2,
    checkpointAgeSeconds: 0,
  });
  await worker.release();
  // Learned, and no checkpoint since.
  await db.sql(
    "update rlaas.rewards set status = 'final', value = 1, closed_at = $2 where decision_id = $1",
    [open, new Date(clock.now)],
  );
  clock.now += 500;
  await bed
    .createWorker({
      store: { ...bed.store, put: () => Promise.reject(new Error('the bucket is away')) },
    })
    .round();
  clock.now += 7_000;
  const { waiting, checkpointAgeSeconds } = await backlog();
  expect(waiting).toBe(0);
  expect(checkpointAgeSeconds).toBeGreaterThanOrEqual(7.5);
});
