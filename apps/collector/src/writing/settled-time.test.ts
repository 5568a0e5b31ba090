import fc from 'fast-check';
import { expect, test } from 'vitest';
import { SettledTime } from './settled-time.ts';

test('what is being written is not settled until its end', () => {
  let now = 1_000;
  const time = new SettledTime(
    () => now,
    () => now,
  );
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
    fc.record({ kind: fc.constant('end' as const), which: fc.nat(), known: fc.boolean() }),
    fc.record({ kind: fc.constant('pass' as const), ms: fc.integer({ min: 1, max: 20_000 }) }),
  );
  fc.assert(
    fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
      let [now, steady] = [100_000, 0];
      let told = Number.NEGATIVE_INFINITY;
      const time = new SettledTime(
        () => now,
        () => steady,
      );
      const open: ReturnType<SettledTime['begin']>[] = [];
      let unknown: { at: number; until: number }[] = [];
      const wrong: string[] = [];
      for (const one of steps) {
        if (one.kind === 'clock') now += one.by;
        if (one.kind === 'begin') {
          const group = time.begin();
          if (group.at < told) wrong.push(`received ${group.at}, before ${told}`);
          open.push(group);
        }
        if (one.kind === 'pass') {
          now += one.ms;
          steady += one.ms;
          unknown = unknown.filter(({ until }) => until > steady);
        }
        if (one.kind === 'end') {
          const [group] = open.splice(one.which % (open.length + 1), 1);
          group?.end(one.known);
          if (group && !one.known) unknown.push({ at: group.at, until: steady + 15_000 });
        }
        if (one.kind === 'tell') {
          const settled = time.settledTo();
          if (settled < told) wrong.push(`settled ${settled}, after ${told}`);
          if ([...open, ...unknown].some(({ at }) => at < settled))
            wrong.push(`settled ${settled} although something is open`);
          told = settled;
        }
      }
      expect(wrong).toEqual([]);
    }),
  );
});
