import type { Transaction } from '@rlaas/database';
import { type DecisionEvent, decisionEventSchema } from '@rlaas/schemas';
import type { Artefact } from '../policies/models.ts';

interface Row {
  id: string;
  occurred_at: Date;
  policy: string;
  external_id: string | null;
  episode_id: string | null;
  source: string;
  data: unknown;
}

/** A stored decision of a tenant, as it was sent. */
export async function findDecision(
  tx: Transaction,
  tenantId: string,
  id: string,
): Promise<DecisionEvent | undefined> {
  const { rows } = await tx.query<Row>(
    `select id, occurred_at, policy, external_id, episode_id, source, data
     from rlaas.events where tenant_id = $1 and id = $2 and type = 'decision'`,
    [tenantId, id],
  );
  const [row] = rows;
  if (!row) return undefined;
  return decisionEventSchema.parse({
    id: row.id,
    type: 'decision',
    occurred_at: row.occurred_at.toISOString(),
    policy: row.policy,
    source: row.source,
    data: row.data,
    ...(row.external_id !== null && { external_id: row.external_id }),
    ...(row.episode_id !== null && { episode_id: row.episode_id }),
  });
}

/** What a version scored with at a checkpoint; the object is missing where the checkpoint is no longer kept. */
export async function findArtefact(
  tx: Transaction,
  tenantId: string,
  policy: string,
  version: string,
  checkpoint: number | null,
): Promise<Artefact | undefined> {
  const { rows } = await tx.query<Artefact>(
    `select v.policy, v.name as version, v.configuration as version_configuration,
            c.number as checkpoint, c.object_key, c.sha256
     from rlaas.policy_versions v
     left join rlaas.checkpoints c
       on c.tenant_id = v.tenant_id and c.policy = v.policy and c.version = v.name and c.number = $4
     where v.tenant_id = $1 and v.policy = $2 and v.name = $3`,
    [tenantId, policy, version, checkpoint],
  );
  return rows[0];
}
