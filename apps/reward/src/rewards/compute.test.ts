import { rewardSpecificationSchema } from '@rlaas/schemas';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type Outcome, computeReward, deadlineOf } from './compute.ts';

const specification = rewardSpecificationSchema.parse({
  range: [-1, 1],
  window: { after: '10s', grace: '2s' },
  outcome: 'right',
  default: -0.25,
});
const at = 1_000_000;
const times = { occurredAt: at, deadline: at + 12_000 };
let number = 0;
const outcome = (over: Partial<Outcome> = {}): Outcome => ({
  id: String((number += 1)).padStart(4, '0'),
  occurredAt: at + 1_000,
  receivedAt: at + 1_100,
  name: 'right',
  value: true,
  ...over,
});

test('the clock begins with the decision; one that arrived late still waits for the grace', () => {
  expect(deadlineOf(specification, at, at + 10)).toBe(at + 12_000);
  expect(deadlineOf(specification, at, at + 60_000)).toBe(at + 62_000);
});

test('the reward is the same for any order and repetition of the same events', () => {
  fc.assert(
    fc.property(
      fc.uniqueArray(
        fc.record({
          id: fc.integer({ min: 1, max: 50 }).map((id) => String(id).padStart(4, '0')),
          occurredAt: fc.integer({ min: at - 400_000, max: at + 12_000 }),
          receivedAt: fc.integer({ min: at, max: at + 14_000 }),
          name: fc.constantFrom('right', 'other', null),
          value: fc.oneof(fc.boolean(), fc.double({ noNaN: true, min: -3, max: 3 }), fc.string()),
        }),
        { selector: (event) => event.id, maxLength: 8 },
      ),
      fc.infiniteStream(fc.nat()),
      (events, randoms) => {
        const shuffled = events
          .map((event): [number, Outcome] => [randoms.next().value ?? 0, event])
          .toSorted(([a], [b]) => a - b)
          .map(([, event]) => event);
        const computed = computeReward(specification, times, events);
        expect(computeReward(specification, times, shuffled)).toEqual(computed);
        expect(computed.value).toBeGreaterThanOrEqual(-1);
        expect(computed.value).toBeLessThanOrEqual(1);
        // Each event is either counted or ignored with a reason.
        expect(computed.components.counted.length + computed.components.ignored.length).toBe(events.length);
      },
    ),
  );
});

test('the first by the time it happened counts; ties go to the lower id', () => {
  const late = outcome({ occurredAt: at + 5_000, value: 0.5 });
  const early = outcome({ occurredAt: at + 100, value: 0.25 });
  expect(computeReward(specification, times, [late, early])).toMatchObject({ status: 'final', value: 0.25 });
  const tied = outcome({ occurredAt: at + 100, value: 0.75 });
  expect(computeReward(specification, times, [tied, early])).toMatchObject({ value: 0.25 });
});

test('what does not count is listed with the reason', () => {
  const reasons = computeReward(specification, times, [
    outcome({ name: 'other' }),
    outcome({ value: 'yes' }),
    outcome({ occurredAt: at + 10_001 }),
    outcome({ occurredAt: at - 300_001 }),
    outcome({ receivedAt: at + 12_001 }),
  ]);
  expect(reasons).toMatchObject({ status: 'defaulted', value: -0.25 });
  expect(reasons.components.ignored.map((entry) => entry.reason)).toEqual([
    'other_outcome',
    'no_number',
    'outside_window',
    'outside_window',
    'late',
  ]);
});

test('values are clipped to the range and said to be; without a default the decision is left out', () => {
  expect(computeReward(specification, times, [outcome({ value: 7 })])).toMatchObject({
    value: 1,
    components: { clipped: true },
  });
  expect(computeReward({ ...specification, default: null }, times, [])).toMatchObject({
    status: 'inactive',
    value: null,
  });
});
