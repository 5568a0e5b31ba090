import fc from 'fast-check';
import { expect, test } from 'vitest';
import { SettledTime } from './settled-time.ts';

test('what is being written is not settled until its end', () => {
  let now = 1_000;
  const time = new SettledTime(() => now);
  expect(time.settledTo()).toBe(1_000);
  const first = time.begin();
  now = 2_000;
  const second = time.begin();
  expect([first.at, second.at, time.settledTo()]).toEqual([1_000, 2_000, 1_000]);
  first.end(true);
  expect(time.settledTo()).toBe(2_000);
  now = 3_000;
  second.end(false);
  expect(time.settledTo()).toBe(2_000);
  now = 17_999;
  expect(time.settledTo()).toBe(2_000);
  now = 18_000;
  expect(time.settledTo()).toBe(18_000);
});

test('no group is received before what was told as settled, however clocks are set', () => {
  const step = fc.oneof(
    fc.record({ kind: fc.constant('clock' as const), by: fc.integer({ min: -5_000, max: 5_000 }) }),
    fc.record({ kind: fc.constantFrom('begin' as const, 'tell' as const) }),
    fc.record({ kind: fc.constant('end' as const), which: fc.nat(), known: fc.constant(true) }),
  );
  fc.assert(
    fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
      let now = 100_000;
      let told = Number.NEGATIVE_INFINITY;
      const time = new SettledTime(() => now);
      const open: ReturnType<SettledTime['begin']>[] = [];
      const wrong: string[] = [];
      for (const one of steps) {
        if (one.kind === 'clock') now += one.by;
        if (one.kind === 'begin') {
          const group = time.begin();
          if (group.at < told) wrong.push(`received ${group.at}, before ${told}`);
          open.push(group);
        }
        if (one.kind === 'end') open.splice(one.which % (open.length + 1), 1)[0]?.end(one.known);
        if (one.kind === 'tell') {
          const settled = time.settledTo();
          if (settled < told) wrong.push(`settled ${settled}, after ${told}`);
          if (open.some(({ at }) => at < settled))
            wrong.push(`settled ${settled} although something is open`);
          told = settled;
        }
      }
      expect(wrong).toEqual([]);
    }),
  );
});
