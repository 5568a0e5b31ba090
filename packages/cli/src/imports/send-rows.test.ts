import { setImmediate as turn } from 'node:timers/promises';
import type { Event } from '@rlaas/schemas';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { SentEvent } from './import-server.ts';
import { type MappedSourceRow, sendRows } from './send-rows.ts';

const event = (id: string, characters = 1): Event => ({
  id,
  type: 'outcome',
  occurred_at: '2025-01-01T00:00:00.000Z',
  source: 'x',
  external_id: 'x',
  policy: 'p',
  data: { name: 'sent', value: 'x'.repeat(characters) },
});
async function* rowsOf(
  sizes: readonly number[],
  characters = 1,
  onRead: (line: number) => void = () => undefined,
): AsyncGenerator<MappedSourceRow> {
  for (const [line, size] of sizes.entries()) {
    onRead(line);
    yield {
      line,
      values: {},
      events: Array.from({ length: size }, (_, index) => event(`${line}/${index}`, characters)),
    };
  }
}
const accept = (events: readonly Event[]): SentEvent[] => events.map(() => ({ status: 'accepted' }));

test('each row is settled once with its own answers, in batches of at most 500 events, two at a time', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.integer({ min: 1, max: 120 }), { maxLength: 60 }), async (sizes) => {
      const settled: string[] = [];
      const batches: number[] = [];
      let [sending, most] = [0, 0];
      await sendRows(rowsOf(sizes), {
        async send(events) {
          batches.push(events.length);
          sending += 1;
          most = Math.max(most, sending);
          await turn();
          sending -= 1;
          return events.map(({ id }) => ({ status: 'rejected', code: undefined, path: '', message: id }));
        },
        settle(row, sent) {
          settled.push(...sent.map((one) => (one.status === 'rejected' ? one.message : '')));
          expect(sent).toHaveLength(row.events.length);
          return Promise.resolve();
        },
      });
      const all = sizes.flatMap((size, line) =>
        Array.from({ length: size }, (_, index) => `${line}/${index}`),
      );
      expect(settled.toSorted((a, b) => a.localeCompare(b))).toEqual(
        all.toSorted((a, b) => a.localeCompare(b)),
      );
      expect(Math.max(0, ...batches)).toBeLessThanOrEqual(500);
      expect(most).toBeLessThanOrEqual(2);
    }),
    { numRuns: 30 },
  );
});

test('large events make small batches', async () => {
  const batches: number[] = [];
  await sendRows(rowsOf([1, 1, 1, 1, 1], 900_000), {
    send: (events) => {
      batches.push(events.length);
      return Promise.resolve(accept(events));
    },
    settle: () => Promise.resolve(),
  });
  expect(batches).toEqual([2, 2, 1]);
});

test('rows are read no faster than batches are answered', async () => {
  const gate = Promise.withResolvers<void>();
  let read = 0;
  const sending = sendRows(
    rowsOf(
      Array.from({ length: 5_000 }, () => 1),
      1,
      () => (read += 1),
    ),
    {
      async send(events) {
        await gate.promise;
        return accept(events);
      },
      settle: () => Promise.resolve(),
    },
  );
  await expect.poll(() => read).toBeGreaterThan(1_000);
  for (let turns = 0; turns < 50; turns += 1) await turn();
  // Two batches are under way, and a third one is full.
  expect(read).toBe(1_501);
  gate.resolve();
  await sending;
  expect(read).toBe(5_000);
});

test('the first failure ends it, once nothing is under way', async () => {
  let [underWay, sends] = [0, 0];
  const sending = sendRows(rowsOf(Array.from({ length: 5_000 }, () => 1)), {
    async send(events) {
      sends += 1;
      underWay += 1;
      const second = sends === 2;
      await turn();
      underWay -= 1;
      if (second) throw new Error('refused');
      return accept(events);
    },
    settle: () => Promise.resolve(),
  });
  await expect(sending).rejects.toThrow('refused');
  expect(underWay).toBe(0);
  expect(sends).toBeLessThan(6);
});
