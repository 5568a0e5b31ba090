import { type RewardSpecification, rewardSpecificationSchema } from '@rlaas/schemas';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type CompiledSpecification, compileSpecification } from '../specifications/compile.ts';
import { computeReward } from './compute.ts';
import { deadlineOf, mergeGaps, pushOf } from './deadline.ts';
import type { DecisionFacts, EventFacts } from './facts.ts';

const SECOND = 1_000;
const AT = 1_800_000_000_000;

function compiled(over: object): CompiledSpecification {
  const result = compileSpecification(
    rewardSpecificationSchema.parse({
      range: [-1, 1],
      window: { after: '10s', grace: '2s' },
      inputs: { right: { event: 'outcome', name: 'right', aggregate: 'first' } },
      value: 'has(e.right) ? e.right : 0.0',
      ...over,
    } satisfies Partial<Record<keyof RewardSpecification, unknown>>),
  );
  if (!result.ok) throw new Error(JSON.stringify(result.mistakes));
  return result.compiled;
}
const decision = (over: Partial<DecisionFacts> = {}): DecisionFacts => ({
  id: 'd',
  occurredAt: AT,
  deadline: AT + 12 * SECOND,
  deferred: false,
  supersededBy: undefined,
  episode: undefined,
  ...over,
});
let number = 0;
const event = (data: EventFacts['data'], over: Partial<EventFacts> = {}): EventFacts => ({
  id: String((number += 1)).padStart(6, '0'),
  type: 'outcome',
  occurredAt: AT + SECOND,
  receivedAt: AT + 1_100,
  about: 'own',
  data,
  ...over,
});
const right = (value: unknown, over: Partial<EventFacts> = {}) => event({ name: 'right', value }, over);

describe('a deadline', () => {
  test('begins with the decision; one that arrived late still waits for the grace', () => {
    const window = { afterMs: 10_000, graceMs: 2_000 };
    expect(deadlineOf(window, AT, AT + 10)).toBe(AT + 12_000);
    expect(deadlineOf(window, AT, AT + 60_000)).toBe(AT + 62_000);
  });

  test('is put off by the time of gaps, and by that of gaps into which it is put off', () => {
    const gaps = mergeGaps([
      { from: 50, to: 60 },
      { from: 20, to: 25 },
      { from: 0, to: 10 },
      { from: 24, to: 30 },
    ]);
    expect(gaps).toEqual([
      { from: 0, to: 10 },
      { from: 20, to: 30 },
      { from: 50, to: 60 },
    ]);
    // Half of the first, all of the second; then 45 is past 30 and before 50.
    expect(pushOf(5, 30, gaps)).toBe(15);
    expect(pushOf(5, 36, gaps)).toBe(25);
    expect(pushOf(60, 100, gaps)).toBe(0);
  });

  test('leaves as much time outside of gaps as there would be without them', () => {
    const gap = fc.record({ from: fc.nat(1_000), length: fc.integer({ min: 1, max: 200 }) });
    fc.assert(
      fc.property(fc.array(gap, { maxLength: 8 }), fc.nat(500), fc.nat(500), (given, from, length) => {
        const gaps = mergeGaps(given.map((one) => ({ from: one.from, to: one.from + one.length })));
        const end = from + length + pushOf(from, from + length, gaps);
        let open = 0;
        for (let at = from; at < end; at += 1)
          if (!gaps.some((one) => one.from <= at && at < one.to)) open += 1;
        expect(open).toBe(length);
      }),
    );
  });
});

const spec = compiled({
  window: { after: '10s', grace: '2s' },
  default: { value: -0.25, when: 'has(e.shown) && !has(e.right)' },
  inputs: {
    right: { event: 'outcome', name: 'right', aggregate: 'first' },
    last: { event: 'outcome', name: 'right', aggregate: 'last', window: { after: '5s' } },
    shown: { event: 'outcome', name: 'shown', aggregate: 'any' },
    sum: { event: 'outcome', name: 'amount', aggregate: 'sum', range: [-100, 100] },
    mean: { event: 'outcome', name: 'amount', aggregate: 'mean' },
    median: { event: 'outcome', name: 'amount', aggregate: 'median', default: 0.1 },
    max: { event: 'outcome', name: 'amount', aggregate: 'max' },
    n: { event: 'outcome', name: 'amount', aggregate: 'count' },
    stars: { event: 'feedback', aggregate: 'mean', range: [1, 5], scope: 'episode' },
    label: { event: 'feedback', name: 'why', field: 'label', aggregate: 'last' },
    edit: { event: 'demonstration', aggregate: 'last', grader: 'edit_similarity' },
  },
  graders: {
    polite: { kind: 'string_check', input: 'label', operation: 'ilike', reference: 'THANK' },
  },
  value: `(has(e.sum) ? 0.01 * e.sum : 0.0) + (has(e.mean) ? 0.1 * e.mean : 0.0) + e.median / 3.0
    + (has(e.max) ? 0.07 * e.max : 0.0) + 0.013 * e.n + (has(e.stars) ? e.stars / 7.0 : 0.0)
    + (has(e.right) ? e.right : 0.0) - (has(e.last) ? 0.3 * e.last : 0.0) + (has(e.edit) ? e.edit : 0.0)
    + (has(e.polite) ? 0.2 * e.polite : 0.0)`,
  overrides: [{ when: 'has(e.label) && e.label == "abuse"', value: -1 }],
});

