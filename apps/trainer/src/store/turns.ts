import type { Transaction } from '@rlaas/database';

/** Decisions of a step of time as turns of a version. */
export interface Turns {
  /** Number of the step, from 0. */
  step: number;
  turns: number;
  failed: number;
}

/** Steps of time: from, to (exclusive) and how long each is, in milliseconds. */
export interface Steps {
  from: number;
  until: number;
  stepMs: number;
}

/**
 * Decisions that a version made, or was to make and could not, in order of time.
 * @returns steps without any are missing
 */
export async function findTurns(
  tx: Transaction,
  { tenantId, policy, version }: { tenantId: string; policy: string; version: string },
  { from, until, stepMs }: Steps,
): Promise<Turns[]> {
  const { rows } = await tx.query<Turns>(
    `select floor((date_part('epoch', e.occurred_at) * 1000 - $4) / $6)::int as step, count(*)::int as turns,
            (count(*) filter (where e.data ->> 'failed_version' = $3))::int as failed
     from rlaas.events e
     where e.tenant_id = $1 and e.policy = $2 and e.type = 'decision'
       and e.occurred_at >= to_timestamp($4::float8 / 1000) and e.occurred_at < to_timestamp($5::float8 / 1000)
       and e.import_id is null and not e.data ? 'sticky_of' and e.data ->> 'mode' <> 'baseline'
       and (e.data ->> 'policy_version' = $3 or e.data ->> 'failed_version' = $3)
     group by 1 order by 1`,
    [tenantId, policy, version, from, until, stepMs],
  );
  return rows;
}

/** When the next decision of a policy was made, from a time on, in milliseconds since 1970. */
export async function findNextDecision(
  tx: Transaction,
  { tenantId, policy }: { tenantId: string; policy: string },
  from: number,
  until: number,
): Promise<number | undefined> {
  const { rows } = await tx.query<{ at: number }>(
    `select date_part('epoch', e.occurred_at) * 1000 as at
     from rlaas.events e
     where e.tenant_id = $1 and e.policy = $2 and e.type = 'decision'
       and e.occurred_at >= $3 and e.occurred_at < $4
     order by e.occurred_at limit 1`,
    [tenantId, policy, new Date(from), new Date(until)],
  );
  return rows[0]?.at;
}
