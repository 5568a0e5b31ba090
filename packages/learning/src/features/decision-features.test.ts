import { type VersionConfiguration, versionConfigurationSchema } from '@rlaas/schemas';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { actionsOf, anyNumber, featuresOf } from '../../test/feature-values.ts';
import { DecisionFeatures, type Features } from './decision-features.ts';
import { FeatureError } from './feature-error.ts';
import { FeatureLayout, FeatureVector } from './feature-layout.ts';
import { flatten } from './flatten.ts';
import { murmur3 } from './murmur3.ts';

const CONTEXT = murmur3('context', 0);
const ACTION = murmur3('action', 0);

function learner(changes: object): VersionConfiguration['learner'] {
  return versionConfigurationSchema.parse({ learner: changes }).learner;
}

function errorOf(run: () => void): FeatureError | undefined {
  try {
    run();
  } catch (error) {
    if (error instanceof FeatureError) return error;
    throw error;
  }
  return undefined;
}

describe('features', () => {
  test('are flattened by their kind; what says nothing is absent', () => {
    const given = { a: 2, b: 'x', c: true, d: false, e: null, f: 0, g: [1, 0, 3], h: { i: { j: -1 } } };
    expect(flatten(given).map(({ name, value }) => [name, value])).toEqual([
      ['a', 2],
      ['b=x', 1],
      ['c', 1],
      ['g[0]', 1],
      ['g[2]', 3],
      ['h.i.j', -1],
    ]);
  });

  test('are hashed by their full names, in their namespaces, and nothing is left of the decision before', () => {
    const features = new DecisionFeatures();
    const bounded = (x: number): number => Math.min(Math.max(x, -1e30), 1e30);
    fc.assert(
      fc.property(featuresOf(anyNumber, 8), actionsOf(anyNumber), (context, actions) => {
        features.read(context, actions);
        const { context: found, action, starts } = features;
        const expected = flatten(context);
        expect(Array.from(found.hashes.subarray(0, found.count))).toEqual(
          expected.map(({ name }) => murmur3(name, CONTEXT) | 0),
        );
        expect(Array.from(found.values.subarray(0, found.count))).toEqual(
          expected.map(({ value }) => bounded(value)),
        );
        expect(features.actionCount).toBe(actions.length);
        for (const [index, { id, features: own }] of actions.entries()) {
          const names = [`action.id=${id}`, ...flatten(own ?? {}).map(({ name }) => name)];
          const hashes = action.hashes.subarray(starts[index], starts[index + 1]);
          expect(Array.from(hashes)).toEqual(names.map((name) => murmur3(name, ACTION) | 0));
        }
      }),
    );
  });

  test('of a thousand actions with many features have room', () => {
    const features = new DecisionFeatures();
    const own = Object.fromEntries(Array.from({ length: 100 }, (_, index) => [`f${index}`, index + 1]));
    const actions = Array.from({ length: 1000 }, (_, index) => ({ id: String(index), features: own }));
    features.read(own, actions);
    expect(features.action.count).toBe(101_000);
    expect(features.starts[1000]).toBe(101_000);
    expect(features.action.values[100_999]).toBe(100);
  });

  test.each([
    [{ a: Number.NaN }, ['context', 'a'], 'must be a finite number'],
    [{ a: { b: Number.POSITIVE_INFINITY } }, ['context', 'a', 'b'], 'must be a finite number'],
    [{ a: { b: [1, Number.NaN] } }, ['context', 'a', 'b', 1], 'must be a finite number'],
    [{ a: ['x'] }, ['context', 'a', 0], 'must be a finite number'],
    [{ a: undefined }, ['context', 'a'], 'must be a number, a text'],
    [{ a: 1n }, ['context', 'a'], 'must be a number, a text'],
  ])('%o is refused with its place', (context, path, message) => {
    const features = new DecisionFeatures();
    const error = errorOf(() => features.read(context as unknown as Features, []));
    expect(error?.path).toEqual(path);
    expect(error?.message).toContain(message);
  });

  test('of an action are refused with the place of the action', () => {
    const actions = [{ id: 'a' }, { id: 'b', features: { x: { y: Number.NaN } } }];
    const error = errorOf(() => new DecisionFeatures().read({}, actions));
    expect(error?.path).toEqual(['actions', 1, 'features', 'x', 'y']);
  });

  test('that nest without end are refused; thirty levels are not', () => {
    const nested = (levels: number): Features => {
      let features: Features = { x: 1 };
      for (let level = 0; level < levels; level += 1) features = { a: features };
      return features;
    };
    const features = new DecisionFeatures();
    features.read(nested(30), []);
    expect(features.context.count).toBe(1);
    expect(() => features.read(nested(100_000), [])).toThrow('must not nest deeper than 32 levels');
  });

  test('are bare when there is nothing but ids', () => {
    const features = new DecisionFeatures();
    features.read({ a: null, b: 0 }, [{ id: 'a' }, { id: 'b', features: {} }]);
    expect(features.isBare).toBe(true);
    features.read({}, [{ id: 'a' }, { id: 'b', features: { x: 1 } }]);
    expect(features.isBare).toBe(false);
    features.read({ a: 1 }, [{ id: 'a' }]);
    expect(features.isBare).toBe(false);
  });
});

