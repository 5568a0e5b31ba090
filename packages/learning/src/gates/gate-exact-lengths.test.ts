import { describe, expect, test } from 'vitest';
import type { GateState } from './gate.ts';
import { type Branch, MORE, type World, expected, meanOf } from './testing/paths.ts';
import { oddsOfUnit } from './unit-draws.ts';

/**
 * Episodes that go on for a second decision, on which both versions agree, after action 1 only. Whatever is done, the
 * reward is 1 with the same probability: nothing is better than anything.
 */
function world(
  share: number,
  candidate: readonly number[],
  incumbent: readonly number[],
  rewarded: number,
  limit = 50,
): World {
  const even = { candidate: [0.5, 0.5], incumbent: [0.5, 0.5], chosen: 0 };
  const who = share === 0 ? [false] : share === 1 ? [true] : [true, false];
  const branches = who.flatMap((isCandidate) =>
    [0, 1].flatMap((chosen) =>
      [0, 1].map((reward): Branch => {
        const first = { candidate, incumbent, chosen };
        return {
          probability:
            (isCandidate ? share : 1 - share) *
            ((isCandidate ? candidate : incumbent)[chosen] ?? 0) *
            (reward === 1 ? rewarded : 1 - rewarded),
          unit: {
            odds: oddsOfUnit('episode', chosen === 1 ? [first, even] : [first], share, limit),
            assigned: share > 0 && share < 1 ? { isCandidate, share } : undefined,
            hasTraffic: share > 0,
            reward,
          },
          chosen,
          reward,
          isCandidate,
        };
      }),
    ),
  );
  return () => branches;
}

const games: Record<string, (state: GateState) => number> = {
  improve: (state) => meanOf(state.improve),
  rollback: (state) => meanOf(state.rollback),
  leftOutMore: (state) => meanOf(state.leftOutMore),
  leftOutLess: (state) => meanOf(state.leftOutLess),
};

describe('episodes whose length depends on what was done first', () => {
  test.each([
    ['shadow', 0, 0.5],
    ['canary', 0.01, 0.5],
    ['canary', 0.25, 0.5],
    ['active', 1, 0.5],
    ['active', 1, 0.9],
  ])('are worth no more than they are in %s, share %d, mean %d', (_, share, rewarded) => {
    const more = [
      [
        [0.3, 0.7],
        [0.7, 0.3],
      ],
      [
        [0.7, 0.3],
        [0.3, 0.7],
      ],
    ].flatMap(([candidate = [], incumbent = []]) =>
      Object.entries(games).flatMap(([name, game]) => {
        const mean = expected(world(share, candidate, incumbent, rewarded), 4, game);
        return mean > MORE ? [`${name} ${candidate.join('/')}: ${mean}`] : [];
      }),
    );
    expect(more).toEqual([]);
  });
});

test.each([0, 0.25, 1])(
  'where nothing is known of episodes that go on, nothing is won by it, share %d',
  (share) => {
    const more = [0, 0.5, 1].flatMap((rewarded) => {
      const known = world(share, [0.3, 0.7], [0.7, 0.3], rewarded);
      // Those that are rewarded, after one of the actions, go on under another share.
      const cut: World = (path) =>
        known(path).map(({ unit, ...branch }): Branch => {
          const isCut = branch.chosen === 1 && branch.reward === 1;
          const reward = isCut ? 'unknown' : unit.reward;
          return Object.assign(branch, {
            unit: Object.assign({}, unit, { reward, harms: { harm: isCut ? 0 : 1 - branch.reward } }),
          });
        });
      return Object.entries(games).flatMap(([name, game]) => {
        if (name.startsWith('leftOut')) return [];
        const mean = expected(cut, 4, game);
        return mean > MORE ? [`${name} ${rewarded}: ${mean}`] : [];
      });
    });
    expect(more).toEqual([]);
  },
);
