import { expect, test } from 'vitest';
import { makeHistory, definition, randomOf, shuffled } from './support/history.ts';
import { startRewarding } from './support/rewarding.ts';

const { db, clock, createWorker, store, specify, settle, rewards } = await startRewarding('support-draft');
await specify(definition);
const WINDOW_MS = 60_000;

/** What rewards are made of, without what follows from when they were made. */
const ends = async (): Promise<Map<string, string>> =>
  new Map(
    (await rewards()).map(({ decision_id: id, status, reason, value, components }) => [
      id,
      JSON.stringify({ status, reason, value, components }),
    ]),
  );

test('the same events in any order, split in any way and given to any worker, give the same rewards to the bit', async () => {
  const runs = 6;
  for (let seed = 1; seed <= runs; seed += 1) {
    const random = randomOf(seed);
    const at = clock.now;
    const events = makeHistory(random, at, 40);
    // Long after the last of its events happened, and before any deadline: all of it counts, however it comes.
    const receivedAt = at + 30_000;
    const told: Map<string, string>[] = [];
    for (let order = 0; order < 3; order += 1) {
      clock.now = receivedAt;
      const workers = [createWorker(), createWorker()];
      const mixed = order === 0 ? events : shuffled(events, random);
      for (let from = 0; from < mixed.length;) {
        const size = order === 1 ? mixed.length : 1 + Math.floor(random() * 60);
        await store(...mixed.slice(from, from + size));
        from += size;
        if (order === 2 && random() < 0.6) await Promise.all(workers.map((worker) => worker.open()));
      }
      // Nothing of this has closed before all of it was there.
      clock.now = receivedAt + WINDOW_MS;
      await Promise.all(workers.map((worker) => settle(worker)));
      told.push(await ends());
      await db.sql('delete from rlaas.events');
      await db.sql('delete from rlaas.rewards');
      await db.sql('delete from rlaas.decision_aliases');
    }
    const [first, ...others] = told;
    const decisions = events.filter(({ type }) => type === 'decision').length;
    expect([seed, first?.size]).toEqual([seed, decisions]);
    for (const other of others) expect(other).toEqual(first);
    clock.now += WINDOW_MS;
  }
  expect.assertions(runs * 3);
}, 120_000);
