import type { DecisionData } from '@rlaas/schemas';
import { describe, expect, test } from 'vitest';
import { compareVersions } from './compared-decision.ts';

const data: DecisionData = {
  context: {},
  actions: [{ id: 'a' }, { id: 'b' }],
  probabilities: [0.9, 0.1],
  chosen: 1,
  propensity: 0.1,
  policy_version: null,
  checkpoint: null,
  mode: 'shadow_only',
  shadow: [{ version: 'v1', checkpoint: 3, probabilities: [0.2, 0.8] }],
};
const versions = { candidate: 'v1', incumbent: null };
const compare = (
  change: Partial<DecisionData>,
  between: { candidate: string; incumbent: string | null } = versions,
) => compareVersions({ ...data, ...change }, between);

describe('who is compared', () => {
  test('in shadow: the candidate that scored beside', () => {
    expect(compare({})).toEqual({
      candidate: [0.2, 0.8],
      incumbent: [0.9, 0.1],
      chosen: 1,
      share: 0,
      isCandidate: false,
      checkpoint: 3,
      seed: undefined,
    });
  });

  test('in canary: whichever decided, with the candidate’s share', () => {
    const shadow = [{ version: 'v1', checkpoint: 3, share: 0.25, probabilities: [0.2, 0.8] }];
    expect(compare({ version_share: 0.75, shadow })).toMatchObject({ share: 0.25, isCandidate: false });
    const decided = {
      mode: 'canary' as const,
      policy_version: 'v1',
      checkpoint: 4,
      probabilities: [0.2, 0.8],
      version_share: 0.25,
      shadow: [{ version: 'baseline', checkpoint: null, share: 0.75, probabilities: [0.9, 0.1] }],
    };
    expect(compare(decided)).toMatchObject({
      candidate: [0.2, 0.8],
      incumbent: [0.9, 0.1],
      share: 0.25,
      isCandidate: true,
      checkpoint: 4,
    });
  });

  test('when one of them failed: whose turn it was, and nothing about choices', () => {
    const none = { candidate: [0.9, 0.1], incumbent: [0.9, 0.1], share: 0.25 };
    expect(compare({ version_share: 0.75, failed_version: 'v1', shadow: [] })).toMatchObject({
      ...none,
      isCandidate: true,
    });
    expect(compare({ version_share: 0.75, failed_beside: 'v1', shadow: [] })).toMatchObject({
      ...none,
      isCandidate: false,
    });
    // Seen from the version that is active, beside a former one that is tested once more.
    const between = { candidate: 'v2', incumbent: 'v1' };
    const byActive = { policy_version: 'v2', mode: 'live' as const, version_share: 0.75, shadow: [] };
    const whose = (change: Partial<DecisionData>) => compare({ ...byActive, ...change }, between);
    expect(whose({ failed_version: 'v1' })).toMatchObject({ share: 0.75, isCandidate: false });
    expect(whose({ failed_beside: 'v1' })).toMatchObject({ share: 0.75, isCandidate: true });
  });

  test('when it is active: alone, beside the former one', () => {
    const between = { candidate: 'v2', incumbent: 'v1' };
    expect(compare({ policy_version: 'v2', mode: 'live' }, between)).toMatchObject({
      candidate: [0.9, 0.1],
      incumbent: [0.2, 0.8],
      share: 1,
      isCandidate: true,
    });
  });

  test('when it is active, and a third version has a share of the traffic: alone all the same', () => {
    const between = { candidate: 'v2', incumbent: 'v1' };
    const shadow = [
      { version: 'v3', checkpoint: 1, share: 0.25, probabilities: [0.5, 0.5] },
      { version: 'v1', checkpoint: 3, probabilities: [0.2, 0.8] },
    ];
    const decided = { policy_version: 'v2', mode: 'live' as const, version_share: 0.75, shadow };
    expect(compare(decided, between)).toMatchObject({ incumbent: [0.2, 0.8], share: 1, isCandidate: true });
    // Also when it was the turn of the third one, which failed.
    expect(compare({ ...decided, failed_version: 'v3' }, between)).toMatchObject({ share: 1 });
  });

  test('in an episode: what was drawn with the same number', () => {
    const seed = (change: Partial<DecisionData>) => {
      const one = compare(change);
      return typeof one === 'string' ? one : one.seed;
    };
    expect(seed({ sticky: 'episode' })).toBe(seed({ sticky: 'episode', excluded: [] }));
    expect(seed({ sticky: 'episode', excluded: ['b', 'a'] })).toBe(
      seed({ sticky: 'episode', excluded: ['a', 'b'] }),
    );
    expect(seed({ sticky: 'episode', excluded: ['a'] })).not.toBe(seed({ sticky: 'episode' }));
  });
});

test.each<[Partial<DecisionData>, string]>([
  [{ mode: 'baseline' }, 'chosen_by_application'],
  [{ mode: 'degraded' }, 'degraded'],
  [{ sticky_of: '019ca8b2-9400-7c3e-9d2b-5f0c1a2b3c4d' }, 'sticky_repeat'],
  [{ probabilities: undefined }, 'not_scored'],
  [{ probabilities: [1, 0] }, 'not_scored'],
  [{ shadow: [] }, 'not_scored'],
  [{ policy_version: 'v1', mode: 'canary', shadow: [] }, 'not_scored'],
  [{ policy_version: 'v3', mode: 'live' }, 'other_version'],
])('%j cannot count: %s', (change, reason) => {
  expect(compare(change)).toBe(reason);
});
