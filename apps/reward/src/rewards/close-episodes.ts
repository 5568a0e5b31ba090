import { type Transaction, readSettled } from '@rlaas/database';
import type { UsedSpecification } from '../specifications/specification-cache.ts';
import { type ClosedReward, storeClosed } from '../store/closed-rewards.ts';
import { findEpisodeDecisions } from '../store/decisions.ts';
import {
  type WaitingEpisode,
  findDueEpisodes,
  findRewarded,
  lockEpisodes,
  lockWaiting,
} from '../store/episodes.ts';
import { type MovedReward, insertPending, storeDeadlines } from '../store/pending-rewards.ts';
import { findVersions } from '../store/reward-specs.ts';
import { findGaps } from '../store/gaps.ts';
import { failedReward } from './compute-cases.ts';
import { MOST_DECISIONS, computeEpisode } from './compute-episode.ts';
import type { Gap } from './deadline.ts';
import { newReward } from './open-rewards.ts';
import { ownDeadline } from './own-deadline.ts';
import { SpecificationChoice } from './specification-choice.ts';
import { type WorkerContext, findSpecifications, tellClosed } from './worker-context.ts';

const BATCH = 20;

type Closed = ClosedReward & { occurredAt: number };

/**
 * Closes rewards of episodes: all of a group together, when the latest of their deadlines has passed.
 * @returns how many rewards were looked at
 */
export async function closeEpisodes(context: WorkerContext, tenants: readonly string[]): Promise<number> {
  const at = context.now();
  const { closed, moved } = await context.database.transaction(
    { role: 'rlaas_worker', tenants },
    async (tx) => {
      const settled = await readSettled(tx, at);
      const episodes = await lockEpisodes(tx, await findDueEpisodes(tx, settled, BATCH));
      const ends: { closed: Closed[]; moved: MovedReward[] } = { closed: [], moved: [] };
      for (const episode of episodes) {
        const one = await closeEpisode(context, tx, { episode, settled, at });
        ends.closed.push(...one.closed);
        ends.moved.push(...one.moved);
      }
      await storeDeadlines(tx, ends.moved);
      await storeClosed(tx, ends.closed, at);
      return ends;
    },
  );
  tellClosed(context, closed, at);
  return closed.length + moved.length;
}

async function closeEpisode(
  context: WorkerContext,
  tx: Transaction,
  { episode, settled, at }: { episode: WaitingEpisode; settled: number; at: number },
): Promise<{ closed: Closed[]; moved: MovedReward[] }> {
  const key = { ...episode, version: episode.specVersion };
  const used = (await findSpecifications(context, tx, [key]))(key);
  await insertMissing(context, tx, episode);
  const waiting = await lockWaiting(tx, episode);
  // Another replica was faster.
  if (waiting.length === 0) return { closed: [], moved: [] };
  const gaps = await findGaps(tx, Math.min(...waiting.map(({ occurredAt }) => occurredAt)));
  // Looked at after the rewards are locked, so that the events of all of them are seen.
  const rewards = new Map(
    (await computeEpisode(tx, episode, used, { gaps, linkAt: at })).map((one) => [one.row.id, one]),
  );
  const closed: Closed[] = [];
  const moved: MovedReward[] = [];
  for (const reward of waiting) {
    const made = rewards.get(reward.decisionId);
    if (made && made.deadline > settled) {
      if (made.deadline > reward.deadline)
        moved.push({ reward, deadline: made.deadline, pushedMs: reward.pushedMs });
      continue;
    }
    const computed =
      made?.computed ??
      failedReward(
        'episode_too_large',
        `of an episode, ${MOST_DECISIONS} decisions have rewards; this is a later one`,
      );
    closed.push({
      reward,
      occurredAt: reward.occurredAt,
      deadline: made?.deadline ?? reward.deadline,
      pushedMs: reward.pushedMs,
      computed,
    });
  }
  return { closed, moved };
}

/** Decisions that are stored and whose delivery nobody took yet close with the others. */
async function insertMissing(
  context: WorkerContext,
  tx: Transaction,
  episode: WaitingEpisode,
): Promise<void> {
  const { tenantId } = episode;
  const rows = await findEpisodeDecisions(tx, episode, MOST_DECISIONS);
  const rewarded = await findRewarded(
    tx,
    tenantId,
    rows.map(({ id }) => id),
  );
  const missing = rows.filter(({ id }) => !rewarded.has(id));
  if (missing.length === 0) return;
  const choice = new SpecificationChoice(await findVersions(tx, [tenantId]));
  const chosen = missing.flatMap((row) => {
    const key = choice.of(row);
    return key ? [{ row, key }] : [];
  });
  const used = await findSpecifications(
    context,
    tx,
    chosen.map(({ key }) => key),
  );
  const gaps: readonly Gap[] = await findGaps(tx, Math.min(...missing.map(({ occurredAt }) => occurredAt)));
  await insertPending(
    tx,
    chosen.map(({ row, key }) => {
      const specification: UsedSpecification = used(key);
      const window = specification.ok ? specification.compiled : specification;
      return newReward(row, { specification, version: key.version, ...ownDeadline(window, row, gaps) });
    }),
  );
}
