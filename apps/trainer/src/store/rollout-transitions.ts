import type { Transaction } from '@rlaas/database';
import { type RolloutTransition, rolloutTransitionSchema } from '@rlaas/schemas';

/** Adds a step to a rollout. @throws when there is one of that number: somebody else moved it */
export async function insertTransition(
  tx: Transaction,
  tenantId: string,
  rolloutId: string,
  transition: Omit<RolloutTransition, 'at'> & { at: number },
): Promise<void> {
  const { number, at, from, to, cause, actor, reason, evidence } = transition;
  await tx.query(
    `insert into rlaas.rollout_transitions (tenant_id, rollout_id, number, at, from_stage, from_share, to_stage, to_share,
                                            cause, actor, reason, evidence)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)`,
    [
      tenantId,
      rolloutId,
      number,
      new Date(at),
      from?.stage ?? null,
      from?.share ?? null,
      to.stage,
      to.share,
      cause,
      actor,
      reason,
      evidence,
    ],
  );
}

interface TransitionRow {
  number: number;
  at: Date;
  from_stage: string | null;
  from_share: number | null;
  to_stage: string;
  to_share: number;
  cause: string;
  actor: string | null;
  reason: string | null;
  evidence: unknown;
}

/** All steps of a rollout, the first one first. */
export async function listTransitions(
  tx: Transaction,
  tenantId: string,
  rolloutId: string,
): Promise<RolloutTransition[]> {
  const { rows } = await tx.query<TransitionRow>(
    `select number, at, from_stage, from_share, to_stage, to_share, cause, actor, reason, evidence
     from rlaas.rollout_transitions where tenant_id = $1 and rollout_id = $2 order by number`,
    [tenantId, rolloutId],
  );
  return rows.map((row) =>
    rolloutTransitionSchema.parse({
      number: row.number,
      at: row.at.toISOString(),
      from: row.from_stage === null ? null : { stage: row.from_stage, share: row.from_share ?? 0 },
      to: { stage: row.to_stage, share: row.to_share },
      cause: row.cause,
      actor: row.actor,
      reason: row.reason,
      evidence: row.evidence,
    }),
  );
}
