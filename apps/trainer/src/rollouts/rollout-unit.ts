import { type GateUnit, freshDraws, oddsOfUnit } from '@rlaas/learning';
import type { ComparedDecision } from './compared-decision.ts';
import { LEFT_OUT, type RolloutTerms } from './rollout-terms.ts';

/**
 * What a unit is: a decision; an episode of one draw, which its other decisions repeat; or an episode whose decisions
 * share their version or their reward. Known before the first draw.
 */
export type UnitKind = 'decision' | 'sticky' | 'episode';

/** A decision of a unit with what came of it. */
export interface UnitMember {
  readonly id: string;
  /** `outcome`: it was not drawn by either version, and belongs to what came of the draws before. */
  readonly compared: ComparedDecision | 'outcome';
  /** As it was first made final; null: it has none. */
  readonly reward: number | null;
  /** Guardrail metrics, each in [0, 1]. */
  readonly harms: Readonly<Record<string, number>>;
}

/** A unit for the gate, and what people want to know of it. */
export interface RolloutUnit {
  readonly gate: GateUnit;
  readonly members: readonly UnitMember[];
  /** Weight of the candidate: how much more often it would have done what was done. */
  readonly weight: number;
  /** Share of what the candidate would do that is hardly ever played. */
  readonly uncovered: number;
}

/** An action that is played more rarely than this, among K, tells too little about it: divided by K. */
const LEAST_FLOOR = 0.01;
/** Shares are logged as s or as 1 − s, and 1 − (1 − s) is not always s. */
const SHARE_ERROR = 1e-9;

/**
 * One decision, or the decisions of an episode, as one unit.
 * @param given its decisions in their order; the first was drawn
 * @param isWhole whether these are all; of a unit of which something is missing the reward is not known
 */
export function unitOf(
  kind: UnitKind,
  given: readonly UnitMember[],
  terms: RolloutTerms,
  isWhole = true,
): RolloutUnit {
  const first = given[0] && drawOf(given[0]);
  if (!first) throw new RangeError('a unit begins with a draw');
  const { share, isCandidate } = first;
  // Of what was begun under one share and went on under another the reward is not known; nor of what was one draw, and
  // was drawn anew, since it may have been because of what was drawn.
  const end = given.findIndex((member, index) => {
    const draw = drawOf(member);
    if (!draw) return false;
    const isOther = Math.abs(draw.share - share) > SHARE_ERROR || draw.isCandidate !== isCandidate;
    return isOther || (kind === 'sticky' && index > 0 && freshDraws([first, draw]).length > 1);
  });
  const members = end === -1 ? given : given.slice(0, end);
  const draws = members.flatMap((member) => drawOf(member) ?? []);
  const odds = oddsOfUnit(
    kind === 'episode' ? 'episode' : 'decision',
    draws,
    share,
    terms.episodeWeightLimit,
  );
  const reward = isWhole && end === -1 ? rewardOf(members, terms) : 'unknown';
  return {
    gate: {
      odds,
      assigned: share > 0 && share < 1 ? { isCandidate, share } : undefined,
      hasTraffic: share > 0,
      reward,
      harms: { ...harmsOf(members), [LEFT_OUT]: reward === undefined ? 1 : 0 },
    },
    members,
    weight: 1 + odds.difference * (1 - share),
    uncovered: mean(draws.map(uncoveredOf)),
  };
}

function drawOf({ compared }: UnitMember): ComparedDecision | undefined {
  return compared === 'outcome' ? undefined : compared;
}

/** Mean of the rewards, rescaled to [0, 1]; without one of them the unit has none. */
function rewardOf(
  members: readonly UnitMember[],
  { range: [least, largest] }: RolloutTerms,
): number | undefined {
  const rewards = members.flatMap(({ reward }) => reward ?? []);
  if (rewards.length < members.length) return undefined;
  return Math.min(Math.max((mean(rewards) - least) / (largest - least), 0), 1);
}

function harmsOf(members: readonly UnitMember[]): Record<string, number> {
  const harms: Record<string, number> = {};
  for (const name of Object.keys(members[0]?.harms ?? {})) {
    harms[name] = Math.max(...members.map((member) => member.harms[name] ?? 0));
  }
  return harms;
}

function uncoveredOf({ candidate, incumbent, share }: ComparedDecision): number {
  const least = LEAST_FLOOR / candidate.length;
  let uncovered = 0;
  for (const [action, p] of candidate.entries()) {
    if (share * p + (1 - share) * (incumbent[action] ?? 0) < least) uncovered += p;
  }
  return Math.min(uncovered, 1);
}

function mean(numbers: readonly number[]): number {
  return numbers.reduce((sum, one) => sum + one, 0) / numbers.length;
}
