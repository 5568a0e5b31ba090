import { expect } from 'vitest';
import { Gate, type GateState, type GateTerms, type GateUnit, emptyGateState } from '../gate.ts';

/**
 * Every path of small worlds: what a game is worth on average, summed over all actions, rewards and versions that could
 * have come. No simulation, so nothing is hidden by its noise.
 */

export const terms: GateTerms = {
  margin: 0.1,
  rollbackMargin: 0.1,
  alpha: 0.05,
  rollbackAlpha: 0.05,
  alarm: 1e6,
  centre: 0.3,
  deviation: 0.4,
  guardrails: { harm: { centre: 0.3, deviation: 0.4, margin: 0.1 } },
};

export interface Path {
  /** Units so far: what was done and what came of it. */
  history: readonly { chosen: number; reward: number; isCandidate: boolean }[];
  state: GateState;
}
/** A way in which the next unit can go, and its probability. */
export interface Branch {
  probability: number;
  unit: GateUnit;
  chosen: number;
  reward: number;
  isCandidate: boolean;
}
export type World = (path: Path) => Branch[];

/** Means over all paths of the games of a gate. */
export function expected(world: World, units: number, wealthOf: (state: GateState) => number): number {
  const visit = (path: Path, left: number): number => {
    if (left === 0) return wealthOf(path.state);
    let [mean, whole] = [0, 0];
    for (const { probability, unit, ...done } of world(path)) {
      if (probability === 0) continue;
      const gate = new Gate(terms, path.state);
      gate.add(unit);
      mean += probability * visit({ history: [...path.history, done], state: gate.state }, left - 1);
      whole += probability;
    }
    expect(whole).toBeCloseTo(1, 12);
    return mean;
  };
  return visit({ history: [], state: emptyGateState() }, units);
}

export const meanOf = (logs: readonly number[]): number =>
  logs.reduce((sum, log) => sum + Math.exp(log) / logs.length, 0);
export const average = (sums: readonly number[]): number =>
  sums.reduce((sum, one) => sum + one / sums.length, 0);
export const MORE = 1 + 1e-9;
