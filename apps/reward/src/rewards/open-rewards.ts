import { type Delivery, type Transaction, claimDeliveries, readSettled } from '@rlaas/database';
import { type UsedSpecification, windowOf } from '../specifications/specification-cache.ts';
import { insertClosed } from '../store/closed-rewards.ts';
import { type DecisionRow, findDelivered } from '../store/decisions.ts';
import { type NewReward, insertPending } from '../store/pending-rewards.ts';
import { findVersions } from '../store/reward-specs.ts';
import { findGaps } from '../store/gaps.ts';
import { countLate } from '../store/touched-rewards.ts';
import { type RewardCase, computeCases } from './compute-cases.ts';
import type { Computed } from './compute.ts';
import { ownDeadline } from './own-deadline.ts';
import { showProvisional } from './provisional-rewards.ts';
import { SpecificationChoice } from './specification-choice.ts';
import { type WorkerContext, findSpecifications, tellClosed } from './worker-context.ts';

const CONSUMER = 'reward';
/** Batches of at most 500 events each. */
const DELIVERIES = 10;

interface Opened {
  deliveries: number;
  closed: { occurredAt: number; deadline: number; computed: Computed }[];
  late: number;
  provisional: number;
}

/**
 * Takes delivered batches: opens a reward for every decision in them and, where its deadline has passed already, closes
 * it at once; shows provisional rewards that the events complete.
 * @returns how many deliveries were taken
 */
export async function openRewards(context: WorkerContext, tenants: readonly string[]): Promise<number> {
  const { database, observe, now } = context;
  const at = now();
  const opened = await database.transaction({ role: 'rlaas_worker', tenants }, (tx) => open(context, tx, at));
  tellClosed(context, opened.closed, at);
  observe.late(opened.late);
  observe.provisional(opened.provisional);
  return opened.deliveries;
}

async function open(context: WorkerContext, tx: Transaction, at: number): Promise<Opened> {
  const deliveries = await claimDeliveries(tx, { consumer: CONSUMER, limit: DELIVERIES });
  if (deliveries.length === 0) {
    return { deliveries: 0, closed: [], late: 0, provisional: 0 };
  }
  const versions = await findVersions(tx, [...new Set(deliveries.map(({ tenantId }) => tenantId))]);
  const used = await findSpecifications(context, tx, versions);
  const shortest = Math.min(
    ...versions.map((version) => {
      const { afterMs, graceMs } = windowOf(used(version));
      return afterMs + graceMs;
    }),
  );
  const closed = await openDelivered(context, tx, {
    deliveries,
    choice: new SpecificationChoice(versions),
    at,
  });
  return {
    deliveries: deliveries.length,
    closed,
    late: versions.length === 0 ? 0 : await countLate(tx, deliveries, shortest),
    provisional: await showProvisional(context, tx, { deliveries, versions, at }),
  };
}

async function openDelivered(
  context: WorkerContext,
  tx: Transaction,
  given: { deliveries: readonly Delivery[]; choice: SpecificationChoice; at: number },
): Promise<Opened['closed']> {
  // Before the events are read: what is settled by then is seen.
  const settled = await readSettled(tx, given.at);
  const rows = await findDelivered(tx, given.deliveries);
  const chosen = rows.flatMap((row) => {
    const key = given.choice.of(row);
    return key ? [{ row, key }] : [];
  });
  if (chosen.length === 0) return [];
  const used = await findSpecifications(
    context,
    tx,
    chosen.map(({ key }) => key),
  );
  const gaps = await findGaps(tx, Math.min(...chosen.map(({ row }) => row.occurredAt)));
  const waiting: NewReward[] = [];
  const due: { reward: NewReward; one: RewardCase }[] = [];
  for (const { row, key } of chosen) {
    const specification = used(key);
    const own = ownDeadline(windowOf(specification), row, gaps);
    const reward = newReward(row, { specification, version: key.version, ...own });
    if (own.deadline > settled || reward.episodeId !== null) waiting.push(reward);
    else due.push({ reward, one: { ...row, deadline: own.deadline, specification } });
  }
  await insertPending(tx, waiting);
  const computed = await computeCases(
    tx,
    due.map(({ one }) => one),
    given.at,
  );
  const closed = due.flatMap(({ reward }, index) => {
    const end = computed[index];
    return end ? [{ ...reward, computed: end }] : [];
  });
  await insertClosed(tx, closed, given.at);
  return closed;
}

/** The row of a decision's reward, before anything is known of its value. */
export function newReward(
  row: DecisionRow,
  given: { specification: UsedSpecification; version: number; deadline: number; pushedMs: number },
): NewReward {
  const { specification: used } = given;
  return {
    tenantId: row.tenantId,
    decisionId: row.id,
    specVersion: given.version,
    policy: row.policy,
    occurredAt: row.occurredAt,
    deadline: given.deadline,
    pushedMs: given.pushedMs,
    importId: row.importId,
    externalId: row.externalId,
    episodeId: used.ok && used.compiled.readsEpisodes ? row.episodeId : null,
    deferred: row.deferred,
    recomputed: false,
  };
}
