import { type ApiKeyKind, type Scope, apiKeyKinds, scopeSchema } from '@rlaas/schemas';
import type { Database } from '../database.ts';

/** A key as services need it to decide who asks and what they may do. */
export interface StoredKey {
  id: string;
  /** SHA-256 of the key, hexadecimal. */
  hash: string;
  /** null for an operator key. */
  tenant: { id: string; slug: string; closed: boolean } | null;
  prefix: string;
  kind: ApiKeyKind;
  scopes: Scope[];
  allowedOrigins: string[];
  /** Milliseconds since 1970, null for never. */
  expiresAt: number | null;
  revokedAt: number | null;
}

interface Row {
  id: string;
  hash: Buffer;
  tenant_id: string | null;
  tenant_slug: string | null;
  tenant_closed: boolean;
  prefix: string;
  kind: string;
  scopes: string[];
  allowed_origins: string[];
  expires_at: Date | null;
  revoked_at: Date | null;
}

/** Finds keys by their hashes, whatever tenant they belong to; hashes without a key are left out of the answer. */
export function createKeyStore(database: Database): { find(hashes: Buffer[]): Promise<StoredKey[]> } {
  return {
    async find(hashes) {
      const { rows } = await database.transaction(
        { role: 'rlaas_api', tenants: [], readOnly: true, statementTimeoutMs: 2_000 },
        (tx) => tx.query<Row>('select * from rlaas.find_api_keys($1)', [hashes]),
      );
      return rows.map(toStoredKey);
    },
  };
}

function toStoredKey(row: Row): StoredKey {
  const kind = apiKeyKinds.find((known) => known === row.kind);
  if (!kind) throw new Error(`api key ${row.id} has the unknown kind ${row.kind}`);
  return {
    id: row.id,
    hash: row.hash.toString('hex'),
    tenant:
      row.tenant_id !== null && row.tenant_slug !== null
        ? { id: row.tenant_id, slug: row.tenant_slug, closed: row.tenant_closed }
        : null,
    prefix: row.prefix,
    kind,
    // A scope that this release does not know (written by a newer one) gives no right here.
    scopes: row.scopes.flatMap((scope) => scopeSchema.safeParse(scope).data ?? []),
    allowedOrigins: row.allowed_origins,
    expiresAt: row.expires_at?.getTime() ?? null,
    revokedAt: row.revoked_at?.getTime() ?? null,
  };
}
