import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type VersionConfiguration, versionConfigurationSchema } from '@rlaas/schemas';
import { describe, expect, test } from 'vitest';
import { FeatureVector } from '../src/features/feature-layout.ts';
import {
  Choice,
  DecisionFeatures,
  type HashableAction,
  createLinearPolicy,
  emptyPolicyState,
} from '../src/index.ts';
import { emptyLinearState, predict, update } from '../src/learner/linear-learner.ts';

/** VowpalWabbit computes with single precision; ours are doubles. */
const TOLERANCE = 1e-4;

function casesOf<T>(name: string): (T & { name: string })[] {
  const text = readFileSync(join(import.meta.dirname, 'vectors', `${name}.json`), 'utf8');
  return (JSON.parse(text) as { cases: (T & { name: string })[] }).cases;
}

/** @returns the difference, of large numbers the relative one */
function off(found: number, expected: number): number {
  return Math.abs(found - expected) / Math.max(1, Math.abs(expected));
}

interface LinearCase {
  learning_rate: number;
  examples: {
    features: Record<string, number>;
    label: number;
    importance: number;
    prediction: number;
    weights: Record<string, number>;
    gradients: Record<string, number>;
    scales: Record<string, number>;
  }[];
}

describe('the linear update is that of VowpalWabbit', () => {
  test.each(casesOf<LinearCase>('linear-updates'))('$name', ({ learning_rate: rate, examples }) => {
    const places = [...new Set(examples.flatMap(({ features }) => Object.keys(features)))];
    const state = emptyLinearState(8);
    for (const [number, example] of examples.entries()) {
      const vector = new FeatureVector();
      for (const [name, value] of Object.entries(example.features)) {
        vector.indices[vector.count] = places.indexOf(name);
        vector.values[vector.count] = value;
        vector.count += 1;
      }
      // VowpalWabbit notes a label before it predicts.
      state.totals.least = Math.min(state.totals.least, example.label);
      state.totals.most = Math.max(state.totals.most, example.label);
      expect(off(predict(state, vector), example.prediction), `prediction ${number}`).toBeLessThan(TOLERANCE);
      update(state, vector, example.label, example.importance, rate);
      for (const array of ['weights', 'gradients', 'scales'] as const) {
        for (const [name, expected] of Object.entries(example[array])) {
          const found = state[array][places.indexOf(name)] ?? Number.NaN;
          expect(off(found, expected), `${array} of ${name} after ${number}: ${found}`).toBeLessThan(
            TOLERANCE,
          );
        }
      }
    }
  });
});

interface PolicyCase {
  learner: Partial<VersionConfiguration['learner']>;
  explorer: VersionConfiguration['explorer'] | null;
  decisions: {
    context: Record<string, number>;
    actions: HashableAction[];
    chosen: number;
    propensity: number;
    reward: number;
    scores?: number[];
    probabilities?: number[];
  }[];
}

describe('whole policies learn and explore as VowpalWabbit does', () => {
  test.each(casesOf<PolicyCase>('policies'))('$name', ({ learner, explorer, decisions }) => {
    const configuration = versionConfigurationSchema.parse({
      explorer: explorer ?? { kind: 'epsilon_greedy' },
      minimum_probability: 0,
      learner: { ...learner, bits: 22 },
    });
    const policy = createLinearPolicy(configuration);
    const state = emptyPolicyState(configuration);
    const features = new DecisionFeatures();
    const choice = new Choice();
    for (const [number, decision] of decisions.entries()) {
      features.read(decision.context, decision.actions);
      policy.decide(state, features, undefined, choice);
      const found = Array.from(decision.scores ? choice.scores : choice.probabilities);
      for (const [action, expected] of (decision.scores ?? decision.probabilities ?? []).entries()) {
        expect(
          off(found[action] ?? Number.NaN, expected),
          `decision ${number}, action ${action}: ${found[action]}, not ${expected}`,
        ).toBeLessThan(TOLERANCE);
      }
      policy.learn(state, { ...decision, features, decisionId: String(number) });
    }
  });
});

interface ScoreCase {
  explorer: VersionConfiguration['explorer'];
  decisions_learned: number;
  scores: number[];
  probabilities: number[];
}

describe('probabilities for given scores are those of VowpalWabbit', () => {
  test.each(casesOf<ScoreCase>('score-explorers'))('$name', (given) => {
    const configuration = versionConfigurationSchema.parse({
      explorer: given.explorer,
      minimum_probability: 0,
      learner: { bits: 8 },
    });
    const state = emptyPolicyState(configuration);
    state.counters.decisions = given.decisions_learned;
    const choice = new Choice();
    choice.reserve(given.scores.length);
    choice.scores.set(given.scores);
    expect(createLinearPolicy(configuration).explore(state, undefined, choice)).toBe(true);
    for (const [action, expected] of given.probabilities.entries()) {
      expect(off(choice.probabilities[action] ?? Number.NaN, expected), `action ${action}`).toBeLessThan(
        TOLERANCE,
      );
    }
  });
});
