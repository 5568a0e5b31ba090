import type { Transaction } from '@rlaas/database';
import type { EvaluatedPeriod } from './evaluated-decisions.ts';

/** A version with the checkpoint that it is scored by. */
export interface ScorableVersion {
  configuration: unknown;
  /** null: there is none. */
  number: number | null;
  position: string | null;
  object_key: string | null;
  sha256: string | null;
}

/**
 * A version of a policy with a checkpoint.
 * @param checkpoint number of the checkpoint; `undefined`: the newest one
 * @returns `undefined`: there is no such version
 */
export async function findScorableVersion(
  tx: Transaction,
  tenantId: string,
  { policy, version, checkpoint }: { policy: string; version: string; checkpoint: number | undefined },
): Promise<ScorableVersion | undefined> {
  const { rows } = await tx.query<ScorableVersion>(
    `select v.configuration, c.number, c.position, c.object_key, c.sha256
     from rlaas.policy_versions v
     left join lateral (
       select * from rlaas.checkpoints c
       where c.tenant_id = v.tenant_id and c.policy = v.policy and c.version = v.name
         and ($4::integer is null or c.number = $4)
       order by c.number desc limit 1
     ) c on true
     where v.tenant_id = $1 and v.policy = $2 and v.name = $3`,
    [tenantId, policy, version, checkpoint],
  );
  return rows[0];
}

/** How many decisions of a period a version had learned from at a position of its training log. */
export async function countLearned(
  tx: Transaction,
  tenantId: string,
  learner: { version: string; position: number },
  { policy, from, to }: EvaluatedPeriod,
): Promise<number> {
  const { rows } = await tx.query<{ n: string }>(
    `select count(*) as n
     from rlaas.training_log l
     join rlaas.rewards r on r.tenant_id = l.tenant_id and r.decision_id = l.decision_id and not r.recomputed
     where l.tenant_id = $1 and l.policy = $2 and l.version = $3 and l.position <= $4
       and r.policy = $2 and r.occurred_at >= $5 and r.occurred_at < $6`,
    [tenantId, policy, learner.version, learner.position, from, to],
  );
  return Number(rows[0]?.n ?? 0);
}
