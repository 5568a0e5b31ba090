import { expect, test } from 'vitest';
import { rolloutSettingsSchema } from './rollout-settings.ts';

test('what is not said has its default', () => {
  expect(rolloutSettingsSchema.parse({})).toMatchObject({
    canary_steps: [0.01, 0.05, 0.25, 0.5],
    margin: 0.02,
    alpha: 0.05,
    error: 'per_start',
    promote: 'superior',
    approval: [],
    guardrails: {},
  });
});

test.each<[object, string]>([
  [{ canary_steps: [] }, 'canary_steps'],
  [{ canary_steps: [0.5, 0.1] }, 'canary_steps'],
  [{ canary_steps: [0.1, 0.1] }, 'canary_steps'],
  [{ canary_steps: [1] }, 'canary_steps/0'],
  [{ alpha: 0 }, 'alpha'],
  [{ alpha: 0.6 }, 'alpha'],
  [{ margin: -0.1 }, 'margin'],
  [{ rollback_margin: 0 }, 'rollback_margin'],
  [{ dwell: 'long' }, 'dwell'],
  [{ promote: 'always' }, 'promote'],
  [{ guardrails: { failures: { outcome: 'x' } } }, 'guardrails'],
  [{ guardrails: { 'Slow!': { outcome: 'x' } } }, 'guardrails/Slow!'],
  [{ guardrails: { slow: { outcome: 'x', margin: 0 } } }, 'guardrails/slow/margin'],
  [{ unknown: 1 }, ''],
])('%j is refused at %s', (settings, path) => {
  const parsed = rolloutSettingsSchema.safeParse(settings);
  expect(parsed.error?.issues.map((issue) => issue.path.join('/'))).toEqual([path]);
});
