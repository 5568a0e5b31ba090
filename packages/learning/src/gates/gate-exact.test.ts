import { describe, expect, test } from 'vitest';
import { type GateState, type GateUnit, emptyGateState } from './gate.ts';
import {
  type Branch,
  MORE,
  type Path,
  type World,
  average,
  expected,
  meanOf,
  terms,
} from './testing/paths.ts';
import { oddsOfDecision } from './unit-odds.ts';

interface DecisionWorld {
  /** Probabilities of contexts; they are not told to the gate. */
  contexts: readonly number[];
  candidate: (context: number, path: Path) => readonly number[];
  incumbent: (context: number, path: Path) => readonly number[];
  /** Mean reward of an action; rewards are 0 or 1. */
  reward: (context: number, action: number, path: Path) => number;
  share: number;
}

function decisions({ contexts, candidate, incumbent, reward, share }: DecisionWorld): World {
  return (path) =>
    contexts.flatMap((ofContext, context) => {
      const pair = { candidate: candidate(context, path), incumbent: incumbent(context, path) };
      return [true, false].flatMap((isCandidate) =>
        [0, 1].flatMap((chosen) =>
          [0, 1].map((value): Branch => {
            const ofVersion = isCandidate ? share : 1 - share;
            const ofAction = (isCandidate ? pair.candidate : pair.incumbent)[chosen] ?? 0;
            const mean = reward(context, chosen, path);
            const probability = ofContext * ofVersion * ofAction * (value === 1 ? mean : 1 - mean);
            const isShared = share > 0 && share < 1;
            const unit: GateUnit =
              probability === 0
                ? { odds: NOTHING, assigned: undefined, hasTraffic: false, reward: undefined }
                : {
                    odds: oddsOfDecision({ ...pair, chosen }, share),
                    assigned: isShared ? { isCandidate, share } : undefined,
                    hasTraffic: true,
                    reward: value,
                    harms: { harm: 1 - value },
                  };
            return { probability, unit, chosen, reward: value, isCandidate };
          }),
        ),
      );
    });
}

const NOTHING = {
  difference: 0,
  high: 0,
  low: 0,
  spread: 0,
  missCandidate: 0,
  missIncumbent: 0,
  cut: undefined,
};
/** Plays the other action more the more often this one lost: any way of logging will do. */
const adaptive = (path: Path): readonly number[] => {
  const lost = path.history.filter(({ chosen, reward }) => chosen === 0 && reward === 0).length;
  const p = 0.9 / (1 + lost);
  return [Math.max(p, 0.2), 1 - Math.max(p, 0.2)];
};
/** Plays what paid off so far, so it is made of the very rewards that it is tested with. */
const learning = (path: Path): readonly number[] => {
  const paid = path.history.reduce((sum, { chosen, reward }) => sum + (chosen === 1 ? reward : -reward), 0);
  return paid > 0 ? [0.1, 0.9] : [0.8, 0.2];
};

