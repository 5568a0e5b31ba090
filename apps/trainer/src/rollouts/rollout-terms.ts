import { type GateState, alphaOfStart, oddsOfDecision } from '@rlaas/learning';
import type { RewardSpecification, RolloutSettings } from '@rlaas/schemas';
import { parseDuration } from '@rlaas/schemas';
import { z } from 'zod';
import { type ComparedDecision } from './compared-decision.ts';

const stake = z.object({ centre: z.number(), deviation: z.number(), margin: z.number() });

/** What a start is tested with, as it is stored; frozen. */
export const rolloutTermsSchema = z.object({
  gate: z.object({
    margin: z.number(),
    rollbackMargin: z.number(),
    alpha: z.number(),
    rollbackAlpha: z.number(),
    alarm: z.number(),
    centre: z.number(),
    deviation: z.number(),
    guardrails: z.record(z.string(), stake),
  }),
  /** Of rewards. */
  range: z.tuple([z.number(), z.number()]),
  windowMs: z.number(),
  episodeWindowMs: z.number(),
  episodeWeightLimit: z.number(),
  /** Whether decisions of an episode share what their rewards are made of. */
  sharesEpisodes: z.boolean(),
  /** What earlier decisions were like, on average, and of how many; null: none was logged. */
  earlier: z
    .object({
      usual: z.object({ spread: z.number(), high: z.number(), low: z.number() }),
      units: z.number(),
    })
    .nullable(),
  /** Whether the incumbent always gives every action a chance. */
  explores: z.boolean(),
  /** Whether the candidate, once active, explores less than the incumbent. */
  lowersExploration: z.boolean(),
});
export type RolloutTerms = z.infer<typeof rolloutTermsSchema>;

/** What is known of a policy before a start. */
export interface RolloutHistory {
  /** Latest rewards of the incumbent, at most 2,000. */
  readonly rewards: readonly number[];
  /** Latest decisions that both versions scored, at most 2,000. */
  readonly compared: readonly ComparedDecision[];
}

/** With fewer rewards nothing is taken to be usual. */
const ENOUGH_REWARDS = 2_000;
/** A of change detectors: one false alarm in a million units, at most. */
const ALARM = 1e6;

/** Terms of a new start. @param start its number among those of the policy, from 1 */
export function termsOf(given: {
  settings: RolloutSettings;
  specification: RewardSpecification;
  history: RolloutHistory;
  start: number;
  explores: boolean;
  lowersExploration: boolean;
}): RolloutTerms {
  const { settings, specification, history, start, explores, lowersExploration } = given;
  const [least, largest] = specification.range;
  const usual = usualOf(history.rewards.map((reward) => (reward - least) / (largest - least)));
  // What guardrails are made of is not known of old decisions: in the middle nothing is taken to be usual.
  const guardrails = Object.entries(settings.guardrails).map(
    ([name, { margin }]) => [name, { centre: 0, deviation: 0.5, margin }] as const,
  );
  return {
    gate: {
      margin: settings.margin,
      rollbackMargin: settings.rollback_margin,
      alpha: alphaOfStart(settings.alpha, settings.error, start),
      rollbackAlpha: settings.rollback_alpha,
      alarm: ALARM,
      ...usual,
      guardrails: {
        ...Object.fromEntries(guardrails),
        [LEFT_OUT]: { centre: 0, deviation: 0.3, margin: 0.05 },
      },
    },
    range: [least, largest],
    windowMs: millisecondsOf(specification.window.after) + millisecondsOf(specification.window.grace),
    episodeWindowMs: millisecondsOf(settings.episode_window),
    episodeWeightLimit: settings.episode_weight_limit,
    sharesEpisodes: Object.values(specification.inputs).some((input) => input.scope === 'episode'),
    earlier: earlierOf(history.compared),
    explores,
    lowersExploration,
  };
}

/**
 * Terms of a new start that is about the same policy, settings and specification as another one.
 * @param start its number among those of the policy
 * @param seen what the other one has seen of how different the versions are
 */
export function termsAnew(
  terms: RolloutTerms,
  settings: RolloutSettings,
  start: number,
  seen: Pick<GateState, 'usual' | 'usualUnits'> | undefined,
): RolloutTerms {
  return {
    ...terms,
    gate: { ...terms.gate, alpha: alphaOfStart(settings.alpha, settings.error, start) },
    earlier: seen ? { usual: { ...seen.usual }, units: seen.usualUnits } : terms.earlier,
  };
}

/**
 * Guardrails that are always there: the share of its decisions that a version could not make, and the share of units
 * that are left without a reward.
 */
export const FAILURES = 'failures';
export const LEFT_OUT = 'left_out';
/** The former may be this large. A version that cannot decide is at fault whatever the other one does. */
export const MOST_FAILURES = 0.01;

function earlierOf(compared: readonly ComparedDecision[]): RolloutTerms['earlier'] {
  const units = compared.length;
  if (units === 0) return null;
  const odds = compared.map((decision) => oddsOfDecision(decision, decision.share));
  const mean = (name: 'spread' | 'high' | 'low'): number =>
    odds.reduce((sum, one) => sum + one[name], 0) / units;
  return { usual: { spread: mean('spread'), high: mean('high'), low: mean('low') }, units };
}

function usualOf(rewards: readonly number[]): { centre: number; deviation: number } {
  if (rewards.length < ENOUGH_REWARDS) return { centre: 0, deviation: 0.5 };
  const centre = rewards.reduce((sum, reward) => sum + reward, 0) / rewards.length;
  const squares = rewards.reduce((sum, reward) => sum + (reward - centre) ** 2, 0);
  return { centre, deviation: Math.max(Math.sqrt(squares / rewards.length), 0.01) };
}

function millisecondsOf(duration: string): number {
  const ms = parseDuration(duration);
  if (ms === undefined) throw new Error(`${duration} is no duration, though it was checked`);
  return ms;
}
