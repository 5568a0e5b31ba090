import { type ApiKey, type ApiKeyKind, type CreateApiKey, type Scope, apiKeySchema } from '@rlaas/schemas';
import type { Transaction } from '../transaction.ts';

interface Row {
  id: string;
  name: string;
  prefix: string;
  kind: string;
  scopes: string[];
  allowed_origins: string[];
  created_at: Date;
  expires_at: Date | null;
  revoked_at: Date | null;
}

const COLUMNS = 'id, name, prefix, kind, scopes, allowed_origins, created_at, expires_at, revoked_at';

export interface NewKey extends Omit<CreateApiKey, 'kind' | 'expires_at'> {
  id: string;
  /** null for an operator key; then the transaction must be the owner's. */
  tenantId: string | null;
  kind: ApiKeyKind;
  expires_at?: string | undefined;
  prefix: string;
  /** SHA-256 of the key. */
  hash: Buffer;
}

/** Stores a key. */
export async function insertApiKey(
  tx: Pick<Transaction, 'query'>,
  key: NewKey,
  now: number,
): Promise<ApiKey> {
  const { rows } = await tx.query<Row>(
    `insert into rlaas.api_keys
       (id, tenant_id, name, prefix, hash, kind, scopes, allowed_origins, created_at, expires_at)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) returning ${COLUMNS}`,
    [
      key.id,
      key.tenantId,
      key.name,
      key.prefix,
      key.hash,
      key.kind,
      key.scopes,
      key.allowed_origins,
      new Date(now),
      key.expires_at ?? null,
    ],
  );
  const [row] = rows;
  if (!row) throw new Error('the key was not returned after it was stored');
  return toApiKey(row);
}

/** One page of the tenant's keys, oldest first; `after` is the id of the last one of the page before. */
export async function listApiKeys(
  tx: Pick<Transaction, 'query'>,
  tenantId: string,
  after: string,
  limit: number,
): Promise<ApiKey[]> {
  const { rows } = await tx.query<Row>(
    `select ${COLUMNS} from rlaas.api_keys where tenant_id = $1 and id > $2 order by id limit $3`,
    [tenantId, after, limit],
  );
  return rows.map(toApiKey);
}

/** A key of the tenant by its id; `lock` keeps others from changing it until the transaction ends. */
export async function findApiKey(
  tx: Pick<Transaction, 'query'>,
  tenantId: string,
  id: string,
  lock = false,
): Promise<ApiKey | undefined> {
  const { rows } = await tx.query<Row>(
    `select ${COLUMNS} from rlaas.api_keys where tenant_id = $1 and id = $2${lock ? ' for update' : ''}`,
    [tenantId, id],
  );
  return rows[0] && toApiKey(rows[0]);
}

/**
 * Revokes a key from `at` on, which may lie ahead so that its successor can be spread first. A key that was revoked
 * for an earlier time stays so.
 */
export async function revokeApiKey(
  tx: Pick<Transaction, 'query'>,
  tenantId: string,
  id: string,
  at: number,
): Promise<ApiKey | undefined> {
  const { rows } = await tx.query<Row>(
    `update rlaas.api_keys set revoked_at = least(revoked_at, $3)
     where tenant_id = $1 and id = $2 returning ${COLUMNS}`,
    [tenantId, id, new Date(at)],
  );
  return rows[0] && toApiKey(rows[0]);
}

function toApiKey(row: Row): ApiKey {
  return apiKeySchema.parse({
    id: row.id,
    name: row.name,
    prefix: row.prefix,
    kind: row.kind,
    scopes: row.scopes as Scope[],
    allowed_origins: row.allowed_origins,
    created_at: row.created_at.toISOString(),
    expires_at: row.expires_at?.toISOString() ?? null,
    revoked_at: row.revoked_at?.toISOString() ?? null,
  });
}
