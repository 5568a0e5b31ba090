import { versionConfigurationSchema } from '@rlaas/schemas';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decodeCheckpoint, encodeCheckpoint } from './checkpoint/checkpoint.ts';
import { draw, uniformOf } from './exploration/draw.ts';
import { enforceMinimumProbability, epsilonGreedy } from './exploration/probabilities.ts';
import { flatten } from './features/flatten.ts';
import { murmur3 } from './features/murmur3.ts';
import { emptyLinearState, predict, update } from './learner/linear-learner.ts';
import { createLinearPolicy, emptyPolicyState } from './policy/linear-policy.ts';

const scores = fc.array(fc.double({ min: -1e6, max: 1e6, noNaN: true }), { minLength: 1, maxLength: 20 });
/** Not 0: such features are absent. */
const feature = fc
  .tuple(fc.double({ min: 1e-6, max: 1e4, noNaN: true }), fc.boolean())
  .map(([size, negative]) => (negative ? -size : size));
const share = fc.double({ min: 0, max: 1, noNaN: true });
const sum = (numbers: readonly number[]): number => numbers.reduce((total, number) => total + number, 0);

describe('hashing', () => {
  test('MurmurHash3 agrees with published values', () => {
    expect(murmur3('', 0)).toBe(0);
    expect(murmur3('', 1)).toBe(0x514e28b7);
    expect(murmur3('test', 0)).toBe(0xba6bd213);
    expect(murmur3('Hello, world!', 0x9747b28c)).toBe(0x24884cba);
    expect(murmur3('The quick brown fox jumps over the lazy dog', 0x9747b28c)).toBe(0x2fa826cd);
  });

  test('features are flattened by their kind; what says nothing is absent', () => {
    expect(
      flatten({ a: 2, b: 'x', c: true, d: false, e: null, f: 0, g: [1, 0, 3], h: { i: { j: -1 } } }),
    ).toEqual([
      ['a', 2],
      ['b=x', 1],
      ['c', 1],
      ['g[0]', 1],
      ['g[2]', 3],
      ['h.i.j', -1],
    ]);
    expect(() => flatten({ a: { b: [1, Number.NaN] } })).toThrow('a.b[1] is not a finite number');
  });
});

describe('exploration', () => {
  test('probabilities sum to 1 and keep the floor, for any scores, ε and floor', () => {
    fc.assert(
      fc.property(scores, share, share, (given, epsilon, floor) => {
        const p = enforceMinimumProbability(epsilonGreedy(given, epsilon), floor);
        expect(Math.abs(sum(p) - 1)).toBeLessThan(1e-9);
        expect(Math.min(...p)).toBeGreaterThanOrEqual(floor / given.length - 1e-9);
      }),
    );
  });

  test('a floor of almost 1 is the uniform distribution', () => {
    expect(enforceMinimumProbability([0, 1], 0.999_999_999_999_999_9)).toEqual([0.5, 0.5]);
  });

  test('the projection is the nearest point: it moves what is above the floor by the same amount', () => {
    expect(enforceMinimumProbability([1, 0, 0, 0], 0.4)).toEqual([expect.closeTo(0.7), 0.1, 0.1, 0.1]);
    const p = enforceMinimumProbability([0.6, 0.35, 0.05, 0], 0.4);
    expect(p).toEqual([expect.closeTo(0.525), expect.closeTo(0.275), 0.1, 0.1]);
  });

  test('ids that count up are drawn evenly (chi-square, 10 cells, 1 %)', () => {
    const cells = Array.from({ length: 10 }, () => 0);
    const tenths = Array.from({ length: 10 }, () => 0.1);
    const n = 20_000;
    for (let i = 0; i < n; i += 1) {
      const at = draw(tenths, uniformOf('tenant', 'policy', `decision-${i}`));
      cells[at] = (cells[at] ?? 0) + 1;
    }
    const chiSquare = sum(cells.map((seen) => (seen - n / 10) ** 2 / (n / 10)));
    expect(chiSquare).toBeLessThan(21.67);
  });

  test('drawn frequencies match the probabilities, and what has none is never drawn', () => {
    const p = [0, 0.7, 0.25, 0.05, 0];
    const cells = Array.from({ length: 5 }, () => 0);
    const n = 20_000;
    for (let i = 0; i < n; i += 1) {
      const at = draw(p, uniformOf('tenant', 'policy', `decision-${i}`));
      cells[at] = (cells[at] ?? 0) + 1;
    }
    expect(cells[0]).toBe(0);
    expect(cells[4]).toBe(0);
    const expected = p.map((share_) => share_ * n);
    const chiSquare = sum(
      [1, 2, 3].map((i) => ((cells[i] ?? 0) - (expected[i] ?? 1)) ** 2 / (expected[i] ?? 1)),
    );
    expect(chiSquare).toBeLessThan(9.21);
  });
});

