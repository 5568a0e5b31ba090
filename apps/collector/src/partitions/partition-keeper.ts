import type { Database } from '@rlaas/database';
import { findPartitionDays, makePartitions } from '../store/partitions.ts';

const DAY_MS = 86_400_000;
/** Partitions are made this far ahead, so that a collector may be away for days. */
const DAYS_AHEAD = 7;
/** With less than this the service is not ready: ids may be an hour ahead. */
const NEEDED_MS = 2 * 3_600_000;

/** Sees to it that every event finds its partition. */
export interface PartitionKeeper {
  /** Makes what is missing and looks at what there is. */
  keep: () => Promise<void>;
  /** Least time of an id that has a partition, in milliseconds since 1970. */
  oldestIdMs: () => number | undefined;
  /** Days for which there are partitions beyond today; below 0 when there is none for now. */
  daysAhead: () => number;
  /** Whether events of now and of the next hours find their partition. */
  check: () => Promise<{ ok: true } | { ok: false; message: string }>;
}

export function createPartitionKeeper(database: Database, now: () => number): PartitionKeeper {
  let days: { first: number; last: number } | undefined;

  async function keep(): Promise<void> {
    days = await database.transaction({ role: 'rlaas_worker', tenants: [], idempotent: true }, async (tx) => {
      await makePartitions(tx, DAYS_AHEAD);
      return findPartitionDays(tx);
    });
  }
  const missing = (): boolean => days === undefined || days.last + DAY_MS < now() + NEEDED_MS;

  return {
    keep,
    oldestIdMs: () => days?.first,
    daysAhead: () => (days === undefined ? -1 : Math.floor((days.last - now()) / DAY_MS) + 1),
    async check() {
      if (missing()) await keep();
      if (!missing()) return { ok: true };
      return {
        ok: false,
        message: 'There is no partition for the events of the next hours; the log of the collector says why.',
      };
    },
  };
}
