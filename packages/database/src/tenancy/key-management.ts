import type { ApiKey, CreateApiKey, CreatedApiKey } from '@rlaas/schemas';
import type { Database } from '../database.ts';
import { newId } from '../ids.ts';
import type { Transaction } from '../transaction.ts';
import { findApiKey, insertApiKey, listApiKeys, revokeApiKey } from './api-keys.ts';
import { writeAudit } from './audit-log.ts';

/** A key that was just made: the text to hand out, the part of it that may be shown, and what is stored of it. */
export interface FreshKey {
  key: string;
  prefix: string;
  /** SHA-256 of the key, hexadecimal. */
  hash: string;
}

export interface KeyManagementOptions {
  database: Database;
  freshKey: () => FreshKey;
  now: () => number;
}

/** Making, changing over and revoking the keys of one tenant; each change is in the audit log with who did it. */
export interface KeyManagement {
  create(tenantId: string, actor: string, wanted: CreateApiKey): Promise<CreatedApiKey>;
  /**
   * Makes a successor with the same rights and lets the old key go on for `graceMs`, so that it can be replaced
   * everywhere first.
   * @returns `undefined` when the tenant has no such key, `gone` when it is revoked or expired already
   */
  rotate(
    tenantId: string,
    actor: string,
    id: string,
    graceMs: number,
  ): Promise<CreatedApiKey | 'gone' | undefined>;
  /** Revokes at once: from the next look-up on (5 s at most), everywhere. `undefined`: the tenant has no such key. */
  revoke(tenantId: string, actor: string, id: string): Promise<ApiKey | undefined>;
  find(tenantId: string, id: string): Promise<ApiKey | undefined>;
  list(tenantId: string, after: string | undefined, limit: number): Promise<ApiKey[]>;
}

/** Smaller than every UUIDv7. */
const BEFORE_ALL = '00000000-0000-0000-0000-000000000000';

const asTenant = (tenantId: string) => ({ role: 'rlaas_api' as const, tenants: [tenantId] });
const reading = (tenantId: string) => ({ ...asTenant(tenantId), readOnly: true });

export function createKeyManagement({ database, freshKey, now }: KeyManagementOptions): KeyManagement {
  return {
    create: (tenantId, actor, wanted) =>
      database.transaction(asTenant(tenantId), (tx) =>
        storeKey(tx, { tenantId, actor, wanted }, freshKey(), now()),
      ),
    rotate: (tenantId, actor, id, graceMs) =>
      database.transaction(asTenant(tenantId), async (tx) => {
        // Locked: a revocation meanwhile must not leave a successor behind.
        const old = await findApiKey(tx, tenantId, id, true);
        if (!old) return undefined;
        const at = now();
        const ends = [old.revoked_at, old.expires_at].flatMap((time) =>
          time === null ? [] : [Date.parse(time)],
        );
        if (ends.some((end) => end <= at) || old.kind === 'operator') return 'gone';
        const wanted: CreateApiKey = {
          name: old.name,
          kind: old.kind,
          scopes: old.scopes,
          allowed_origins: old.allowed_origins,
          ...(old.expires_at === null ? {} : { expires_at: old.expires_at }),
        };
        const created = await storeKey(tx, { tenantId, actor, wanted }, freshKey(), at);
        await revokeApiKey(tx, tenantId, id, at + graceMs);
        await writeAudit(
          tx,
          {
            tenantId,
            actor,
            action: 'api_key.rotate',
            object: id,
            details: { successor: created.id, grace_ms: graceMs },
          },
          at,
        );
        return created;
      }),
    revoke: (tenantId, actor, id) =>
      database.transaction(asTenant(tenantId), async (tx) => {
        const at = now();
        const revoked = await revokeApiKey(tx, tenantId, id, at);
        if (revoked) await writeAudit(tx, { tenantId, actor, action: 'api_key.revoke', object: id }, at);
        return revoked;
      }),
    find: (tenantId, id) => database.transaction(reading(tenantId), (tx) => findApiKey(tx, tenantId, id)),
    list: (tenantId, after, limit) =>
      database.transaction(reading(tenantId), (tx) => listApiKeys(tx, tenantId, after ?? BEFORE_ALL, limit)),
  };
}

/** Stores a key of a tenant in the caller's transaction. */
export async function storeKey(
  tx: Pick<Transaction, 'query'>,
  { tenantId, actor, wanted }: { tenantId: string; actor: string; wanted: CreateApiKey },
  fresh: FreshKey,
  at: number,
): Promise<CreatedApiKey> {
  const { key, prefix, hash } = fresh;
  const stored = await insertApiKey(
    tx,
    { ...wanted, id: newId(at), tenantId, prefix, hash: Buffer.from(hash, 'hex') },
    at,
  );
  await writeAudit(
    tx,
    {
      tenantId,
      actor,
      action: 'api_key.create',
      object: stored.id,
      details: { name: wanted.name, kind: wanted.kind, scopes: wanted.scopes },
    },
    at,
  );
  return { ...stored, key };
}

/** Stores an operator key. The transaction must be that of a member of rlaas_owner: no service may make one. */
export async function storeOperatorKey(
  tx: Pick<Transaction, 'query'>,
  { name, actor }: { name: string; actor: string },
  fresh: FreshKey,
  at: number,
): Promise<CreatedApiKey> {
  const stored = await insertApiKey(
    tx,
    {
      id: newId(at),
      tenantId: null,
      name,
      kind: 'operator',
      scopes: ['admin'],
      allowed_origins: [],
      prefix: fresh.prefix,
      hash: Buffer.from(fresh.hash, 'hex'),
    },
    at,
  );
  await writeAudit(tx, { tenantId: null, actor, action: 'operator_key.create', object: stored.id }, at);
  return { ...stored, key: fresh.key };
}
