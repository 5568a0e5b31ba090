import { type Transaction, newId } from '@rlaas/database';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type RewardPlace, findRecentRewards, findRewardsBehind } from '../src/store/learnable-rewards.ts';
import { readTrainingBacklog } from '../src/store/training-backlog.ts';
import { appendTrainingLog } from '../src/store/training-log.ts';
import { TENANT, drain, startTraining } from './support/training-bed.ts';

const bed = await startTraining('p');
const { db, clock, database } = bed;
const VERSION = { tenant_id: TENANT, policy: 'p', version: 'v' };
const working = { role: 'rlaas_worker' as const, tenants: [TENANT] };

test('all rewards are gone through in pages of any size, each once and in order, while some are learned and others close', async () => {
  await bed.insertVersion('v', { learner: { bits: 8 } });
  await bed.makeRewards(40);
  const stored = await db.sql<{ id: string }>(
    `select decision_id as id from rlaas.rewards where policy = 'p' order by deadline, decision_id`,
  );
  const [repeat] = stored;
  await db.sql(`update rlaas.events set data = data || '{"sticky_of": "x"}' where id = $1`, [repeat?.id]);
  expect(stored).toHaveLength(40);
  const expected = stored.slice(1).map(({ id }) => id);
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 1, max: 50 }),
      fc.integer({ min: 1, max: 50 }),
      async (page, limit) => {
        await db.sql(`delete from rlaas.training_log where policy = 'p'`);
        const found: string[] = [];
        let after: RewardPlace | undefined;
        do {
          const place = after;
          const { rewards, next } = await database.transaction(working, async (tx) => {
            const some = await findRewardsBehind(tx, VERSION, {
              early: false,
              order: 'final',
              after: place,
              page,
              limit,
            });
            await appendTrainingLog(tx, VERSION, found.length, some.rewards);
            return some;
          });
          expect(rewards.length).toBeLessThanOrEqual(limit);
          found.push(...rewards.map(({ decision_id: id }) => id));
          after = next;
        } while (after);
        expect(found).toEqual(expected);
        const recent = { early: false, since: 0, limit: 100 };
        expect(await database.transaction(working, (tx) => findRecentRewards(tx, VERSION, recent))).toEqual(
          [],
        );
      },
    ),
    { numRuns: 30 },
  );
  await db.sql(`delete from rlaas.training_log where policy = 'p'`);
});

test('what closes long after its deadline is learned at once, without looking at everything again', async () => {
  const worker = bed.createWorker();
  await drain(worker, clock);
  const learned = async () =>
    (await db.sql(`select from rlaas.training_log where policy = 'p' and version = 'v'`)).length;
  expect(await learned()).toBe(39);
  clock.now += 600_000;
  await drain(worker, clock);
  const id = await bed.insertDecision(100, newId(clock.now));
  await bed.insertReward(id, { status: 'final', value: 1, deadline: clock.now - 30 * 86_400_000 });
  // One of which nobody knows when it closed is found when all are looked at.
  const silent = await bed.insertDecision(101, newId(clock.now));
  await bed.insertReward(silent, { status: 'final', value: 1, deadline: clock.now });
  await db.sql('update rlaas.rewards set closed_at = null where decision_id = $1', [silent]);
  clock.now += 200;
  await worker.round();
  expect(await learned()).toBe(40);
  clock.now += 3_600_000;
  await drain(worker, clock);
  expect(await learned()).toBe(41);
  await worker.release();
});

test('looks nothing up through a whole table, though Postgres thinks that there is nothing in it', async () => {
  const other = { ...VERSION, version: 'scale' };
  await bed.insertVersion('scale', { learner: { bits: 8 } });
  await db.sql(`delete from rlaas.training_log where tenant_id = $1`, [TENANT]);
  for (const table of ['training_log', 'rewards', 'events']) await db.sql(`analyze rlaas.${table}`);
  const decisions = Array.from({ length: 3_000 }, (_, i) => ({
    id: newId(clock.now + (i % 100)),
    value: 1,
    data: bed.dataOf(i),
  }));
  await bed.insertFinal(decisions);
  const learned = decisions
    .slice(0, 2_900)
    .map(({ id, data }) => ({ decision_id: id, value: 1, provisional: false, learnable_at: 0, data }));
  await database.transaction(working, (tx) => appendTrainingLog(tx, other, 0, learned));
  const searches: ((tx: Transaction) => Promise<unknown>)[] = [
    (tx) => findRecentRewards(tx, other, { early: true, since: clock.now, limit: 500 }),
    (tx) =>
      findRewardsBehind(tx, other, {
        early: false,
        order: 'final',
        after: undefined,
        page: 3_100,
        limit: 500,
      }),
    (tx) => readTrainingBacklog(tx, clock.now),
  ];
  const fetched: number[] = [];
  for (const search of searches) {
    fetched.push(
      await database.transaction(working, async (tx) => {
        await search(tx);
        const { rows } = await tx.query<{ fetched: number }>(
          `select sum(idx_tup_fetch + seq_tup_read)::int as fetched from pg_stat_xact_user_tables
           where relname in ('training_log', 'rewards') or relname like 'events%'`,
        );
        return rows[0]?.fetched ?? Number.NaN;
      }),
    );
  }
  // A few rows for each of 3,000 rewards and each version; through a whole table it would be millions.
  expect(fetched.filter((rows) => !(rows > 100 && rows < 60_000))).toEqual([]);
});