describe('the mean of a game over every path is at most 1', () => {
  test.each([0, 0.25])('no better than the incumbent, learning, adaptive logging, share %d', (share) => {
    const world = decisions({
      contexts: [1],
      candidate: (_, path) => learning(path),
      incumbent: (_, path) => adaptive(path),
      // Whatever is played: no candidate is better than another.
      reward: (_, __, path) => (path.history.length % 2 === 0 ? 0.3 : 0.6),
      share,
    });
    const units = share === 0 ? 5 : 4;
    const improve = expected(world, units, (state) => meanOf(state.improve));
    expect(improve).toBeLessThanOrEqual(MORE);
    expect(improve).toBeGreaterThan(0.9);
    expect(expected(world, units, (state) => meanOf(state.leftOutMore))).toBeLessThanOrEqual(MORE);
    // In shadow nothing is shared, and it stays what it was.
    expect(expected(world, units, (state) => meanOf(state.sampleRatio))).toBeCloseTo(1, 9);
  });

  test.each([0, 0.25])('worse by exactly the margin, share %d', (share) => {
    // (0.7 − 0.2)·(0.5 − 0.7) = −0.1
    const world = decisions({
      contexts: [1],
      candidate: () => [0.3, 0.7],
      incumbent: () => [0.8, 0.2],
      reward: (_, action) => (action === 0 ? 0.7 : 0.5),
      share,
    });
    const promote = expected(world, 4, (state) => meanOf(state.promote));
    expect(promote).toBeCloseTo(1, 9);
    // Rolled back from then on, not before: at the margin it is still a fair game.
    expect(expected(world, 4, (state) => meanOf(state.rollback))).toBeCloseTo(1, 9);
    expect(expected(world, 4, (state) => meanOf(state.rollbackByVersion))).toBeLessThanOrEqual(MORE);
  });

  describe('worse by the margin on average over contexts, and better where bounds are narrow', () => {
    // −0.79 · 0.75 where the candidate does what is hardly ever done, and 0.8 · 0.490625 where it does not: −0.1.
    const candidate = (context: number) => (context === 0 ? [0.2, 0.8] : [0.1, 0.9]);
    const incumbent = (context: number) => (context === 0 ? [0.99, 0.01] : [0.9, 0.1]);
    const reward = (context: number, action: number) =>
      context === 0 ? (action === 0 ? 0.9 : 0.15) : action === 0 ? 0.2 : 0.690625;
    const world = decisions({ contexts: [0.5, 0.5], candidate, incumbent, reward, share: 0 });

    test('its game is fair', () => {
      expect(expected(world, 3, (state) => meanOf(state.promote))).toBeCloseTo(1, 9);
    });

    test('it would not be, were bets smaller where bounds are wide', () => {
      // The first unit alone, at the size of the last bet with V̄ = 10.
      const { centre, deviation, margin } = terms;
      const wanted = (0.24 * deviation) / (deviation ** 2 * 10 + 0.24 ** 2 * deviation ** 2);
      let mean = 0;
      for (const { probability, unit, reward: value } of world({ history: [], state: emptyGateState() })) {
        const { difference, high, low } = unit.odds;
        const bound = Math.max(high * centre, low * (1 - centre)) - margin;
        const size = Math.min(wanted, 0.5 / Math.max(bound, 0.5));
        mean += probability * (1 + size * (difference * (value - centre) + margin));
      }
      expect(mean).toBeGreaterThan(1.005);
    });
  });

  test('a candidate that would do what is never done', () => {
    const world = decisions({
      contexts: [1],
      candidate: () => [0.4, 0.6],
      incumbent: () => [1, 0],
      reward: (_, action) => (action === 0 ? 0.5 : 1),
      share: 0,
    });
    // Nothing is known of action 1, which may be worth nothing or everything.
    expect(expected(world, 5, (state) => meanOf(state.improve))).toBeLessThanOrEqual(MORE);
    expect(expected(world, 5, (state) => meanOf(state.rollback))).toBeLessThanOrEqual(MORE);
  });

  test('the candidate is active, and the former one would do what it never does', () => {
    // Worse by exactly the margin, were action 0 worth 0.6.
    const world = decisions({
      contexts: [1],
      candidate: () => [0, 1],
      incumbent: () => [0.5, 0.5],
      reward: (_, action) => (action === 0 ? 0.6 : 0.4),
      share: 1,
    });
    expect(expected(world, 5, (state) => meanOf(state.rollback))).toBeLessThanOrEqual(MORE);
    expect(expected(world, 5, (state) => meanOf(state.improve))).toBeLessThanOrEqual(MORE);
  });

  test('a version without effect, by version: rewards, and a guardrail', () => {
    const world = decisions({
      contexts: [1],
      candidate: () => [0.5, 0.5],
      incumbent: () => [0.5, 0.5],
      reward: (_, __, path) => (path.history.at(-1)?.isCandidate === true ? 0.2 : 0.7),
      share: 0.25,
    });
    expect(expected(world, 4, (state) => meanOf(state.rollbackByVersion))).toBeLessThanOrEqual(MORE);
    // Sums over games that began at each unit: one for each unit at the most.
    for (const sumOf of [
      (state: GateState) => average(state.change),
      (state: GateState) => average(state.changeByVersion),
      (state: GateState) => average(state.guardrails['harm'] ?? []),
    ]) {
      expect(expected(world, 4, sumOf)).toBeLessThanOrEqual(4 * MORE);
    }
  });
});
