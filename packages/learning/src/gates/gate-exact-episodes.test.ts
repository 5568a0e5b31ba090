import { describe, expect, test } from 'vitest';
import { Gate, type GateState, type GateUnit } from './gate.ts';
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
import { type SeededDraw, oddsOfUnit } from './unit-draws.ts';
import { type Draw, oddsOfDecision, oddsOfDrawnEpisode, oddsOfSharedEpisode } from './unit-odds.ts';

describe('episodes of two decisions with one reward', () => {
  const candidate = [0.3, 0.7];
  const incumbent = [0.8, 0.2];
  /** Of both actions together; equal for both versions on average, or not. */
  const mean = (a: number, b: number) => (a === b ? 0.6 : 0.35);

  function episodes(share: number, odds: (draws: readonly Draw[]) => GateUnit['odds'], shift: number): World {
    return () =>
      (share === 0 ? [false] : share === 1 ? [true] : [true, false]).flatMap((isCandidate) =>
        [0, 1].flatMap((a) =>
          [0, 1].flatMap((b) =>
            [0, 1].map((value): Branch => {
              const by = isCandidate ? candidate : incumbent;
              const p =
                (isCandidate ? share : 1 - share) *
                (by[a] ?? 0) *
                (by[b] ?? 0) *
                (value === 1 ? mean(a, b) + shift : 1 - mean(a, b) - shift);
              const draws = [a, b].map((chosen) => ({ candidate, incumbent, chosen }));
              const assigned = share > 0 && share < 1 ? { isCandidate, share } : undefined;
              const harms = { harm: 1 - value };
              return {
                probability: p,
                unit: { odds: odds(draws), assigned, hasTraffic: true, reward: value, harms },
                chosen: a,
                reward: value,
                isCandidate,
              };
            }),
          ),
        ),
      );
  }
  const value = (by: readonly number[]) =>
    [0, 1].reduce(
      (sum, a) => sum + [0, 1].reduce((inner, b) => inner + (by[a] ?? 0) * (by[b] ?? 0) * mean(a, b), 0),
      0,
    );

  test('are worth no more than they are', () => {
    // The candidate repeats itself less often, so it is worse: by less than 0.1, which the margin is lent for.
    const difference = value(candidate) - value(incumbent);
    expect(difference).toBeLessThan(0);
    expect(difference).toBeGreaterThan(-0.1);
    const shared = episodes(0.25, (draws) => oddsOfSharedEpisode(draws, 0.25), 0.1);
    expect(expected(shared, 3, (state) => meanOf(state.improve))).toBeLessThanOrEqual(MORE);
    expect(expected(shared, 3, (state) => meanOf(state.rollback))).toBeLessThanOrEqual(MORE);
    for (const most of [1, 2, 100]) {
      const drawn = episodes(0, (draws) => oddsOfDrawnEpisode(draws, most, 'incumbent'), 0.1);
      expect(expected(drawn, 3, (state) => meanOf(state.improve))).toBeLessThanOrEqual(MORE);
      // The same once the candidate decides alone: the incumbent is what is cut.
      const active = episodes(1, (draws) => oddsOfDrawnEpisode(draws, most, 'candidate'), 0.1);
      for (const gameOf of [
        (state: GateState) => meanOf(state.improve),
        (state: GateState) => meanOf(state.rollback),
      ]) {
        expect(expected(active, 3, gameOf)).toBeLessThanOrEqual(MORE);
      }
      const harm = (state: GateState) => average(state.guardrails['harm'] ?? []);
      expect(expected(active, 3, harm)).toBeLessThanOrEqual(3 * MORE);
    }
  });

  test('an active candidate that is worse by more than the margin is rolled back by them', () => {
    const worse = { ...terms, rollbackMargin: 0.01 };
    const gate = new Gate(worse);
    const fresh = new Gate(worse);
    const draw = (chosen: number): Draw => ({ candidate: [0.9, 0.1], incumbent: [0.1, 0.9], chosen });
    // In the proportions in which they come: .81, .09, .09, .01; only twice the second action is rewarded.
    for (let round = 0; round < 40; round += 1) {
      for (let at = 0; at < 100; at += 1) {
        const [a, b] = at < 81 ? [0, 0] : at < 90 ? [0, 1] : at < 99 ? [1, 0] : [1, 1];
        const odds = oddsOfDrawnEpisode([draw(a), draw(b)], 100, 'candidate');
        gate.add({ odds, assigned: undefined, hasTraffic: true, reward: a + b === 2 ? 1 : 0 });
        fresh.add({ odds, assigned: undefined, hasTraffic: true, reward: a + b === 2 ? 0 : 1 });
      }
    }
    expect(gate.look().rollback).toBe(true);
    expect(fresh.look().rollback).toBe(false);
  });

  describe('drawn again with the same number, by a process that does not know of the first time', () => {
    // Its probabilities were others by then: a checkpoint later, or another context.
    const later = { candidate: [0.5, 0.5], incumbent: [0.6, 0.4] };
    const again = (share: number, odds: (draws: readonly SeededDraw[]) => GateUnit['odds']): World => {
      const branches = (share === 0 ? [false] : share === 1 ? [true] : [true, false]).flatMap(
        (isCandidate) => {
          const [one, two] = isCandidate ? [candidate, later.candidate] : [incumbent, later.incumbent];
          const cuts = [0, one[0] ?? 0, two[0] ?? 0, 1].toSorted((a, b) => a - b);
          return [0, 1, 2].flatMap((piece) => {
            const [from, to] = [cuts[piece] ?? 0, cuts[piece + 1] ?? 1];
            const middle = (from + to) / 2;
            const [a, b] = [middle < (one[0] ?? 0) ? 0 : 1, middle < (two[0] ?? 0) ? 0 : 1];
            const draws: SeededDraw[] = [
              { candidate, incumbent, chosen: a, seed: 'e' },
              { ...later, chosen: b, seed: 'e' },
            ];
            const assigned = share > 0 && share < 1 ? { isCandidate, share } : undefined;
            return [0, 1].map((rewarded): Branch => {
              // Whatever is done, the reward is the same on average: nothing is better than anything.
              const p = (isCandidate ? share : 1 - share) * (to - from) * (rewarded === 1 ? 0.7 : 0.3);
              const unit: GateUnit = { odds: odds(draws), assigned, hasTraffic: true, reward: rewarded };
              return { probability: p, unit, chosen: a, reward: rewarded, isCandidate };
            });
          });
        },
      );
      return () => branches;
    };

    test.each([0, 0.05, 0.25, 1])('they are drawn once, share %d', (share) => {
      const once = again(share, (draws) =>
        oddsOfUnit(share === 0 || share === 1 ? 'decision' : 'episode', draws, share, 50),
      );
      expect(expected(once, 3, (state) => meanOf(state.improve))).toBeLessThanOrEqual(MORE);
      expect(expected(once, 3, (state) => meanOf(state.rollback))).toBeLessThanOrEqual(MORE);
      expect(expected(once, 3, (state) => meanOf(state.leftOutMore))).toBeLessThanOrEqual(MORE);
    });

    test('counted as two draws they would promote what is no better', () => {
      const unseeded = (draws: readonly SeededDraw[]) =>
        oddsOfUnit(
          'episode',
          draws.map(({ candidate: c, incumbent: i, chosen }) => ({ candidate: c, incumbent: i, chosen })),
          0,
          50,
        );
      expect(expected(again(0, unseeded), 3, (state) => meanOf(state.improve))).toBeGreaterThan(1.005);
    });
  });

  test('counted decision by decision, with the reward of both, they are worth more than they are', () => {
    // What must not be done, to see that the figures above can fail: the second decision knows the first.
    const repeats: World = () =>
      [0, 1].flatMap((a) =>
        [0, 1].map((rewarded): Branch => {
          const p = (incumbent[a] ?? 0) * 0.5;
          return {
            probability: p,
            unit: {
              odds: oddsOfDecision({ candidate, incumbent, chosen: a }, 0),
              assigned: undefined,
              hasTraffic: true,
              reward: rewarded,
            },
            chosen: a,
            reward: rewarded,
            isCandidate: false,
          };
        }),
      );
    const twice = (path: Path): Branch[] => {
      const last = path.history.at(-1);
      if (!last || path.history.length % 2 === 0) return repeats(path);
      // Sticky: the same action and the same reward once more.
      return repeats(path)
        .filter(({ chosen, reward }) => chosen === last.chosen && reward === last.reward)
        .map((branch) => Object.assign({}, branch, { probability: 1 }));
    };
    expect(expected(repeats, 4, (state) => meanOf(state.improve))).toBeLessThanOrEqual(MORE);
    expect(expected(twice, 4, (state) => meanOf(state.improve))).toBeGreaterThan(1.001);
  });
});
