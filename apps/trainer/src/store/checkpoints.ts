import type { Transaction } from '@rlaas/database';
import { type Checkpoint, checkpointSchema } from '@rlaas/schemas';
import type { VersionKey } from './version-key.ts';

/**
 * Registers a checkpoint whose objects are stored; from then on gateways load it. Only while the version is locked:
 * numbers are given one after the other.
 * @returns its number; `undefined` when there is one that learned more already
 */
export async function insertCheckpoint(
  tx: Transaction,
  { tenant_id: tenantId, policy, version }: VersionKey,
  checkpoint: {
    position: number;
    model: { key: string; sha256: string };
    resume: { key: string; sha256: string };
    /** For people. */
    metadata: Readonly<Record<string, number>>;
  },
  now: number,
): Promise<number | undefined> {
  const { rows } = await tx.query<{ number: number }>(
    `insert into rlaas.checkpoints (tenant_id, policy, version, number, position, object_key, sha256, resume_key,
                                    resume_sha256, metadata, created_at)
     select $1, $2, $3, coalesce(max(number), 0) + 1, $4, $5, $6, $7, $8, $9, $10
     from rlaas.checkpoints where tenant_id = $1 and policy = $2 and version = $3
     having coalesce(max(position), 0) <= $4
     returning number`,
    [
      tenantId,
      policy,
      version,
      checkpoint.position,
      checkpoint.model.key,
      checkpoint.model.sha256,
      checkpoint.resume.key,
      checkpoint.resume.sha256,
      checkpoint.metadata,
      new Date(now),
    ],
  );
  return rows[0]?.number;
}

/** Keeps checkpoints for ever: evidence is about them. Those that are not there any more are left out. */
export async function pinCheckpoints(
  tx: Transaction,
  { tenant_id: tenantId, policy, version }: VersionKey,
  numbers: readonly number[],
): Promise<void> {
  await tx.query(
    `update rlaas.checkpoints set pinned = true
     where tenant_id = $1 and policy = $2 and version = $3 and number = any ($4) and not pinned`,
    [tenantId, policy, version, numbers],
  );
}

/** Checkpoints of a version that are there, the newest first. @param before only those with smaller numbers */
export async function listCheckpoints(
  tx: Transaction,
  { tenant_id: tenantId, policy, version }: VersionKey,
  before: number | undefined,
  limit: number,
): Promise<Checkpoint[]> {
  const { rows } = await tx.query<{ created_at: Date }>(
    `select number, created_at, (metadata -> 'decisions')::int as decisions, pinned as kept from rlaas.checkpoints
     where tenant_id = $1 and policy = $2 and version = $3 and ($4::int is null or number < $4)
     order by number desc limit $5`,
    [tenantId, policy, version, before ?? null, limit],
  );
  return rows.map((row) =>
    checkpointSchema.parse(Object.assign(row, { created_at: row.created_at.toISOString() })),
  );
}

/** Keeps a checkpoint for ever. @returns whether it is there */
export async function keepCheckpoint(
  tx: Transaction,
  { tenant_id: tenantId, policy, version }: VersionKey,
  number: number,
): Promise<boolean> {
  const { rows } = await tx.query(
    `update rlaas.checkpoints set pinned = true
     where tenant_id = $1 and policy = $2 and version = $3 and number = $4 returning number`,
    [tenantId, policy, version, number],
  );
  return rows.length > 0;
}
