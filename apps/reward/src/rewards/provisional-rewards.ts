import type { Delivery, Transaction } from '@rlaas/database';
import type { CompiledSpecification } from '../specifications/compile.ts';
import type { PendingReward } from '../store/pending-rewards.ts';
import { findTouched, storeProvisional } from '../store/touched-rewards.ts';
import { computeCases } from './compute-cases.ts';
import { computeEpisode } from './compute-episode.ts';
import type { Computed } from './compute.ts';
import type { DatedVersion } from './specification-choice.ts';
import { type WorkerContext, findSpecifications } from './worker-context.ts';

/**
 * Shows what rewards would be that delivered events complete, by `early_when` of their specification or by the end of
 * their episode. Nothing closes by it: every decision waits the same time.
 * @returns how many are shown
 */
export async function showProvisional(
  context: WorkerContext,
  tx: Transaction,
  {
    deliveries,
    versions,
    at,
  }: { deliveries: readonly Delivery[]; versions: readonly DatedVersion[]; at: number },
): Promise<number> {
  const used = await findSpecifications(context, tx, versions);
  const early = versions.filter((version) => {
    const specification = used(version);
    return specification.ok && specification.compiled.earlyWhen !== undefined;
  });
  if (early.length === 0) return 0;
  const touched = await findTouched(tx, deliveries, early);
  const compiledOf = (reward: PendingReward): CompiledSpecification | undefined => {
    const specification = used({ ...reward, version: reward.specVersion });
    return specification.ok ? specification.compiled : undefined;
  };
  const alone = touched.filter(({ episodeId }) => episodeId === null);
  const computed = await computeCases(
    tx,
    alone.map((reward) => ({
      ...reward,
      id: reward.decisionId,
      // Of a decision whose import is open: what is known now.
      deadline: Number.isFinite(reward.deadline) ? reward.deadline : at,
      specification: used({ ...reward, version: reward.specVersion }),
    })),
    undefined,
  );
  const ends = alone.map((reward, index) => ({ reward, computed: computed[index] }));
  const episodes = Map.groupBy(
    touched.filter(({ episodeId }) => episodeId !== null),
    ({ tenantId, policy, episodeId, specVersion }) => `${tenantId}/${policy}/${specVersion}/${episodeId}`,
  );
  for (const rewards of episodes.values()) {
    const [first] = rewards;
    if (!first || first.episodeId === null) continue;
    const made = await computeEpisode(
      tx,
      { ...first, episodeId: first.episodeId },
      used({ ...first, version: first.specVersion }),
      { gaps: [], linkAt: undefined },
    );
    const byId = new Map(made.map((one) => [one.row.id, one.computed]));
    ends.push(...rewards.map((reward) => ({ reward, computed: byId.get(reward.decisionId) })));
  }
  const provisional = ends.flatMap(({ reward, computed: end }) => {
    const value = end && provisionalValue(compiledOf(reward), end);
    return value === undefined ? [] : [{ reward, value }];
  });
  await storeProvisional(tx, provisional, at);
  return provisional.length;
}

/** What a reward would be, once what is known is complete by the specification. */
function provisionalValue(
  compiled: CompiledSpecification | undefined,
  { value, components }: Computed,
): number | undefined {
  if (!compiled?.earlyWhen || value === null) return undefined;
  const known = Object.fromEntries(
    Object.entries(components.inputs).map(([name, made]) => [name, made.value]),
  );
  const complete = compiled.earlyWhen.evaluate({ ...known, ...components.graders });
  return complete.ok && complete.value ? value : undefined;
}
