import { type Transaction, readSettled } from '@rlaas/database';
import { storeClosed } from '../store/closed-rewards.ts';
import { type PendingReward, lockDue, storeDeadlines } from '../store/pending-rewards.ts';
import { findGaps } from '../store/gaps.ts';
import { computeCases } from './compute-cases.ts';
import type { Computed } from './compute.ts';
import { type Gap, pushOf } from './deadline.ts';
import { type WorkerContext, findSpecifications, tellClosed } from './worker-context.ts';

const BATCH = 1_000;

interface Round {
  closed: { occurredAt: number; deadline: number; computed: Computed }[];
  pushed: number;
}

/**
 * Closes rewards that stand by themselves and whose deadline has passed, with or without events. Those whose time was
 * cut short by a gap wait on.
 * @returns how many were looked at
 */
export async function closeRewards(context: WorkerContext, tenants: readonly string[]): Promise<number> {
  const { database, observe, now } = context;
  const at = now();
  const { closed, pushed } = await database.transaction({ role: 'rlaas_worker', tenants }, (tx) =>
    close(context, tx, at),
  );
  tellClosed(context, closed, at);
  if (pushed > 0) observe.pushed(pushed);
  return closed.length + pushed;
}

async function close(context: WorkerContext, tx: Transaction, at: number): Promise<Round> {
  const settled = await readSettled(tx, at);
  const due = await lockDue(tx, settled, BATCH);
  if (due.length === 0) return { closed: [], pushed: 0 };
  const gaps = await findGaps(tx, Math.min(...due.map(({ occurredAt }) => occurredAt)));
  const judged = due.map((reward) => {
    const { deadline, pushedMs } = pushedDeadline(reward, gaps);
    return { reward, deadline, pushedMs };
  });
  const later = judged.filter(({ deadline }) => deadline > settled);
  await storeDeadlines(tx, later);
  const ready = judged.filter(({ deadline }) => deadline <= settled);
  const used = await findSpecifications(
    context,
    tx,
    ready.map(({ reward }) => ({ ...reward, version: reward.specVersion })),
  );
  const computed = await computeCases(
    tx,
    ready.map(({ reward, deadline }) => ({
      ...reward,
      id: reward.decisionId,
      deadline,
      specification: used({ ...reward, version: reward.specVersion }),
    })),
    at,
  );
  const closed = ready.flatMap((one, index) => {
    const end = computed[index];
    return end ? [{ ...one, occurredAt: one.reward.occurredAt, computed: end }] : [];
  });
  await storeClosed(tx, closed, at);
  return { closed, pushed: later.length };
}

/** A gap may have been noted since the deadline was written down. */
function pushedDeadline(reward: PendingReward, gaps: readonly Gap[]): { deadline: number; pushedMs: number } {
  if (reward.importId !== null) return { deadline: reward.deadline, pushedMs: reward.pushedMs };
  const base = reward.deadline - reward.pushedMs;
  const pushedMs = Math.round(pushOf(reward.occurredAt, base, gaps));
  return { deadline: base + pushedMs, pushedMs };
}
