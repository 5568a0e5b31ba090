import { type Database, listAllTenants } from '@rlaas/database';

/** A policy with its active version and that version's newest checkpoint, as far as there are any. */
export interface ServedRow {
  tenant_id: string;
  policy: string;
  policy_configuration: unknown;
  version: string | null;
  version_configuration: unknown;
  checkpoint: number | null;
  object_key: string | null;
  sha256: string | null;
}

/** What gateways serve, of all tenants that are not closed. */
export async function loadServed(database: Database): Promise<ServedRow[]> {
  const open = (await listAllTenants(database)).filter((tenant) => tenant.closed_at === null);
  const tenants = open.map((tenant) => tenant.id);
  if (tenants.length === 0) return [];
  const { rows } = await database.transaction({ role: 'rlaas_worker', tenants, readOnly: true }, (tx) =>
    tx.query<ServedRow>(
      `select p.tenant_id, p.name as policy, p.configuration as policy_configuration,
              v.name as version, v.configuration as version_configuration,
              c.number as checkpoint, c.object_key, c.sha256
       from rlaas.policies p
       left join rlaas.policy_versions v
         on v.tenant_id = p.tenant_id and v.policy = p.name and v.status = 'active'
       left join lateral (
         select number, object_key, sha256 from rlaas.checkpoints c
         where c.tenant_id = v.tenant_id and c.policy = v.policy and c.version = v.name
         order by number desc limit 1
       ) c on true`,
    ),
  );
  return rows;
}
