import type { GateTerms, GateUnit, UsualOdds } from '@rlaas/learning';

/** What a gate is told when it starts. */
export interface WorldTerms {
  terms: GateTerms;
  /** What earlier units were like, on average, and of how many. */
  earlier: { usual: UsualOdds; units: number };
}

/** A unit of a world; its reward is always known. */
export type RewardedUnit = GateUnit & { readonly reward: number };

/** A run of a logged-bandit world whose truth is known: one unit after the other. */
interface WorldRun extends WorldTerms {
  next: () => RewardedUnit;
}

/** Makes a run from numbers in [0, 1). */
export type World = (random: () => number) => WorldRun;

/** Units before the start from which is known what is usual. */
export const EARLIER = 2_000;

/** Terms with the design's margins and error probabilities, and what is usual in earlier units. */
export function termsAfter(earlier: readonly RewardedUnit[], change: Partial<GateTerms> = {}): WorldTerms {
  const rewards = earlier.map(({ reward }) => reward);
  const centre = rewards.reduce((sum, one) => sum + one, 0) / rewards.length;
  const squares = rewards.reduce((sum, one) => sum + (one - centre) ** 2, 0);
  const mean = (name: keyof UsualOdds): number =>
    earlier.reduce((sum, { odds }) => sum + odds[name], 0) / earlier.length;
  return {
    terms: {
      margin: 0.02,
      rollbackMargin: 0.02,
      alpha: 0.05,
      rollbackAlpha: 0.05,
      alarm: 1e6,
      centre,
      deviation: Math.sqrt(squares / rewards.length),
      guardrails: {},
      ...change,
    },
    earlier: {
      usual: { spread: mean('spread'), high: mean('high'), low: mean('low') },
      units: earlier.length,
    },
  };
}