describe('the layout of an action', () => {
  const features = new DecisionFeatures();
  const vector = new FeatureVector();
  const count = (changes: object): number => {
    new FeatureLayout(learner(changes)).vector(features, 1, vector);
    return vector.count;
  };

  test('has its features, the interactions of the version and a constant', () => {
    features.read({ a: 2, b: 3, c: 'x' }, [{ id: 'one' }, { id: 'two', features: { d: 5 } }]);
    expect(count({ interactions: [] })).toBe(2 + 1);
    expect(count({ interactions: [], action_id_feature: false })).toBe(1 + 1);
    expect(count({})).toBe(2 + 3 * 2 + 1);
    expect(
      count({
        interactions: [
          ['context', 'action'],
          ['action', 'action'],
        ],
      }),
    ).toBe(2 + 6 + 4 + 1);
    expect(count({ interactions: [['context', 'context']] })).toBe(2 + 9 + 1);
  });

  test('combines an interaction as FNV does, and multiplies the values', () => {
    features.read({ a: 2 }, [{ id: 'one' }, { id: 'two', features: { d: 5 } }]);
    new FeatureLayout(learner({ action_id_feature: false, bits: 24 })).vector(features, 1, vector);
    const product = (BigInt(murmur3('a', CONTEXT)) * 16_777_619n) & 0xffff_ffffn;
    const index = (product ^ BigInt(murmur3('d', ACTION))) & 0xff_ffffn;
    expect([vector.indices[1], vector.values[1]]).toEqual([Number(index), 10]);
  });

  test('scores as the sum of what it writes down, with any interactions', () => {
    const namespace = fc.constantFrom('context', 'action');
    const small = fc.double({ min: -100, max: 100, noNaN: true });
    const weights = Float64Array.from({ length: 256 }, (_, index) => Math.sin(index));
    fc.assert(
      fc.property(
        featuresOf(small),
        actionsOf(small),
        fc.array(fc.tuple(namespace, namespace), { maxLength: 3 }),
        fc.boolean(),
        (context, actions, interactions, withId) => {
          const layout = new FeatureLayout(learner({ bits: 8, interactions, action_id_feature: withId }));
          features.read(context, actions);
          for (let action = 0; action < actions.length; action += 1) {
            layout.vector(features, action, vector);
            let sum = 0;
            let size = 1;
            for (let i = 0; i < vector.count; i += 1) {
              const part = (weights[vector.indices[i] ?? 0] ?? 0) * (vector.values[i] ?? 0);
              sum += part;
              size += Math.abs(part);
            }
            expect(Math.abs(layout.score(weights, features, action) - sum)).toBeLessThan(1e-12 * size);
          }
        },
      ),
    );
  });
});
