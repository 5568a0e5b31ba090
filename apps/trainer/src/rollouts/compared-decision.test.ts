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
      failed: false,
      checkpoint: 3,
      isSticky: false,
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

  test('when it failed: its turn, and nothing about its choices', () => {
    expect(compare({ version_share: 0.75, failed_version: 'v1', shadow: [] })).toMatchObject({
      candidate: [0.9, 0.1],
      incumbent: [0.9, 0.1],
      share: 0.25,
      isCandidate: true,
      failed: true,
    });
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
