import type { Transaction } from '@rlaas/database';
import { readLease, writeLease } from '../store/training-leases.ts';
import type { VersionKey } from '../store/version-key.ts';

/** After this long without a sign of its holder another trainer takes a version over. */
export const LEASE_MS = 10_000;
/** A lease that lasts at least this long is not written anew: idle trainers would write a row in each round. */
const LONG_ENOUGH_MS = 7_000;

/**
 * Takes or renews the lease of a version, which must be locked.
 *
 * Clocks of replicas may differ: then a version changes hands early or late, and nothing worse. What is learned is
 * kept in order by the lock and the training log, whoever holds the lease.
 * @param now milliseconds since 1970
 * @returns its epoch: another one than before means that somebody else learned meanwhile. `undefined` while another
 *   trainer has it
 */
export async function holdLease(
  tx: Transaction,
  version: VersionKey,
  holder: string,
  now: number,
): Promise<number | undefined> {
  const lease = await readLease(tx, version);
  const own = lease?.holder === holder;
  if (lease && !own && lease.expiresAt > now) return undefined;
  if (lease && own && lease.expiresAt - now >= LONG_ENOUGH_MS) return lease.epoch;
  // Its own that has run out was taken by nobody, so its epoch stays.
  const epoch = own ? lease.epoch : (lease?.epoch ?? 0) + 1;
  await writeLease(tx, version, { holder, epoch, expiresAt: now + LEASE_MS });
  return epoch;
}
