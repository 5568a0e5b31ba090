import {
  Choice,
  DecisionFeatures,
  type LinearPolicy,
  createLinearPolicy,
  drawIndex,
  emptyPolicyState,
  uniformOf,
} from '@rlaas/learning';
import { versionConfigurationSchema } from '@rlaas/schemas';
import { median } from '../statistics.ts';

/** How soon what was learned is left behind when the world changes. */
export interface DriftRow {
  /** Rewards before the change. */
  length: number;
  /** Rewards after it until the predicted one is within 0.15 of its new mean: the median of the repetitions. */
  untilNear: number;
  /** Decisions after it until the drawn actions are again worth 0.9 of the best; `undefined`: not within MOST. */
  untilRecovered: number | undefined;
}

/** More decisions than these are not waited for. */
export const MOST = 100_000;
const BEFORE = 0.8;
const AFTER = 0.2;
/** What the other action is always worth. */
const OTHER = 0.5;
const NEAR = 0.15;
const RECOVERED = 0.9;
const WINDOW = 100;

/** @param length rewards before the change */
export function driftRow(length: number, repetitions: number): DriftRow {
  const seeds = Array.from({ length: repetitions }, (_, seed) => String(seed));
  const recoveries = seeds.map((seed) => decisionsUntilRecovered(length, seed));
  const recovered = median(recoveries);
  return {
    length,
    untilNear: median(seeds.map((seed) => rewardsUntilNear(length, seed))),
    untilRecovered: recovered > MOST ? undefined : recovered,
  };
}

/** A single action whose only feature is the constant; its reward is 1 with probability .8, and then .2. */
function rewardsUntilNear(length: number, seed: string): number {
  const configuration = versionConfigurationSchema.parse({ learner: { action_id_feature: false } });
  const policy = createLinearPolicy(configuration);
  const state = emptyPolicyState(configuration);
  const choice = new Choice();
  const features = new DecisionFeatures();
  features.read({}, [{ id: 'only' }]);
  for (let step = 0; step < length + MOST; step += 1) {
    const mean = step < length ? BEFORE : AFTER;
    const decisionId = `near ${seed} ${step}`;
    const reward = uniformOf('reward', decisionId) < mean ? 1 : 0;
    policy.learn(state, { features, decisionId, chosen: 0, propensity: 1, reward });
    if (step < length) continue;
    policy.decide(state, features, undefined, choice);
    if (Math.abs((choice.scores[0] ?? 0) - AFTER) <= NEAR) return step - length + 1;
  }
  return MOST + 1;
}

/** Two actions by the default configuration: what was the best falls from .8 to .2, the other one stays at .5. */
function decisionsUntilRecovered(length: number, seed: string): number {
  const configuration = versionConfigurationSchema.parse({});
  const policy: LinearPolicy = createLinearPolicy(configuration);
  const state = emptyPolicyState(configuration);
  const choice = new Choice();
  const features = new DecisionFeatures();
  features.read({}, [{ id: 'falls' }, { id: 'stays' }]);
  const worth: number[] = [];
  let sum = 0;
  for (let step = 0; step < length + MOST; step += 1) {
    policy.decide(state, features, undefined, choice);
    const decisionId = `recovery ${seed} ${step}`;
    const chosen = drawIndex(choice, uniformOf('action', decisionId));
    const mean = chosen === 1 ? OTHER : step < length ? BEFORE : AFTER;
    const reward = uniformOf('reward', decisionId) < mean ? 1 : 0;
    const propensity = choice.probabilities[chosen] ?? 0;
    policy.learn(state, { features, decisionId, chosen, propensity, reward });
    if (step < length) continue;
    worth.push(mean);
    sum += mean - (worth.length > WINDOW ? (worth[worth.length - WINDOW - 1] ?? 0) : 0);
    if (worth.length >= WINDOW && sum / WINDOW >= RECOVERED * OTHER) return worth.length;
  }
  return MOST + 1;
}
