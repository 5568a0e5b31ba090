import type { Client } from '../client.ts';

export const POLICY = 'digits';
const ACTIONS = Array.from({ length: 10 }, (_, digit) => ({ id: String(digit) }));

/** How much the demo does. */
export interface LiveSize {
  /** Share of decisions in which the baseline, and later `v1`, plays another action. */
  exploration: number;
  /** Shares of the canary: larger than one would take elsewhere, so that it is over in minutes. */
  steps: number[];
  /** Rewards of the candidate in each step. */
  leastRewards: number;
}

/** Installs the policy over HTTP: what a reward is, how versions are rolled out, and the version that is to learn. */
export async function installPolicy(client: Client, size: LiveSize): Promise<void> {
  await client.put(`/v1/reward-specs/${POLICY}`, {
    definition: {
      range: [0, 1],
      window: { after: '1s', grace: '500ms' },
      inputs: { right: { event: 'outcome', name: 'right', aggregate: 'first' } },
      value: 'has(e.right) ? e.right : 0.0',
      default: { value: 0 },
    },
  });
  await client.put(`/v1/policies/${POLICY}`, {
    configuration: {
      description: 'Which digit is in the picture? The baseline always says 0.',
      actions: ACTIONS,
      baseline_exploration: size.exploration,
      rollout: { canary_steps: size.steps, dwell: '3s', least_rewards: size.leastRewards },
    },
  });
  await client.post(`/v1/policies/${POLICY}/versions`, {
    name: 'v1',
    configuration: {
      description: 'Learns from the pixels.',
      explorer: { kind: 'epsilon_greedy', epsilon: size.exploration },
      // No less than the baseline: a version that explores less wants a person's approval.
      minimum_probability: size.exploration,
    },
  });
}

/** A version that says 8 to everything. */
export async function installBroken(client: Client): Promise<void> {
  await client.post(`/v1/policies/${POLICY}/versions`, {
    name: 'v2',
    configuration: {
      description: 'Broken on purpose: says 8, whatever it sees.',
      explorer: { kind: 'fixed', probabilities: { 8: 1 } },
      minimum_probability: 0,
    },
  });
}