describe('the learner', () => {
  const vector = (values: number[]) => ({
    indices: Uint32Array.from(values.keys()),
    values: Float64Array.from(values),
  });

  test('an update never passes the label and never makes a NaN, whatever the features and the importance', () => {
    fc.assert(
      fc.property(
        fc.array(
          fc.record({
            x: fc.array(feature, { minLength: 4, maxLength: 4 }),
            label: fc.double({ min: -1, max: 1, noNaN: true }),
            importance: fc.double({ min: 1e-3, max: 1e4, noNaN: true }),
          }),
          { minLength: 1, maxLength: 30 },
        ),
        (examples) => {
          const state = emptyLinearState(8);
          for (const { x, label, importance } of examples) {
            const scales = Float64Array.from(state.scales);
            const before = predict(state, vector(x));
            update(state, vector(x), label, importance, 0.5);
            const after = predict(state, vector(x));
            expect(state.weights.every(Number.isFinite)).toBe(true);
            // A scale that grows rescales weights, so only then the promise does not hold.
            const grew = x.some((value, index) => Math.abs(value) > (scales[index] ?? 0));
            expect(grew || (after - label) * (before - label) >= -1e-9).toBe(true);
          }
        },
      ),
      { numRuns: 300 },
    );
  });

  test('a first example with reward 0, and a feature that suddenly is 1,000 times larger, are learned', () => {
    const state = emptyLinearState(8);
    update(state, vector([1, 2]), 0, 1, 0.5);
    for (let i = 0; i < 200; i += 1) update(state, vector([i === 100 ? 1000 : 1, 0.5]), 1, 1, 0.5);
    expect(predict(state, vector([1, 0.5]))).toBeCloseTo(1, 1);
  });

  test('learning finds the better action of each context', () => {
    const policy = createLinearPolicy(
      versionConfigurationSchema.parse({ explorer: { kind: 'epsilon_greedy', epsilon: 0.2 } }),
    );
    const state = emptyPolicyState(versionConfigurationSchema.parse({}));
    const actions = [{ id: 'a' }, { id: 'b' }];
    for (let i = 0; i < 600; i += 1) {
      const context = { side: i % 2 ? 'left' : 'right' };
      const p = policy.probabilities(policy.score(state, context, actions));
      const chosen = draw(p, uniformOf(String(i)));
      const reward = (chosen === 0) === (context.side === 'left') ? 1 : 0;
      policy.learn(state, { context, actions, chosen, propensity: p[chosen] ?? 0, reward });
    }
    const [left = [], right = []] = ['left', 'right'].map((side) => policy.score(state, { side }, actions));
    expect(left[0]).toBeGreaterThan((left[1] ?? 0) + 0.5);
    expect(right[1]).toBeGreaterThan((right[0] ?? 0) + 0.5);
  });

  test('a propensity that is none is rejected', () => {
    const configuration = versionConfigurationSchema.parse({ explorer: { kind: 'epsilon_greedy' } });
    const policy = createLinearPolicy(configuration);
    const state = emptyPolicyState(configuration);
    for (const propensity of [0, -1, 1.5, Number.NaN]) {
      expect(() =>
        policy.learn(state, { context: {}, actions: [{ id: 'a' }], chosen: 0, propensity, reward: 1 }),
      ).toThrow(RangeError);
    }
  });
});

test('a checkpoint reads back to the same bits, goes on to the same bits, and a broken one is refused', () => {
  const configuration = versionConfigurationSchema.parse({
    explorer: { kind: 'epsilon_greedy' },
    learner: { bits: 8 },
  });
  const policy = createLinearPolicy(configuration);
  const state = emptyPolicyState(configuration);
  const learn = (into: typeof state, from: number, to: number): void => {
    for (let i = from; i < to; i += 1) {
      policy.learn(into, {
        context: { x: Math.sin(i) },
        actions: [{ id: 'a' }, { id: 'b' }],
        chosen: i % 2,
        propensity: 0.3,
        reward: Math.cos(i),
      });
    }
  };
  learn(state, 0, 100);
  const metadata = { policy: 'p', version: 'v', position: 100 };
  const file = encodeCheckpoint(state, metadata);
  expect(encodeCheckpoint(state, metadata)).toEqual(file);
  const read = decodeCheckpoint(file);
  expect(read).toEqual({ state, metadata });
  // As it comes from a file or the network: a Buffer within a larger one, whose slice() does not copy.
  const inside = Buffer.concat([Buffer.alloc(3), file, Buffer.alloc(5)]).subarray(3, 3 + file.length);
  expect(decodeCheckpoint(inside)).toEqual({ state, metadata });
  learn(state, 100, 200);
  learn(read.state, 100, 200);
  expect(read.state).toEqual(state);
  for (const broken of [
    file.subarray(0, 4),
    file.subarray(0, 40),
    file.subarray(0, file.length - 8),
    new Uint8Array(64),
  ]) {
    expect(() => decodeCheckpoint(broken)).toThrow(/./);
  }
});
