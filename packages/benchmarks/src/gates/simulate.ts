import { Gate, emptyGateState } from '@rlaas/learning';
import { randomOf } from './random.ts';
import type { Scenario } from './scenarios.ts';

/** After how many units a test of a run fires, looked at as often as the scenario says; ∞: never. */
export function firing({ world, watched, units, each }: Scenario, seed: number): number {
  const { terms, earlier, next } = world(randomOf(seed));
  const gate = new Gate(terms, emptyGateState(earlier));
  for (let unit = 1; unit <= units; unit += 1) {
    gate.add(next());
    if (unit % each === 0 && gate.look()[watched]) return unit;
  }
  return Number.POSITIVE_INFINITY;
}

/** The q-quantile; what never fired is ∞. */
export function quantile(values: readonly number[], q: number): number {
  const ordered = values.toSorted((a, b) => a - b);
  return ordered[Math.min(Math.floor(values.length * q), values.length - 1)] ?? Number.NaN;
}