const anyValue = fc.oneof(
  fc.boolean(),
  fc.double({ noNaN: true, min: -200, max: 200 }),
  fc.constantFrom('abuse', 'thank you', ''),
);
const anyEvent: fc.Arbitrary<EventFacts> = fc.record({
  id: fc.integer({ min: 1, max: 60 }).map((id) => String(id).padStart(4, '0')),
  occurredAt: fc.integer({ min: AT - 400 * SECOND, max: AT + 12 * SECOND }),
  receivedAt: fc.integer({ min: AT, max: AT + 14 * SECOND }),
  about: fc.constantFrom('own', 'own', 'own', 'both', 'episode', 'sibling'),
  type: fc.constantFrom(
    'outcome',
    'outcome',
    'feedback',
    'demonstration',
    'activation',
    'episode_end',
    'reward',
  ),
  data: fc.oneof(
    fc.record({
      name: fc.constantFrom('right', 'shown', 'amount', 'why', 'other'),
      value: anyValue,
      rating: fc.integer({ min: 0, max: 7 }),
      label: fc.constantFrom('abuse', 'thank you', 'no'),
      draft: fc.constantFrom('Hello, a b c', 'x'),
      final: fc.constantFrom('Hello, a b d', 'x'),
    }),
    fc.record({
      outcomes: fc.array(fc.record({ name: fc.constantFrom('right', 'amount'), value: anyValue }), {
        maxLength: 3,
      }),
    }),
    fc.constant(null),
  ),
});
const anyDecision = fc.record({
  deferred: fc.boolean(),
  supersededBy: fc.constantFrom(undefined, undefined, undefined, 'other'),
  episode: fc.option(
    fc.record({
      from: fc.constant(AT - 5 * SECOND),
      to: fc.constant(AT + 3 * SECOND),
      weight: fc.constantFrom(0, 0.5, 1),
    }),
    { nil: undefined },
  ),
});

