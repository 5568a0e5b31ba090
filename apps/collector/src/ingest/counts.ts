import type { EventResult, IngestCounts } from '@rlaas/schemas';

/** How many events became what; what is received is always the sum of the others. */
export function countsOf(results: readonly Pick<EventResult, 'status'>[]): IngestCounts {
  const counts = { received: results.length, accepted: 0, duplicate: 0, rejected: 0, retry: 0 };
  for (const { status } of results) counts[status] += 1;
  return counts;
}
