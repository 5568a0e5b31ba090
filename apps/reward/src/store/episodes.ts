import type { Transaction } from '@rlaas/database';
import type { EpisodeKey } from './decisions.ts';
import { PENDING, type PendingReward } from './pending-rewards.ts';

/** An episode some of whose rewards wait, by one version of the specification. */
export interface WaitingEpisode extends EpisodeKey {
  specVersion: number;
}

const EPISODE = `r.tenant_id as "tenantId", r.policy, r.episode_id as "episodeId", r.spec_version as "specVersion"`;

/** Episodes with rewards whose deadline has passed. */
export async function findDueEpisodes(
  tx: Transaction,
  until: number,
  limit: number,
): Promise<WaitingEpisode[]> {
  const { rows } = await tx.query<WaitingEpisode>(
    `select ${EPISODE} from rlaas.rewards r
     where r.status = 'pending' and r.deadline <= $1 and r.episode_id is not null
     group by r.tenant_id, r.policy, r.episode_id, r.spec_version
     order by min(r.deadline) limit $2`,
    [new Date(until), limit],
  );
  return rows;
}

/** Keeps every other replica from an episode until the transaction ends. @returns those that nobody else has */
export async function lockEpisodes<T extends EpisodeKey>(
  tx: Transaction,
  episodes: readonly T[],
): Promise<T[]> {
  if (episodes.length === 0) return [];
  const { rows } = await tx.query<{ n: number; locked: boolean }>(
    `select d.n::int as n, pg_try_advisory_xact_lock(hashtextextended(d.name, 7202613)) as locked
     from unnest($1::text[]) with ordinality as d (name, n)`,
    [episodes.map(({ tenantId, policy, episodeId }) => `${tenantId}/${policy}/${episodeId}`)],
  );
  const locked = new Set(rows.filter((row) => row.locked).map((row) => row.n - 1));
  return episodes.filter((_, index) => locked.has(index));
}

/** Locks the rewards of an episode that wait, in the order of their keys. */
export async function lockWaiting(tx: Transaction, episode: WaitingEpisode): Promise<PendingReward[]> {
  const { rows } = await tx.query<PendingReward>(
    `select ${PENDING} from rlaas.rewards r
     where r.tenant_id = $1 and r.policy = $2 and r.episode_id = $3 and r.spec_version = $4 and r.status = 'pending'
     order by r.decision_id for update of r`,
    [episode.tenantId, episode.policy, episode.episodeId, episode.specVersion],
  );
  return rows;
}

/** Which of an episode's decisions have a reward, by whichever version. */
export async function findRewarded(
  tx: Transaction,
  tenantId: string,
  decisionIds: readonly string[],
): Promise<Set<string>> {
  const { rows } = await tx.query<{ id: string }>(
    `select distinct decision_id as id from rlaas.rewards where tenant_id = $1 and decision_id = any ($2::uuid[])`,
    [tenantId, decisionIds],
  );
  return new Set(rows.map(({ id }) => id));
}