describe('the reward of a decision', () => {
  test('is the same, bit for bit, for any order of the same events, each of which counts or is ignored with a reason', () => {
    fc.assert(
      fc.property(
        fc.uniqueArray(anyEvent, { selector: ({ id }) => id, maxLength: 14 }),
        anyDecision,
        fc.infiniteStream(fc.nat()),
        (events, over, randoms) => {
          const given = decision(over);
          const shuffled = events
            .map((one): [number, EventFacts] => [randoms.next().value ?? 0, one])
            .toSorted(([a], [b]) => a - b)
            .map(([, one]) => one);
          const before = structuredClone(events);
          const computed = computeReward(spec, given, events);
          expect(JSON.stringify(computeReward(spec, given, shuffled))).toBe(JSON.stringify(computed));
          expect(events).toEqual(before);
          expect(computed.value ?? 0).toBeGreaterThanOrEqual(-1);
          expect(computed.value ?? 0).toBeLessThanOrEqual(1);
          expect(Object.is(computed.value, -0)).toBe(false);
          const counted = new Set(Object.values(computed.components.inputs).flatMap((made) => made.events));
          const ignored = new Set(computed.components.ignored.map(({ id }) => id));
          for (const one of events) {
            if (one.type === 'activation' || one.about === 'sibling') continue;
            // The end of an episode without outcomes says nothing.
            if (one.type === 'episode_end' && !counted.has(one.id)) continue;
            expect([one.id, counted.has(one.id) !== ignored.has(one.id)]).toEqual([one.id, true]);
          }
          // What came too late changes nothing.
          const inTime = events.filter(({ receivedAt }) => receivedAt <= given.deadline);
          expect(computeReward(spec, given, inTime).value).toBe(computed.value);
        },
      ),
      { numRuns: 400 },
    );
  });

  test('a sum and a mean of the same numbers have the same bits in any order', () => {
    const sums = compiled({
      range: [-1e9, 1e9],
      inputs: {
        sum: { event: 'reward', aggregate: 'sum' },
        mean: { event: 'reward', aggregate: 'mean' },
      },
      value: 'has(e.sum) && has(e.mean) ? e.sum + e.mean : 0.0',
    });
    fc.assert(
      fc.property(
        fc.array(fc.double({ noNaN: true, min: -1e6, max: 1e6 }), { minLength: 2, maxLength: 20 }),
        (values) => {
          const events = values.map((value, index) =>
            event(
              { value },
              { type: 'reward', id: String(index).padStart(3, '0'), occurredAt: AT + (index % 3) },
            ),
          );
          expect(computeReward(sums, decision(), events.toReversed()).value).toBe(
            computeReward(sums, decision(), events).value,
          );
        },
      ),
    );
  });

  test('takes the first by the time it happened; ties go to the lower id', () => {
    const first = compiled({});
    const late = right(0.5, { occurredAt: AT + 5_000 });
    const early = right(0.25, { occurredAt: AT + 100 });
    expect(computeReward(first, decision(), [late, early])).toMatchObject({ status: 'final', value: 0.25 });
    const tied = right(0.75, { occurredAt: AT + 100 });
    expect(computeReward(first, decision(), [tied, early])).toMatchObject({ value: 0.25 });
  });

  test.each<[string, unknown[], unknown]>([
    ['first', [0.1, 0.2, 0.3], 0.1],
    ['last', [0.1, 0.2, 0.3], 0.3],
    ['sum', [0.1, -0.2, 0.3], 0.1 - 0.2 + 0.3],
    ['mean', [0.2, 0.4], (0.2 + 0.4) / 2],
    ['median', [0.5, 0.1, 0.3], 0.3],
    ['median', [0.5, 0.1], 0.5 / 2 + 0.1 / 2],
    // A largest of negative values only is one of these, and not the default.
    ['max', [-0.5, -0.3], -0.3],
    ['min', [-0.5, 0.3], -0.5],
    ['count', [true, 'x', 3], 3],
  ])('%s of %j is %j', (aggregate, values, expected) => {
    const own = compiled({
      range: [-10, 10],
      inputs: { x: { event: 'outcome', name: 'right', aggregate, default: 9 } },
      value: 'e.x',
    });
    const events = values.map((value, index) => right(value, { occurredAt: AT + index }));
    expect(computeReward(own, decision(), events).components.inputs['x']?.value).toBe(expected);
    expect(computeReward(own, decision(), []).status).toBe('inactive');
  });

  test('any and all are true or false; numbers count as true when they are not 0', () => {
    const own = compiled({
      inputs: {
        any: { event: 'outcome', name: 'right', aggregate: 'any' },
        all: { event: 'outcome', name: 'right', aggregate: 'all' },
      },
      value: 'has(e.any) && has(e.all) ? (e.any ? 0.5 : 0.0) + (e.all ? 0.25 : 0.0) : 0.0',
    });
    expect(computeReward(own, decision(), [right(0), right(true)]).value).toBe(0.5);
    expect(computeReward(own, decision(), [right(1), right(true)]).value).toBe(0.75);
    expect(computeReward(own, decision(), [right(false)]).value).toBe(0);
  });

  test('lists what does not count with the reason that is nearest', () => {
    const own = compiled({
      default: { value: -0.25 },
      inputs: { right: { event: 'outcome', name: 'right', aggregate: 'last', range: [0, 1] } },
    });
    const events = [
      event({ name: 'other', value: 1 }),
      right('yes'),
      right(1, { occurredAt: AT + 10_001 }),
      right(1, { occurredAt: AT - 300_001 }),
      right(1, { receivedAt: AT + 12_001 }),
      right(7),
      right(1, { about: 'episode' }),
      right(1, { about: 'sibling' }),
    ];
    const reasons = computeReward(own, decision(), events);
    expect(reasons).toMatchObject({ status: 'defaulted', value: -0.25 });
    expect(reasons.components.ignored.map(({ reason }) => reason)).toEqual([
      'unused',
      'wrong_type',
      'outside_window',
      'outside_window',
      'late',
      'out_of_range',
      'wrong_scope',
    ]);
  });

  test('is clipped to the range and says so; the default has its condition, and without either there is none', () => {
    expect(computeReward(compiled({}), decision(), [right(7)])).toMatchObject({
      value: 1,
      components: { unclipped: 7 },
    });
    expect(computeReward(compiled({}), decision(), [])).toMatchObject({
      status: 'inactive',
      reason: 'no_events',
    });
    expect(computeReward(compiled({ default: { value: 0.5 } }), decision(), [])).toMatchObject({
      status: 'defaulted',
      value: 0.5,
    });
    expect(computeReward(spec, decision(), [event({ name: 'shown', value: true })])).toMatchObject({
      status: 'defaulted',
      value: -0.25,
    });
    expect(computeReward(spec, decision(), [])).toMatchObject({ status: 'inactive' });
  });

  test('an override stands above the default and the expression', () => {
    const abuse = event({ name: 'why', label: 'abuse' }, { type: 'feedback' });
    expect(computeReward(spec, decision(), [abuse, right(1)])).toMatchObject({
      status: 'final',
      value: -1,
      components: { by: 'override', override: 0 },
    });
  });

  test('a grader without its input has no value, never 0', () => {
    expect(computeReward(spec, decision(), [right(1)]).components.graders).toEqual({});
    const thanks = event({ name: 'why', label: 'Many thanks' }, { type: 'feedback' });
    expect(computeReward(spec, decision(), [thanks]).components.graders).toEqual({ polite: 1 });
  });

  test('multi is a formula over its graders, and an error of it is its own', () => {
    const own = (formula: string) =>
      compiled({
        inputs: {
          what: { event: 'feedback', field: 'label', aggregate: 'last' },
          pair: { event: 'demonstration', aggregate: 'last' },
        },
        graders: {
          both: {
            kind: 'multi',
            graders: {
              same: { kind: 'edit_similarity', input: 'pair' },
              thanks: { kind: 'string_check', input: 'what', operation: 'eq', reference: 'thanks' },
            },
            calculate_output: formula,
          },
        },
        value: 'has(e.both) ? e.both : -1.0',
      });
    const events = [
      event({ label: 'thanks' }, { type: 'feedback' }),
      event({ draft: 'abcd', final: 'abcx' }, { type: 'demonstration' }),
    ];
    expect(computeReward(own('0.5 * e.same + 0.5 * e.thanks'), decision(), events).value).toBe(0.875);
    expect(computeReward(own('0.5 * e.same'), decision(), events.slice(0, 1)).value).toBe(-1);
    expect(computeReward(own('1.0 / (e.thanks - 1.0)'), decision(), events)).toMatchObject({
      value: -1,
      components: { graders: {}, grader_errors: { both: 'not_finite' } },
    });
  });

  test('preferences are 1 for the side of the decision, 0 for the other, a half for a tie', () => {
    const own = compiled({
      inputs: { won: { event: 'preference', aggregate: 'mean' } },
      value: 'has(e.won) ? e.won : 0.0',
    });
    const side = (winner: string, a: string) =>
      event({ a: { decision_id: a }, b: { text: 'x' }, winner }, { type: 'preference' });
    expect(computeReward(own, decision(), [side('a', 'd')]).value).toBe(1);
    expect(computeReward(own, decision(), [side('b', 'd'), side('tie', 'd')]).value).toBe(0.25);
    expect(computeReward(own, decision(), [side('a', 'x')]).components.ignored).toMatchObject([
      { reason: 'wrong_type' },
    ]);
  });

  test('a share of what is said of the episode reaches it', () => {
    const own = compiled({
      inputs: {
        right: { event: 'outcome', name: 'right', aggregate: 'first', default: 0 },
        solved: { event: 'outcome', name: 'solved', aggregate: 'last', scope: 'episode' },
      },
      value: '0.5 * e.right + (has(e.solved) ? 0.4 * e.solved : 0.0)',
      default: { value: -0.5 },
    });
    const end = event(
      { outcomes: [{ name: 'solved', value: true }] },
      { type: 'episode_end', about: 'episode' },
    );
    const weighted = (weight: number, events: EventFacts[]) =>
      computeReward(own, decision({ episode: { from: AT, to: AT, weight } }), events);
    expect(weighted(1, [right(1), end]).value).toBeCloseTo(0.9);
    expect(weighted(0.5, [right(1), end])).toMatchObject({
      components: { credit: { weight: 0.5, alone: 0.5, whole: 0.9 } },
    });
    expect(weighted(0.5, [right(1), end]).value).toBeCloseTo(0.7);
    expect(weighted(0, [right(1), end]).value).toBe(0.5);
    // Alone it would be the default.
    expect(weighted(0, [end])).toMatchObject({ status: 'defaulted', value: -0.5 });
    expect(weighted(0.5, [end]).value).toBeCloseTo(-0.05);
  });
});
