import { randomBytes } from 'node:crypto';
import { type Database, createKeyManagement, insertTenant, newId } from '@rlaas/database';
import { type CreateApiKey } from '@rlaas/schemas';
import { generateKey } from '@rlaas/service';

/** Makes a key of a tenant that may send events, secret unless said otherwise. @returns its text */
export async function newKey(
  database: Database,
  tenantId: string,
  changes: Partial<CreateApiKey> = {},
): Promise<string> {
  const keys = createKeyManagement({ database, freshKey: () => generateKey(randomBytes), now: Date.now });
  const wanted = {
    name: 'test',
    kind: 'secret' as const,
    scopes: ['events:write' as const],
    allowed_origins: [],
    ...changes,
  };
  return (await keys.create(tenantId, 'test', wanted)).key;
}

/** A tenant of its own. @returns its id */
export async function newTenant(database: Database, slug: string): Promise<string> {
  const id = newId(Date.now());
  await database.transaction({ role: 'rlaas_api', tenants: [id] }, (tx) =>
    insertTenant(tx, { id, slug, name: slug }, Date.now()),
  );
  return id;
}
