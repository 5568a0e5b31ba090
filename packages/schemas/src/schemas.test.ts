import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createApiKeySchema } from './api-keys.ts';
import { ERRORS, errorCodes } from './errors.ts';
import { nameSchema, uuidV7Schema } from './ids.ts';
import { policyConfigurationSchema, versionConfigurationSchema } from './policy-configuration.ts';
import { durationSchema, parseDuration, timestampSchema } from './time.ts';

describe('durations', () => {
  test('one number and one unit', () => {
    expect(parseDuration('90s')).toBe(90_000);
    expect(parseDuration('250ms')).toBe(250);
    expect(parseDuration('7d')).toBe(604_800_000);
    for (const text of ['', '1', '1h30m', '-1s', '1.5h', '1 h', '1H']) {
      expect(parseDuration(text), text).toBeUndefined();
      expect(durationSchema.safeParse(text).success).toBe(false);
    }
  });

  test('any text is read or refused, never NaN', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        const value = parseDuration(text);
        expect(value === undefined || Number.isSafeInteger(value)).toBe(true);
      }),
    );
  });
});

test('times are UTC with milliseconds', () => {
  expect(timestampSchema.safeParse('2026-03-01T09:30:00.000Z').success).toBe(true);
  for (const text of ['2026-03-01T09:30:00Z', '2026-03-01T09:30:00.000+01:00', '2026-03-01']) {
    expect(timestampSchema.safeParse(text).success, text).toBe(false);
  }
});

test('names and ids', () => {
  for (const name of ['a', 'support-draft', '0', 'a'.repeat(63)])
    expect(nameSchema.safeParse(name).success).toBe(true);
  for (const name of ['', '-a', 'A', 'a_b', 'a'.repeat(64), 'ä'])
    expect(nameSchema.safeParse(name).success).toBe(false);
  expect(uuidV7Schema.safeParse('019aadf0-6a00-7c3e-9d2b-5f0c1a2b3c4d').success).toBe(true);
  expect(uuidV7Schema.safeParse('019aadf0-6a00-4c3e-9d2b-5f0c1a2b3c4d').success).toBe(false);
});

test('every error code has a status that fits it, and only errors that can pass are retryable', () => {
  expect(errorCodes.every((code) => ERRORS[code].status >= 400)).toBe(true);
  const wrong = errorCodes.filter(
    (code) => ERRORS[code].retryable && ![408, 429, 500, 502, 503, 504].includes(ERRORS[code].status),
  );
  expect(wrong).toEqual([]);
});

describe('a new key', () => {
  const paths = (input: unknown): string[] =>
    createApiKeySchema.safeParse(input).error?.issues.map((issue) => issue.path.join('.')) ?? [];

  test('a publishable one needs origins and may decide and report only', () => {
    const good = {
      name: 'web',
      kind: 'publishable',
      scopes: ['decide'],
      allowed_origins: ['https://*.shop.example'],
    };
    expect(paths(good)).toEqual([]);
    expect(paths({ ...good, allowed_origins: [] })).toEqual(['allowed_origins']);
    expect(paths({ ...good, scopes: ['decide', 'admin'] })).toEqual(['scopes']);
    expect(paths({ ...good, allowed_origins: ['https://shop.example/path'] })).toEqual(['allowed_origins.0']);
  });

  test('a secret one has no origins, at least one scope, and nothing unknown', () => {
    expect(paths({ name: 'server', scopes: ['decide'] })).toEqual([]);
    expect(paths({ name: 'server', scopes: ['decide'], allowed_origins: ['https://a.example'] })).toEqual([
      'allowed_origins',
    ]);
    expect(paths({ name: 'server', scopes: [] })).toEqual(['scopes']);
    expect(paths({ name: 'server', scopes: ['decide'], tenant: 'x' })).toEqual(['']);
  });
});

describe('configuration', () => {
  test('an empty version is the documented default', () => {
    expect(versionConfigurationSchema.parse({})).toEqual({
      explorer: { kind: 'squarecb', gamma_scale: 10 },
      minimum_probability: 0.01,
      learner: {
        estimator: 'mtr',
        learning_rate: 2,
        bits: 18,
        interactions: [['context', 'action']],
        action_id_feature: true,
        learn_early: false,
      },
    });
  });

  test('fixed probabilities sum to 1, action ids are unique', () => {
    const fixed = (probabilities: Record<string, number>) =>
      versionConfigurationSchema.safeParse({ explorer: { kind: 'fixed', probabilities } }).success;
    expect(fixed({ a: 0.25, b: 0.75 })).toBe(true);
    expect(fixed({ a: 0.25, b: 0.7 })).toBe(false);
    expect(policyConfigurationSchema.safeParse({ actions: [{ id: 'a' }, { id: 'a' }] }).success).toBe(false);
  });
});
