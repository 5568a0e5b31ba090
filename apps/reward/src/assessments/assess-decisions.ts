import type { Transaction } from '@rlaas/database';
import type { RewardComponents, RewardStatus } from '@rlaas/schemas';
import { computeCases } from '../rewards/compute-cases.ts';
import { computeEpisode } from '../rewards/compute-episode.ts';
import { ownDeadline } from '../rewards/own-deadline.ts';
import { type UsedSpecification, windowOf } from '../specifications/specification-cache.ts';
import type { DecisionRow } from '../store/decisions.ts';
import { findGaps } from '../store/gaps.ts';
import type { CountedReward } from './reward-statistics.ts';

/** What a specification makes of a decision. */
export interface AssessedDecision {
  row: DecisionRow;
  /** `pending`: its time has not come; the value is what it would be by what is known. */
  status: RewardStatus;
  reason: string | null;
  value: number | null;
  components: RewardComponents;
  /** Milliseconds since 1970. */
  deadline: number;
  pushedMs: number;
}

/**
 * What a specification makes of decisions as they are stored; nothing is written.
 * @param at what is received later does not count
 * @returns in the order of the rows
 */
export async function assessDecisions(
  tx: Transaction,
  rows: readonly DecisionRow[],
  specification: UsedSpecification,
  at: number,
): Promise<AssessedDecision[]> {
  if (rows.length === 0) return [];
  const gaps = await findGaps(tx, Math.min(...rows.map(({ occurredAt }) => occurredAt)));
  const ofEpisodes = specification.ok && specification.compiled.readsEpisodes;
  const alone = rows
    .filter(({ episodeId }) => !ofEpisodes || episodeId === null)
    .map((row) => ({ row, own: ownDeadline(windowOf(specification), row, gaps) }));
  const computed = await computeCases(
    tx,
    alone.map(({ row, own }) =>
      Object.assign({}, row, { deadline: Math.min(own.deadline, at), specification }),
    ),
    undefined,
  );
  const found = new Map<string, AssessedDecision>();
  for (const [index, one] of alone.entries()) {
    const end = computed[index];
    if (end) found.set(one.row.id, assessed({ row: one.row, ...one.own, computed: end }, at));
  }
  if (ofEpisodes) {
    const episodes = Map.groupBy(
      rows.filter(({ episodeId }) => episodeId !== null),
      ({ tenantId, policy, episodeId }) => `${tenantId}/${policy}/${episodeId}`,
    );
    for (const [first] of episodes.values()) {
      if (!first || first.episodeId === null) continue;
      const key = { tenantId: first.tenantId, policy: first.policy, episodeId: first.episodeId };
      for (const one of await computeEpisode(tx, key, specification, { gaps, linkAt: undefined })) {
        found.set(one.row.id, assessed({ ...one, pushedMs: 0 }, at));
      }
    }
  }
  return rows.flatMap((row) => found.get(row.id) ?? []);
}

function assessed(
  one: Pick<AssessedDecision, 'row' | 'deadline' | 'pushedMs'> & {
    computed: Pick<AssessedDecision, 'status' | 'reason' | 'value' | 'components'>;
  },
  at: number,
): AssessedDecision {
  const { computed, ...rest } = one;
  return one.deadline > at
    ? { ...rest, ...computed, status: 'pending', reason: null }
    : { ...rest, ...computed };
}

/** As statistics count it. */
export function countedOf({
  status,
  reason,
  value,
  components,
}: Pick<AssessedDecision, 'status' | 'reason' | 'value' | 'components'>): CountedReward {
  return {
    status,
    reason,
    value: status === 'pending' ? null : value,
    clipped: components.unclipped !== undefined,
  };
}
