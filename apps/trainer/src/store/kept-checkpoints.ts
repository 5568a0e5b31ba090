import type { Transaction } from '@rlaas/database';
import type { VersionKey } from './version-key.ts';

/** How many of the newest checkpoints of a version are kept, whatever their age. */
const NEWEST = 20;
/** For this long the last checkpoint of each hour is kept; then the last one of each day, for ever. Hours and days of UTC. */
const HOURLY_DAYS = 7;

const OF_VERSION = 'partition by tenant_id, policy, version';

/**
 * Removes checkpoints that are kept no longer. A pinned one is always kept, also one that is pinned while this runs.
 * @param now milliseconds since 1970
 * @param limit how many are removed at most
 * @returns the version of each that was removed
 */
export async function deleteOutdatedCheckpoints(
  tx: Transaction,
  now: number,
  limit: number,
): Promise<VersionKey[]> {
  const { rows: outdated } = await tx.query<VersionKey & { number: number }>(
    `select tenant_id, policy, version, number from (
       select tenant_id, policy, version, number, pinned, created_at,
              row_number() over (${OF_VERSION} order by number desc) as place,
              row_number() over (${OF_VERSION}, date_trunc('hour', created_at, 'UTC') order by number desc) as in_hour,
              row_number() over (${OF_VERSION}, date_trunc('day', created_at, 'UTC') order by number desc) as in_day
       from rlaas.checkpoints
     ) c
     where not pinned and place > $1 and in_day > 1
       and (in_hour > 1 or created_at < $2::timestamptz - make_interval(days => $3))
     order by tenant_id, policy, version, number limit $4`,
    [NEWEST, new Date(now), HOURLY_DAYS, limit],
  );
  // Gateways look again at what they serve after each statement that may have changed it.
  if (outdated.length === 0) return [];
  const { rows } = await tx.query<VersionKey>(
    `delete from rlaas.checkpoints c
     using unnest($1::uuid[], $2::text[], $3::text[], $4::int[]) as o (tenant_id, policy, version, number)
     where c.tenant_id = o.tenant_id and c.policy = o.policy and c.version = o.version and c.number = o.number
       and not c.pinned
     returning c.tenant_id, c.policy, c.version`,
    [
      outdated.map(({ tenant_id: tenantId }) => tenantId),
      outdated.map(({ policy }) => policy),
      outdated.map(({ version }) => version),
      outdated.map(({ number }) => number),
    ],
  );
  return rows;
}

/** Versions that have checkpoints. */
export async function findCheckpointed(tx: Transaction): Promise<VersionKey[]> {
  const { rows } = await tx.query<VersionKey>(
    'select distinct tenant_id, policy, version from rlaas.checkpoints order by tenant_id, policy, version',
  );
  return rows;
}

/** The keys of all objects that a version's checkpoints name, and the position of the newest one. */
export async function findNamedObjects(
  tx: Transaction,
  { tenant_id: tenantId, policy, version }: VersionKey,
): Promise<{ keys: Set<string>; position: number }> {
  const { rows } = await tx.query<{ position: string; object_key: string; resume_key: string | null }>(
    `select position, object_key, resume_key from rlaas.checkpoints
     where tenant_id = $1 and policy = $2 and version = $3`,
    [tenantId, policy, version],
  );
  return {
    keys: new Set(rows.flatMap((row) => [row.object_key, row.resume_key ?? row.object_key])),
    position: Math.max(0, ...rows.map((row) => Number(row.position))),
  };
}
