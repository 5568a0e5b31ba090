import type { Transaction } from '@rlaas/database';
import type { VersionKey } from './version-key.ts';

/** Which trainer learns for a version, and until when nobody else does. */
export interface TrainingLease {
  /** A running trainer. */
  holder: string;
  /** Raised each time that another one takes the lease. */
  epoch: number;
  /** Milliseconds since 1970. */
  expiresAt: number;
}

/** The lease of a version; `undefined` while nobody ever learned for it. */
export async function readLease(
  tx: Transaction,
  { tenant_id: tenantId, policy, version }: VersionKey,
): Promise<TrainingLease | undefined> {
  const { rows } = await tx.query<{ holder: string; epoch: string; expires_at: Date }>(
    `select holder, epoch, expires_at from rlaas.training_leases
     where tenant_id = $1 and policy = $2 and version = $3`,
    [tenantId, policy, version],
  );
  const [row] = rows;
  return row && { holder: row.holder, epoch: Number(row.epoch), expiresAt: row.expires_at.getTime() };
}

/** Stores the lease of a version. Only while the version is locked, and after it was read. */
export async function writeLease(
  tx: Transaction,
  { tenant_id: tenantId, policy, version }: VersionKey,
  { holder, epoch, expiresAt }: TrainingLease,
): Promise<void> {
  await tx.query(
    `insert into rlaas.training_leases (tenant_id, policy, version, holder, epoch, expires_at)
     values ($1, $2, $3, $4, $5, $6)
     on conflict (tenant_id, policy, version) do update
     set holder = excluded.holder, epoch = excluded.epoch, expires_at = excluded.expires_at`,
    [tenantId, policy, version, holder, epoch, new Date(expiresAt)],
  );
}

/** Ends all leases of a trainer that stops, so that another one need not wait for their expiry. */
export async function endLeases(tx: Transaction, holder: string, now: number): Promise<void> {
  await tx.query('update rlaas.training_leases set expires_at = $2 where holder = $1 and expires_at > $2', [
    holder,
    new Date(now),
  ]);
}
