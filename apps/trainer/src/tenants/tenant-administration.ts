import {
  type Database,
  type FreshKey,
  closeTenant,
  findTenant,
  insertTenant,
  listTenants,
  newId,
  storeKey,
  writeAudit,
} from '@rlaas/database';
import type { CreateTenant, CreatedTenant, Tenant } from '@rlaas/schemas';

/** What operators do with tenants; each change is in the audit log with who did it. */
export interface TenantAdministration {
  /** A tenant with its first key, of scope `admin`; `taken` when the slug is in use, also by a closed tenant. */
  create(actor: string, wanted: CreateTenant): Promise<CreatedTenant | 'taken'>;
  /** By slug, behind `after`. */
  list(after: string, limit: number): Promise<Tenant[]>;
  find(slug: string): Promise<Tenant | undefined>;
  /** Closes a tenant: its keys are refused within 5 s, its rows stay. `undefined`: there is no such tenant. */
  close(actor: string, slug: string): Promise<Tenant | undefined>;
}

export function createTenantAdministration(options: {
  database: Database;
  freshKey: () => FreshKey;
  now: () => number;
}): TenantAdministration {
  const { database, freshKey, now } = options;
  const acrossTenants = { role: 'rlaas_worker' as const, tenants: [], readOnly: true };
  return {
    async create(actor, wanted) {
      const at = now();
      const id = newId(at);
      return database.transaction({ role: 'rlaas_api', tenants: [id] }, async (tx) => {
        const tenant = await insertTenant(tx, { id, ...wanted }, at);
        if (!tenant) return 'taken';
        await writeAudit(tx, { tenantId: id, actor, action: 'tenant.create', object: wanted.slug }, at);
        const first = {
          name: 'first key',
          kind: 'secret' as const,
          scopes: ['admin' as const],
          allowed_origins: [],
        };
        return {
          ...tenant,
          api_key: await storeKey(tx, { tenantId: id, actor, wanted: first }, freshKey(), at),
        };
      });
    },
    list: (after, limit) => database.transaction(acrossTenants, (tx) => listTenants(tx, after, limit)),
    find: (slug) => database.transaction(acrossTenants, (tx) => findTenant(tx, slug)),
    async close(actor, slug) {
      const tenant = await this.find(slug);
      if (!tenant) return undefined;
      return database.transaction({ role: 'rlaas_api', tenants: [tenant.id] }, async (tx) => {
        const closed = await closeTenant(tx, tenant.id, now());
        if (tenant.closed_at === null) {
          await writeAudit(tx, { tenantId: tenant.id, actor, action: 'tenant.close', object: slug }, now());
        }
        return closed;
      });
    },
  };
}
