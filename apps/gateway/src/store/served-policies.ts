import { type Database, listAllTenants } from '@rlaas/database';

/**
 * A policy, and one of its versions that scores with its newest checkpoint, or the one that it is held to, as far as
 * there are any.
 */
export interface ServedRow {
  tenant_id: string;
  policy: string;
  policy_configuration: unknown;
  /** Changes whenever the row of the policy does. */
  policy_row: string;
  version: string | null;
  status: 'active' | 'canary' | 'shadow' | null;
  version_configuration: unknown;
  checkpoint: number | null;
  object_key: string | null;
  sha256: string | null;
  /** Share of the decisions that it makes while it is tested; null: it is in no canary. */
  canary_share: number | null;
  /** With which decisions are assigned to versions. */
  salt: string | null;
  /** It is active, and is watched beside the explored baseline that was there before. */
  beside_baseline: boolean | null;
}

/** What gateways serve, of all tenants that are not closed; the versions of a policy in the order of their making. */
export async function loadServed(database: Database): Promise<ServedRow[]> {
  const open = (await listAllTenants(database)).filter((tenant) => tenant.closed_at === null);
  const tenants = open.map((tenant) => tenant.id);
  if (tenants.length === 0) return [];
  const { rows } = await database.transaction({ role: 'rlaas_worker', tenants, readOnly: true }, (tx) =>
    tx.query<ServedRow>(
      `select p.tenant_id, p.name as policy, p.configuration as policy_configuration, p.xmin::text as policy_row,
              v.name as version, v.status, v.configuration as version_configuration,
              c.number as checkpoint, c.object_key, c.sha256,
              case when r.stage = 'canary' then r.share end as canary_share,
              case when r.stage = 'canary' then r.salt end as salt,
              r.stage = 'active' and r.incumbent is null as beside_baseline
       from rlaas.policies p
       left join rlaas.policy_versions v
         on v.tenant_id = p.tenant_id and v.policy = p.name and v.status in ('active', 'canary', 'shadow')
       left join lateral (
         select number, object_key, sha256 from rlaas.checkpoints c
         where c.tenant_id = v.tenant_id and c.policy = v.policy and c.version = v.name
           and (v.pinned_checkpoint is null or c.number = v.pinned_checkpoint)
         order by number desc limit 1
       ) c on true
       left join rlaas.rollouts r
         on r.tenant_id = v.tenant_id and r.policy = v.policy and r.version = v.name and r.stage <> 'ended'
       left join rlaas.rollouts former
         on former.tenant_id = v.tenant_id and former.policy = v.policy and former.incumbent = v.name
         and former.stage = 'active'
       -- What is tested, and what would come back, is scored first.
       order by p.tenant_id, p.name, (r.id is null and former.id is null), v.created_at, v.name`,
    ),
  );
  return rows;
}
