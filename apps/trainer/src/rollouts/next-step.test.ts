import { rolloutSettingsSchema } from '@rlaas/schemas';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type StepSituation, nextStep, stepAfter } from './next-step.ts';

const settings = rolloutSettingsSchema.parse({ canary_steps: [0.1, 0.5], least_rewards: 100 });
const nothing: StepSituation['fired'] = {
  promote: false,
  improve: false,
  rollback: false,
  change: false,
  guardrails: [],
  sampleRatio: false,
  leftOut: false,
};
const good: StepSituation = {
  stage: 'shadow',
  share: 0,
  settings,
  fired: { ...nothing, promote: true, improve: true },
  units: 5_000,
  effectiveUnits: 500,
  overlap: 1,
  candidateRewards: 200,
  sinceCounted: 0,
  stageMs: 3_600_000,
  dwellMs: 600_000,
  windowMs: 60_000,
  explores: true,
  lowersExploration: false,
};
const waitsFor = (change: Partial<StepSituation>): string[] => {
  const step = nextStep({ ...good, ...change });
  return 'waitingFor' in step ? step.waitingFor.map(({ code }) => code) : [`moved to ${step.move.to}`];
};

describe('the gate', () => {
  test('leads from step to step, and then to active', () => {
    expect(nextStep(good)).toMatchObject({ move: { to: 'canary', share: 0.1, cause: 'gate' } });
    expect(nextStep({ ...good, stage: 'canary', share: 0.1 })).toMatchObject({
      move: { to: 'canary', share: 0.5 },
    });
    expect(nextStep({ ...good, stage: 'canary', share: 0.5 })).toMatchObject({
      move: { to: 'active', share: 1 },
    });
    expect(nextStep({ ...good, stage: 'active', share: 1 })).toEqual({ waitingFor: [] });
  });

  test('says of what is active that nobody would notice if it became worse', () => {
    const active = { stage: 'active', share: 1 } as const;
    expect(waitsFor({ ...active, sinceCounted: 999 })).toEqual([]);
    expect(waitsFor({ ...active, sinceCounted: 1_000 })).toEqual(['unwatched']);
    expect(waitsFor({ ...active, fired: { ...good.fired, leftOut: true } })).toEqual(['left_out']);
    // How traffic was shared once is no reason to take what is active back.
    expect(waitsFor({ ...active, fired: { ...good.fired, sampleRatio: true } })).toEqual([]);
  });

  test('takes a canary back whose traffic is not shared as it should be', () => {
    const fired = { ...good.fired, sampleRatio: true };
    expect(nextStep({ ...good, stage: 'canary', share: 0.1, fired })).toMatchObject({
      move: { to: 'rolled_back', cause: 'sample_ratio' },
    });
  });

  test.each<[string, Partial<StepSituation>]>([
    ['evidence', { fired: nothing }],
    ['effective_units', { effectiveUnits: 199 }],
    ['overlap', { overlap: 0.94 }],
    ['overlap', { overlap: undefined }],
    ['dwell', { stageMs: 1 }],
    ['no_exploration', { explores: false }],
    ['approval', { settings: { ...settings, approval: ['canary'] } }],
    ['sample_ratio', { fired: { ...good.fired, sampleRatio: true } }],
    ['left_out', { fired: { ...good.fired, leftOut: true } }],
    ['rewards', { stage: 'canary', share: 0.1, candidateRewards: 99 }],
    ['dwell', { stage: 'canary', share: 0.1, stageMs: 700_000, windowMs: 800_000 }],
    ['improvement', { stage: 'canary', share: 0.5, fired: { ...good.fired, improve: false } }],
    ['lowers_exploration', { stage: 'canary', share: 0.5, lowersExploration: true }],
    ['approval', { stage: 'canary', share: 0.5, settings: { ...settings, approval: ['active'] } }],
  ])('waits for %s', (code, change) => {
    expect(waitsFor(change)).toEqual([code]);
  });

  test('what only a person can give is waited for; without a verdict it ends', () => {
    const long = { units: settings.max_units };
    expect(waitsFor({ ...long, settings: { ...settings, approval: ['canary'] } })).toEqual(['approval']);
    expect(waitsFor({ ...long, fired: nothing })).toEqual(['moved to retired']);
  });

  test('non-inferiority is enough where the policy says so', () => {
    const enough = { ...settings, promote: 'non_inferior' as const };
    expect(
      waitsFor({ stage: 'canary', share: 0.5, settings: enough, fired: { ...nothing, promote: true } }),
    ).toEqual(['moved to active']);
  });
});

/** A share of 1 is that of an active version alone. */
const place = fc.constantFrom<Pick<StepSituation, 'stage' | 'share'>>(
  { stage: 'shadow', share: 0 },
  { stage: 'canary', share: 0.1 },
  { stage: 'canary', share: 0.5 },
  { stage: 'active', share: 1 },
);
const rest = fc.record({
  settings: fc.constant(settings),
  fired: fc.record({
    promote: fc.boolean(),
    improve: fc.boolean(),
    rollback: fc.boolean(),
    change: fc.boolean(),
    guardrails: fc.constantFrom<readonly string[]>([], ['slow']),
    sampleRatio: fc.boolean(),
    leftOut: fc.boolean(),
  }),
  units: fc.nat(3_000_000),
  effectiveUnits: fc.nat(500),
  overlap: fc.option(fc.double({ min: 0, max: 1, noNaN: true }), { nil: undefined }),
  candidateRewards: fc.nat(400),
  sinceCounted: fc.nat(3_000),
  stageMs: fc.nat(1_000_000),
  dwellMs: fc.nat(600_000),
  windowMs: fc.nat(600_000),
  explores: fc.boolean(),
  lowersExploration: fc.boolean(),
});
const situation = fc.tuple(place, rest).map(([where, given]) => Object.assign({}, where, given));

test('whatever the situation: no traffic without its test, one step at a time, and rollbacks go first', () => {
  fc.assert(
    fc.property(situation, (given) => {
      const step = nextStep(given);
      const wrong: string[] = [];
      const isWorse =
        given.fired.rollback ||
        given.fired.change ||
        given.fired.guardrails.length > 0 ||
        (given.fired.sampleRatio && given.stage === 'canary');
      if (given.stage !== 'shadow' && isWorse !== ('move' in step && step.move.to === 'rolled_back')) {
        wrong.push('rollback');
      }
      if ('move' in step && (step.move.to === 'canary' || step.move.to === 'active')) {
        if (!given.fired.promote || given.fired.sampleRatio || given.fired.leftOut) wrong.push('untested');
        if (step.move.to === 'active' && !given.fired.improve) wrong.push('not better');
        const next = stepAfter(given);
        if (step.move.share !== next.share || step.move.to !== next.to) wrong.push('a step too far');
        if (step.move.share <= given.share) wrong.push('backwards');
      }
      expect(wrong).toEqual([]);
    }),
    { numRuns: 5_000 },
  );
});
