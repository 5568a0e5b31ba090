import { createHash, randomBytes } from 'node:crypto';
import { createTestDatabase } from '@rlaas/testkit';
import { afterAll, describe, expect, test } from 'vitest';
import { createDatabase } from '../src/database.ts';
import { newId } from '../src/ids.ts';
import { withOwner } from '../src/migrate.ts';
import { createKeyManagement, storeOperatorKey } from '../src/tenancy/key-management.ts';
import { createKeyStore } from '../src/tenancy/key-store.ts';
import { closeTenant, findTenant, insertTenant } from '../src/tenancy/tenants.ts';

const db = await createTestDatabase();
const database = createDatabase({
  url: db.url,
  poolMax: 2,
  applicationName: 'keys',
  onIdleError: () => undefined,
});
afterAll(() => database.close());

let clock = Date.parse('2026-03-01T00:00:00.000Z');
const sha256 = (key: string): Buffer => createHash('sha256').update(key).digest();
const freshKey = () => {
  const key = randomBytes(16).toString('hex');
  return { key, prefix: key.slice(0, 4), hash: sha256(key).toString('hex') };
};
const keys = createKeyManagement({ database, freshKey, now: () => clock });
const store = createKeyStore(database);
const [mine, other] = [newId(clock), newId(clock)];
for (const [id, slug] of [
  [mine, 'mine'],
  [other, 'other'],
] as const) {
  await database.transaction({ role: 'rlaas_api', tenants: [id] }, (tx) =>
    insertTenant(tx, { id, slug, name: slug }, clock),
  );
}
const wanted = { name: 'shop', kind: 'secret' as const, scopes: ['decide' as const], allowed_origins: [] };

describe('the keys of a tenant', () => {
  test('a new key is found by its hash, and nothing but the hash is stored', async () => {
    const created = await keys.create(mine, 'test', wanted);
    expect(await store.find([sha256(created.key), sha256('unknown')])).toMatchObject([
      {
        id: created.id,
        tenant: { id: mine, slug: 'mine', closed: false },
        scopes: ['decide'],
        revokedAt: null,
      },
    ]);
    const dump = await db.sql<{ row: string }>('select k::text as row from rlaas.api_keys k');
    expect(dump.some(({ row }) => row.includes(created.key))).toBe(false);
  });

  test('another tenant can neither see, rotate nor revoke it', async () => {
    const created = await keys.create(mine, 'test', wanted);
    expect(await keys.find(other, created.id)).toBeUndefined();
    expect(await keys.rotate(other, 'test', created.id, 0)).toBeUndefined();
    expect(await keys.revoke(other, 'test', created.id)).toBeUndefined();
    expect((await keys.list(other, undefined, 500)).map((key) => key.id)).not.toContain(created.id);
  });

  test('rotation makes a key with the same rights and ends the old one after the grace', async () => {
    const old = await keys.create(mine, 'test', wanted);
    const successor = await keys.rotate(mine, 'test', old.id, 60_000);
    if (typeof successor !== 'object') throw new Error('no successor');
    expect(successor).toMatchObject({ name: 'shop', scopes: ['decide'], revoked_at: null });
    expect((await keys.find(mine, old.id))?.revoked_at).toBe(new Date(clock + 60_000).toISOString());
    clock += 60_000;
    expect(await keys.rotate(mine, 'test', old.id, 0)).toBe('gone');
  });

  test('revoking again keeps the first time', async () => {
    const created = await keys.create(mine, 'test', wanted);
    const first = await keys.revoke(mine, 'test', created.id);
    clock += 1_000;
    expect(await keys.revoke(mine, 'test', created.id)).toEqual(first);
  });

  test('pages go through all keys, each once', async () => {
    const all = (await keys.list(mine, undefined, 500)).map((key) => key.id);
    const paged: string[] = [];
    for (;;) {
      const page = await keys.list(mine, paged.at(-1), 2);
      paged.push(...page.map((key) => key.id));
      if (page.length < 2) break;
    }
    expect(paged).toEqual(all);
    expect(new Set(all).size).toBe(all.length);
  });

  test('closing the tenant ends its keys', async () => {
    const created = await keys.create(other, 'test', wanted);
    await database.transaction({ role: 'rlaas_api', tenants: [other] }, (tx) =>
      closeTenant(tx, other, clock),
    );
    expect(await store.find([sha256(created.key)])).toMatchObject([
      { tenant: { closed: true }, revokedAt: clock },
    ]);
    const tenant = await database.transaction({ role: 'rlaas_worker', tenants: [] }, (tx) =>
      findTenant(tx, 'other'),
    );
    expect(tenant?.closed_at).toBe(new Date(clock).toISOString());
  });

  test('every change is in the audit log', async () => {
    const rows = await db.sql<{ action: string }>(
      'select distinct action from rlaas.audit_log order by action',
    );
    expect(rows.map((row) => row.action)).toEqual(['api_key.create', 'api_key.revoke', 'api_key.rotate']);
  });

  test('the owner makes operator keys, which belong to no tenant', async () => {
    const created = await withOwner(db.ownerUrl, async (client) => {
      await client.query('begin; set local role rlaas_owner');
      const key = await storeOperatorKey(client, { name: 'ops', actor: 'test' }, freshKey(), clock);
      await client.query('commit');
      return key;
    });
    expect(await store.find([sha256(created.key)])).toMatchObject([{ kind: 'operator', tenant: null }]);
  });
});
