import { newId } from '@rlaas/database';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { drain, startTraining } from './support/training-bed.ts';
import { createCounts } from './support/training-counts.ts';
import { type Lesson, uninterrupted } from './support/uninterrupted.ts';

const bed = await startTraining('p');
const { db, clock, failures } = bed;
const CONFIGURATION = { explorer: { kind: 'squarecb' }, learner: { bits: 8, learn_early: true } };
const LATE = { ...CONFIGURATION, learner: { bits: 8 } };
await bed.insertVersion('early', CONFIGURATION);

/** A decision as the test knows it. */
interface Known {
  id: string;
  i: number;
  deadline: number;
  provisional?: { value: number; at: number };
  final?: number;
  learned: boolean;
}

async function showProvisional(decision: Known, value: number): Promise<void> {
  // As the reward service does: a value that did not change keeps its time.
  if (decision.provisional?.value !== value) decision.provisional = { value, at: clock.now };
  const { at } = decision.provisional;
  await db.sql(
    "update rlaas.rewards set provisional_value = $2, provisional_at = $3 where decision_id = $1 and status = 'pending'",
    [decision.id, value, new Date(at)],
  );
}

async function closeReward(decision: Known, value: number): Promise<void> {
  decision.final = value;
  await db.sql(
    "update rlaas.rewards set status = 'final', value = $2, closed_at = $3 where decision_id = $1",
    [decision.id, value, new Date(clock.now)],
  );
}

async function open(i: number): Promise<Known> {
  clock.now += 1;
  const deadline = clock.now + 3_600_000;
  const id = await bed.insertDecision(i, newId(clock.now));
  await bed.insertReward(id, { status: 'pending', value: null, deadline });
  return { id, i, deadline, learned: false };
}

const clear = async (): Promise<void> => {
  for (const table of ['training_leases', 'checkpoints', 'training_log', 'rewards']) {
    await db.sql(`delete from rlaas.${table}`);
  }
};

test('a complete decision is learned once, at its provisional value; another at its final one', async () => {
  await bed.insertVersion('late', LATE);
  const early = createCounts();
  const worker = bed.createWorker(early);
  const [complete, open1, changed] = [await open(0), await open(1), await open(2)];
  await showProvisional(complete, 0.25);
  clock.now += 1;
  await showProvisional(changed, 0.5);
  await worker.round();
  await showProvisional(changed, 0.75);
  await worker.round();
  await closeReward(complete, 1);
  await closeReward(open1, 0.1);
  await closeReward(changed, 1);
  while (await worker.round());
  const log = await db.sql<{ version: string; decision_id: string; value: number }>(
    'select version, decision_id, value from rlaas.training_log order by version, position',
  );
  expect(log).toEqual([
    { version: 'early', decision_id: complete.id, value: 0.25 },
    { version: 'early', decision_id: changed.id, value: 0.5 },
    { version: 'early', decision_id: open1.id, value: 0.1 },
    { version: 'late', decision_id: complete.id, value: 1 },
    { version: 'late', decision_id: open1.id, value: 0.1 },
    { version: 'late', decision_id: changed.id, value: 1 },
  ]);
  expect(early.counts).toMatchObject({ provisional: 2, final: 4 });
  await db.sql("update rlaas.policy_versions set status = 'retired' where name = 'late'");
  await clear();
});

test('what a busy trainer finds closed already it learns at the value that was provisional', async () => {
  const [complete, superseded] = [await open(0), await open(1)];
  await showProvisional(complete, 0.25);
  await closeReward(complete, 1);
  await showProvisional(superseded, 0.5);
  await db.sql("update rlaas.rewards set status = 'inactive' where decision_id = $1", [superseded.id]);
  await bed.createWorker().round();
  const log = await db.sql('select decision_id, value from rlaas.training_log');
  expect(log).toEqual([{ decision_id: complete.id, value: 0.25 }]);
  await clear();
});

test('rewards in rows of the log that say no value are learned at their final one', async () => {
  const decisions = [await open(0), await open(1)];
  const worker = bed.createWorker();
  for (const decision of decisions) await closeReward(decision, decision.i + 0.5);
  await drain(worker, clock);
  const before = await bed.newestState('early', CONFIGURATION);
  await worker.release();
  await db.sql('delete from rlaas.checkpoints');
  await db.sql('update rlaas.training_log set value = null');
  await drain(bed.createWorker(), clock);
  expect(await bed.newestState('early', CONFIGURATION)).toEqual(before);
  await clear();
});

/** What happens, one after the other; numbers choose among the decisions that there are. */
const step = fc.oneof(
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('open' as const) }) },
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant('complete' as const),
      which: fc.nat(),
      value: fc.integer({ min: 0, max: 4 }),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant('close' as const),
      which: fc.nat(),
      value: fc.integer({ min: 0, max: 4 }),
    }),
  },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('learn' as const) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('checkpoint' as const) }) },
  // Without a word to anybody: what was learned and is in no checkpoint is gone from memory.
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('kill' as const) }) },
);

test('however it is killed, each decision is learned once and in order, to the bits of an uninterrupted run', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 30 }), async (steps) => {
      await clear();
      const decisions: Known[] = [];
      const lessons: Lesson[] = [];
      let worker = bed.createWorker();
      const learn = async (): Promise<void> => {
        const found = decisions.filter(
          ({ learned, provisional, final }) => !learned && (provisional ?? final) !== undefined,
        );
        const at = (decision: Known): number => decision.provisional?.at ?? decision.deadline;
        for (const decision of found.toSorted((a, b) => at(a) - at(b) || (a.id < b.id ? -1 : 1))) {
          decision.learned = true;
          const value = decision.provisional?.value ?? decision.final ?? Number.NaN;
          lessons.push({ id: decision.id, value, data: bed.dataOf(decision.i) });
        }
        while (await worker.round());
      };
      for (const now of steps) {
        clock.now += 10;
        const waiting = decisions.filter(({ final }) => final === undefined);
        const chosen = 'which' in now ? waiting[now.which % waiting.length] : undefined;
        if (now.kind === 'open') decisions.push(await open(decisions.length));
        else if (now.kind === 'complete' && chosen) await showProvisional(chosen, now.value / 4);
        else if (now.kind === 'close' && chosen) await closeReward(chosen, now.value / 4);
        else if (now.kind === 'learn') await learn();
        else if (now.kind === 'checkpoint') {
          clock.now += 2_000;
          await learn();
        } else if (now.kind === 'kill') {
          worker = bed.createWorker();
          clock.now += 10_000;
        }
      }
      for (const decision of decisions) {
        if (decision.final === undefined) await closeReward(decision, 1);
      }
      await learn();
      clock.now += 2_000;
      await worker.round();
      const log = await db.sql<{ id: string; value: number }>(
        'select decision_id as id, value from rlaas.training_log order by position',
      );
      expect(log).toEqual(lessons.map(({ id, value }) => ({ id, value })));
      if (lessons.length === 0) return;
      const expected = { position: lessons.length, state: uninterrupted(CONFIGURATION, lessons) };
      expect(await bed.newestState('early', CONFIGURATION)).toEqual(expected);
      // From the log alone, now that every reward is final at a value that may be another one.
      await db.sql('delete from rlaas.checkpoints');
      clock.now += 10_000;
      await drain(bed.createWorker(), clock);
      expect(await bed.newestState('early', CONFIGURATION)).toEqual(expected);
    }),
    { numRuns: 25 },
  );
  expect(failures).toEqual([]);
}, 120_000);
