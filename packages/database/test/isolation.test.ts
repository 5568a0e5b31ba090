import { createTestDatabase } from '@rlaas/testkit';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createDatabase } from '../src/database.ts';
import { newId } from '../src/ids.ts';
import { withOwner } from '../src/migrate.ts';
import { listTenants } from '../src/tenancy/tenants.ts';

const db = await createTestDatabase();
const database = createDatabase({
  url: db.url,
  poolMax: 4,
  applicationName: 'isolation',
  onIdleError: (error) => {
    throw error;
  },
});
const tenants = Array.from({ length: 4 }, () => newId(Date.now()));
const TABLES = ['tenants', 'api_keys', 'policies', 'policy_versions'] as const;

beforeAll(async () => {
  for (const [index, id] of tenants.entries()) {
    await database.transaction({ role: 'rlaas_api', tenants: [id] }, async (tx) => {
      await tx.query('insert into rlaas.tenants (id, slug, name) values ($1, $2, $2)', [
        id,
        `tenant-${index}`,
      ]);
      await tx.query(
        `insert into rlaas.api_keys (id, tenant_id, name, prefix, hash, kind, scopes)
         values ($1, $2, 'k', 'p', sha256($3), 'secret', '{admin}')`,
        [newId(Date.now()), id, Buffer.from(id)],
      );
      await tx.query(
        `insert into rlaas.policies (tenant_id, name, configuration, source) values ($1, 'same-name', '{}', 'api')`,
        [id],
      );
      await tx.query(
        `insert into rlaas.policy_versions (tenant_id, policy, name, configuration, source)
         values ($1, 'same-name', 'v0', '{}', 'api')`,
        [id],
      );
    });
  }
});
afterAll(() => database.close());

describe('row-level security', () => {
  test('any set of tenants sees exactly its own rows, in every table and in both roles', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.subarray(tenants),
        fc.constantFrom(...TABLES),
        fc.constantFrom('rlaas_api' as const, 'rlaas_worker' as const),
        async (chosen, table, role) => {
          if (role === 'rlaas_worker' && !table.startsWith('polic')) return;
          const column = table === 'tenants' ? 'id' : 'tenant_id';
          const { rows } = await database.transaction({ role, tenants: chosen, readOnly: true }, (tx) =>
            tx.query<{ tenant: string }>(`select ${column} as tenant from rlaas.${table}`),
          );
          expect(rows.map((row) => row.tenant).toSorted()).toEqual(chosen.toSorted());
        },
      ),
      { numRuns: 60 },
    );
  });

  test('a row of another tenant can neither be written nor changed', async () => {
    const [mine = '', other = ''] = tenants;
    const asMe = { role: 'rlaas_api' as const, tenants: [mine] };
    await expect(
      database.transaction(asMe, (tx) =>
        tx.query(
          `insert into rlaas.policies (tenant_id, name, configuration, source) values ($1, 'x', '{}', 'api')`,
          [other],
        ),
      ),
    ).rejects.toMatchObject({ code: '42501' });
    const { rowCount } = await database.transaction(asMe, (tx) =>
      tx.query('update rlaas.policies set updated_at = now() where tenant_id = $1', [other]),
    );
    expect(rowCount).toBe(0);
  });

  test('what a transaction was allowed is gone when its connection is used again', async () => {
    const single = createDatabase({
      url: db.url,
      poolMax: 1,
      applicationName: 'single',
      onIdleError: () => undefined,
    });
    const [mine = ''] = tenants;
    await single.transaction({ role: 'rlaas_api', tenants: [mine] }, (tx) => tx.query('select 1'));
    const { rows } = await single.transaction({ role: 'rlaas_worker', tenants: [] }, (tx) =>
      tx.query<{ n: number }>('select count(*)::int as n from rlaas.policies'),
    );
    expect(rows).toEqual([{ n: 0 }]);
    await single.close();
  });

  test('a version cannot be changed but for its status, and nothing in the audit log at all', async () => {
    const [mine = ''] = tenants;
    const asMe = { role: 'rlaas_api' as const, tenants: [mine] };
    for (const statement of [
      `update rlaas.policy_versions set configuration = '{"x":1}'`,
      `delete from rlaas.policy_versions`,
      `update rlaas.audit_log set actor = 'nobody'`,
      `delete from rlaas.audit_log`,
      `update rlaas.api_keys set scopes = '{admin}'`,
      `insert into rlaas.api_keys (id, name, prefix, hash, kind, scopes) values (gen_random_uuid(), 'o', 'p', sha256('o'), 'operator', '{admin}')`,
      `set local row_security = off; select * from rlaas.policies`,
    ]) {
      await expect(
        database.transaction(asMe, (tx) => tx.query(statement)),
        statement,
      ).rejects.toMatchObject({ code: '42501' });
    }
  });

  test('the owner of the tables is held to it as well', async () => {
    const rows = await withOwner(db.ownerUrl, async (client) => {
      await client.query('begin; set local role rlaas_owner');
      const found = await client.query('select * from rlaas.policies');
      await client.query('rollback');
      return found.rows;
    });
    expect(rows).toEqual([]);
  });

  test('workers list all tenants; the API role may not', async () => {
    const listed = await database.transaction({ role: 'rlaas_worker', tenants: [] }, (tx) =>
      listTenants(tx, '', 100),
    );
    expect(listed.map((tenant) => tenant.id)).toEqual(tenants);
    await expect(
      database.transaction({ role: 'rlaas_api', tenants: [] }, (tx) => listTenants(tx, '', 100)),
    ).rejects.toMatchObject({ code: '42501' });
  });

  test('every table that has a tenant is under forced row-level security, but for the queues of ids', async () => {
    const rows = await db.sql<{ name: string }>(
      `select c.relname as name from pg_class c
       where c.relnamespace = 'rlaas'::regnamespace and c.relkind in ('r', 'p') and not c.relispartition
         and exists (select from pg_attribute a where a.attrelid = c.oid and a.attname = 'tenant_id' and not a.attisdropped)
         and not (c.relrowsecurity and c.relforcerowsecurity
                  and exists (select from pg_policy p where p.polrelid = c.oid))`,
    );
    expect(rows.map((row) => row.name)).toEqual(['batch_deliveries']);
  });

  test('partitions can be reached through their table only', async () => {
    const rows = await db.sql<{ name: string; open: boolean }>(
      `select c.relname as name, not c.relforcerowsecurity or c.relacl is not null as open
       from pg_class c where c.relnamespace = 'rlaas'::regnamespace and c.relispartition and c.relkind = 'r'`,
    );
    expect(rows.length).toBeGreaterThan(20);
    expect(rows.filter((row) => row.open)).toEqual([]);
  });

  test('a tenant that is not a UUID never reaches the server', async () => {
    await expect(
      database.transaction({ role: 'rlaas_api', tenants: [`x'); drop schema rlaas; --`] }, (tx) =>
        tx.query('select 1'),
      ),
    ).rejects.toThrow('not a tenant id');
  });
});
