import { setTimeout as sleep } from 'node:timers/promises';
import { type Database, type JobContext, JobRefused, type Transaction, readSettled } from '@rlaas/database';
import type { RecomputedRewards, StoredRewardSpecification } from '@rlaas/schemas';
import { type AssessedDecision, assessDecisions, countedOf } from '../assessments/assess-decisions.ts';
import { ComparisonBuilder } from '../assessments/reward-statistics.ts';
import { newReward } from '../rewards/open-rewards.ts';
import { type UsedSpecification, useDefinition } from '../specifications/specification-cache.ts';
import { hasDeliveries } from '../store/deliveries.ts';
import { insertClosed } from '../store/closed-rewards.ts';
import { countDecisionsOfPeriod, findDecisionsOfPeriod } from '../store/decisions.ts';
import { insertPending } from '../store/pending-rewards.ts';
import { findSpecification } from '../store/reward-specs.ts';
import { type KnownReward, findKnownRewards } from '../store/known-rewards.ts';
import type { RecomputeInput, RecomputeState } from './recompute-kind.ts';

/** Decisions of one step: small enough that live rewards are not held up. */
const STEP = 500;
const STATEMENT_MS = 30_000;
/** Where decisions of the period have no reward of their own yet, it is looked again after this. */
const WAIT_MS = 200;

/**
 * Makes the rewards of a period by a version of the specification. Those that are there by this version stay as they
 * are; those of decisions that have another one are marked, so that nothing learns from them and no gate reads them.
 */
export async function recompute(
  { database, now }: { database: Database; now: () => number },
  context: JobContext<RecomputeInput, RecomputeState>,
): Promise<RecomputedRewards> {
  const { tenantId, input, signal } = context;
  const writing = {
    role: 'rlaas_worker',
    tenants: [tenantId],
    statementTimeoutMs: STATEMENT_MS,
  } as const;
  let state =
    context.state ??
    (await database.transaction({ ...writing, readOnly: true }, (tx) => begin(tx, tenantId, input)));
  for (;;) {
    const startedAt = now();
    const step = await database.transaction(writing, (tx) => takeStep(context, tx, { state, at: startedAt }));
    if (step === 'wait') {
      await sleep(WAIT_MS, undefined, { signal });
      continue;
    }
    if (!step) break;
    state = step;
    const pauseMs = (STEP / input.decisions_per_second) * 1_000 - (now() - startedAt);
    // What is aborted is given back, and goes on here.
    if (pauseMs > 0) await sleep(pauseMs, undefined, { signal });
    signal.throwIfAborted();
  }
  const { decisions, written, there, differing, comparison } = state;
  return { decisions, written, there, differing, comparison };
}

async function findVersion(
  tx: Transaction,
  tenantId: string,
  { policy, version }: RecomputeInput,
): Promise<StoredRewardSpecification> {
  const found = await findSpecification(tx, tenantId, policy, version);
  if (found) return found;
  throw new JobRefused('not_found', `The reward specification of "${policy}" has no version ${version}.`);
}

async function begin(tx: Transaction, tenantId: string, input: RecomputeInput): Promise<RecomputeState> {
  const { definition } = await findVersion(tx, tenantId, input);
  const total = await countDecisionsOfPeriod(
    tx,
    tenantId,
    input.policy,
    Date.parse(input.from),
    Date.parse(input.to),
  );
  const { comparison, both } = new ComparisonBuilder(definition.range);
  return { after: null, total, decisions: 0, written: 0, there: 0, differing: 0, comparison, both };
}

/**
 * The next decisions, with how far that is, in one transaction.
 * @returns `undefined`: there are none; `wait`: some of them are to get a reward of their own first
 */
async function takeStep(
  { tenantId, input, checkpoint }: JobContext<RecomputeInput, RecomputeState>,
  tx: Transaction,
  { state, at }: { state: RecomputeState; at: number },
): Promise<RecomputeState | 'wait' | undefined> {
  const specification = await findVersion(tx, tenantId, input);
  const used = useDefinition(specification.definition);
  const settled = await readSettled(tx, at);
  const after = state.after ?? {
    occurredAt: Date.parse(input.from),
    id: '00000000-0000-0000-0000-000000000000',
  };
  const rows = await findDecisionsOfPeriod(
    tx,
    tenantId,
    input.policy,
    // What is not settled yet has a reward of its own soon, which must be there first.
    { after, until: Math.min(Date.parse(input.to), settled) },
    STEP,
  );
  const last = rows.at(-1);
  if (!last) return undefined;
  if (await hasDeliveries(tx, tenantId, Math.max(...rows.map(({ receivedAt }) => receivedAt)))) return 'wait';
  const made = await assessDecisions(tx, rows, used, settled);
  const known = await findKnownRewards(
    tx,
    tenantId,
    rows.map(({ id }) => id),
  );
  const builder = new ComparisonBuilder(specification.definition.range, state);
  const missing: AssessedDecision[] = [];
  let [there, differing] = [0, 0];
  for (const one of made) {
    const rewards = known.get(one.row.id) ?? [];
    const learned = rewards.find(({ recomputed }) => !recomputed);
    builder.add(one.row.id, learned && countedOfKnown(learned), countedOf(one));
    const same = rewards.find(({ specVersion }) => specVersion === input.version);
    if (!same) missing.push(one);
    else {
      there += 1;
      if (isOther(same, one)) differing += 1;
    }
  }
  const written = input.dry_run ? 0 : await write(tx, { missing, known, used, version: input.version, at });
  const next: RecomputeState = {
    after: { occurredAt: last.occurredAt, id: last.id },
    total: state.total,
    decisions: state.decisions + rows.length,
    written: state.written + written,
    there: state.there + there,
    differing: state.differing + differing,
    comparison: builder.comparison,
    both: builder.both,
  };
  await checkpoint(tx, next, {
    done: next.decisions,
    total: Math.max(next.total, next.decisions),
    unit: 'decisions',
  });
  return next;
}

async function write(
  tx: Transaction,
  given: {
    missing: readonly AssessedDecision[];
    known: ReadonlyMap<string, readonly KnownReward[]>;
    used: UsedSpecification;
    version: number;
    at: number;
  },
): Promise<number> {
  const { missing, known, used, version, at } = given;
  const rewards = missing.map(({ row, deadline, pushedMs, status, reason, value, components }) => {
    const reward = newReward(row, { specification: used, version, deadline, pushedMs });
    // The first reward of a decision is one to learn from, whoever made it.
    reward.recomputed = known.has(row.id);
    return { reward, status, end: { reason, value, components } };
  });
  const waiting = rewards.filter(({ status }) => status === 'pending').map(({ reward }) => reward);
  const closed = rewards.flatMap(({ reward, status, end }) =>
    status === 'pending' ? [] : [{ ...reward, computed: { status, ...end } }],
  );
  return (await insertPending(tx, waiting)) + (await insertClosed(tx, closed, at));
}

function countedOfKnown({
  status,
  reason,
  value,
  clipped,
}: KnownReward): Parameters<ComparisonBuilder['add']>[2] {
  return { status, reason, value, clipped };
}

/** Whether a reward that is there would be another one now. */
function isOther(known: KnownReward, made: AssessedDecision): boolean {
  if (known.status === 'pending' || made.status === 'pending') return false;
  return known.status !== made.status || known.value !== made.value;
}
