import type { Tenant } from '@rlaas/schemas';
import type { Database } from '../database.ts';
import type { Transaction } from '../transaction.ts';

interface Row {
  id: string;
  slug: string;
  name: string;
  created_at: Date;
  closed_at: Date | null;
}

/** One page of all tenants by slug. Needs the role `rlaas_worker`. */
export async function listTenants(tx: Transaction, afterSlug: string, limit: number): Promise<Tenant[]> {
  const { rows } = await tx.query<Row>('select * from rlaas.list_tenants($1, $2)', [afterSlug, limit]);
  return rows.map(toTenant);
}

const PAGE = 500;

/** All tenants, for work that is done for every one of them. Closed ones are among them: their rows stay. */
export async function listAllTenants(database: Database): Promise<Tenant[]> {
  const tenants: Tenant[] = [];
  for (let after = ''; ;) {
    const page = await database.transaction({ role: 'rlaas_worker', tenants: [], readOnly: true }, (tx) =>
      listTenants(tx, after, PAGE),
    );
    tenants.push(...page);
    const last = page.at(-1);
    if (page.length < PAGE || !last) return tenants;
    after = last.slug;
  }
}

/** The tenant of a slug. Needs the role `rlaas_worker`. */
export async function findTenant(tx: Transaction, slug: string): Promise<Tenant | undefined> {
  const { rows } = await tx.query<Row>('select * from rlaas.find_tenant($1)', [slug]);
  return rows[0] && toTenant(rows[0]);
}

/**
 * Stores a tenant; the transaction must name its id among its tenants.
 * @returns `undefined` when the slug is taken
 */
export async function insertTenant(
  tx: Transaction,
  tenant: { id: string; slug: string; name: string },
  now: number,
): Promise<Tenant | undefined> {
  const { rows } = await tx.query<Row>(
    `insert into rlaas.tenants (id, slug, name, created_at) values ($1, $2, $3, $4)
     on conflict do nothing returning *`,
    [tenant.id, tenant.slug, tenant.name, new Date(now)],
  );
  return rows[0] && toTenant(rows[0]);
}

/** Closes a tenant and revokes its keys; a tenant that is closed already stays as it was. */
export async function closeTenant(tx: Transaction, id: string, now: number): Promise<Tenant | undefined> {
  await tx.query('update rlaas.api_keys set revoked_at = $2 where tenant_id = $1 and revoked_at is null', [
    id,
    new Date(now),
  ]);
  const { rows } = await tx.query<Row>(
    'update rlaas.tenants set closed_at = coalesce(closed_at, $2) where id = $1 returning *',
    [id, new Date(now)],
  );
  return rows[0] && toTenant(rows[0]);
}

function toTenant(row: Row): Tenant {
  return {
    id: row.id,
    slug: row.slug,
    name: row.name,
    created_at: row.created_at.toISOString(),
    closed_at: row.closed_at?.toISOString() ?? null,
  };
}
