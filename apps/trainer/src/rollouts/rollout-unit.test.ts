import { rewardSpecificationSchema, rolloutSettingsSchema } from '@rlaas/schemas';
import { describe, expect, test } from 'vitest';
import { type LoggedDecision, compareVersions } from './compared-decision.ts';
import { termsOf } from './rollout-terms.ts';
import { type UnitMember, unitOf } from './rollout-unit.ts';

const terms = termsOf({
  settings: rolloutSettingsSchema.parse({}),
  specification: rewardSpecificationSchema.parse({
    range: [0, 1],
    window: { after: '1m', grace: '0s' },
    inputs: { sent: { event: 'outcome', name: 'sent', aggregate: 'first', scope: 'decision' } },
    value: 'has(e.sent) ? 1.0 : 0.0',
  }),
  history: { rewards: [], compared: [] },
  start: 1,
  explores: true,
  lowersExploration: false,
});

/** A decision in canary as a gateway logs it. */
function logged(share: number, turn: 'candidate' | 'incumbent', fails: boolean): LoggedDecision {
  const incumbentShare = 1 - share;
  const common = { chosen: 0, propensity: 0.5, probabilities: [0.5, 0.5], checkpoint: 1 };
  const other = { version: 'baseline', checkpoint: null, probabilities: [0.5, 0.5] };
  if (turn === 'candidate' && !fails) {
    return {
      ...common,
      policy_version: 'v1',
      mode: 'canary',
      version_share: share,
      shadow: [{ ...other, share: incumbentShare }],
    };
  }
  return {
    ...common,
    policy_version: null,
    mode: 'shadow_only',
    version_share: incumbentShare,
    ...(fails
      ? { [turn === 'candidate' ? 'failed_version' : 'failed_beside']: 'v1' }
      : { shadow: [{ version: 'v1', checkpoint: 1, share, probabilities: [0.2, 0.8] }] }),
  };
}

function member(data: LoggedDecision, reward: number | null = 1): UnitMember {
  const compared = compareVersions(data, { candidate: 'v1', incumbent: null });
  if (typeof compared === 'string') throw new Error(compared);
  return { id: 'x', compared, reward, harms: {} };
}

describe('an episode in which the candidate fails at times', () => {
  // 1 − (1 − .01) is not .01.
  test.each([0.01, 0.05, 0.25, 0.5])('is one unit of one share, %d', (share) => {
    for (const turn of ['candidate', 'incumbent'] as const) {
      const members = [true, false, true].map((fails) => member(logged(share, turn, fails)));
      const unit = unitOf('episode', members, terms);
      expect(unit.gate.assigned?.isCandidate).toBe(turn === 'candidate');
      expect(unit.gate.assigned?.share).toBeCloseTo(share, 12);
    }
  });

  test('that goes on under another share has a reward of no step', () => {
    const unit = unitOf(
      'episode',
      [member(logged(0.01, 'candidate', false)), member(logged(0.05, 'candidate', false))],
      terms,
    );
    expect(unit).toMatchObject({
      gate: { assigned: { isCandidate: true, share: 0.01 }, reward: 'unknown', harms: { left_out: 0 } },
      members: [{ id: 'x' }],
    });
  });
});

test('an episode that was drawn again elsewhere, with the same number, is drawn once', () => {
  const sticky = (chosen: number): UnitMember => {
    const data: LoggedDecision = {
      chosen,
      propensity: chosen === 0 ? 0.8 : 0.2,
      probabilities: [0.8, 0.2],
      policy_version: null,
      checkpoint: null,
      mode: 'shadow_only',
      shadow: [{ version: 'v1', checkpoint: 1, probabilities: [0.3, 0.7] }],
      sticky: 'episode',
    };
    return member(data);
  };
  const unit = unitOf('sticky', [sticky(1), sticky(1), sticky(0)], terms);
  expect(unit.weight).toBeCloseTo(0.7 / 0.2, 12);
  // It is a plain decision then, and nothing of it is cut.
  expect(unit.gate.odds).toMatchObject({ cut: undefined, missCandidate: 0 });
});

test('a unit has no reward when one of its decisions has none, and nobody knows it when there are more of them', () => {
  const one = logged(0.25, 'candidate', false);
  const rewardOf = (members: readonly UnitMember[], isWhole?: boolean) => {
    const { gate } = unitOf('episode', members, terms, isWhole);
    return { reward: gate.reward, harms: gate.harms };
  };
  expect(rewardOf([member(one, 1), member(one, 0)])).toEqual({ reward: 0.5, harms: { left_out: 0 } });
  expect(rewardOf([member(one, 1), member(one, null)])).toEqual({
    reward: undefined,
    harms: { left_out: 1 },
  });
  expect(rewardOf([member(one, 1)], false)).toEqual({ reward: 'unknown', harms: { left_out: 0 } });
});

test('of an episode of one draw that was drawn anew the reward is not known: that may have been because of the first', () => {
  const data = (excluded: string[]): LoggedDecision => ({
    chosen: 0,
    propensity: 0.8,
    probabilities: [0.8, 0.2],
    policy_version: null,
    checkpoint: null,
    mode: 'shadow_only',
    shadow: [{ version: 'v1', checkpoint: 1, probabilities: [0.3, 0.7] }],
    sticky: 'episode',
    excluded,
  });
  const again = unitOf('sticky', [member(data([])), member(data(['b']))], terms);
  expect(again).toMatchObject({ gate: { reward: 'unknown' }, members: [{ id: 'x' }] });
  const whole = unitOf('sticky', [member(data([])), { ...member(data([])), compared: 'outcome' }], terms);
  expect(whole.gate.reward).toBe(1);
});
