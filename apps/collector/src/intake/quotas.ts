/** How much of something a key may use. */
export interface Quota {
  /** What comes back each second, and the most that there can be. */
  perSecond: number;
}

/** Token buckets by key: what a key does not use in a second is not saved for later than that. */
export interface Quotas {
  /** Takes what a request used. @returns seconds until it may go on; 0: now */
  take: (key: string, used: { events: number; bytes: number }) => number;
  readonly eventsPerSecond: number;
}

interface Bucket {
  events: number;
  bytes: number;
  at: number;
}

/** Buckets of keys that are full again are forgotten when there are this many. */
const REMEMBERED = 10_000;

/**
 * A key that used too much waits until its bucket is above zero again: a batch is taken whole or refused whole, so the
 * last one may go below.
 * @param now milliseconds since 1970
 */
export function createQuotas(limits: { events: Quota; bytes: Quota }, now: () => number): Quotas {
  const buckets = new Map<string, Bucket>();
  const [events, bytes] = [limits.events.perSecond, limits.bytes.perSecond];

  function refill(bucket: Bucket, at: number): void {
    const seconds = Math.max(0, (at - bucket.at) / 1_000);
    bucket.events = Math.min(events, bucket.events + seconds * events);
    bucket.bytes = Math.min(bytes, bucket.bytes + seconds * bytes);
    bucket.at = at;
  }

  function forget(at: number): void {
    for (const [key, bucket] of buckets) {
      refill(bucket, at);
      if (bucket.events >= events && bucket.bytes >= bytes) buckets.delete(key);
    }
  }

  return {
    eventsPerSecond: events,
    take(key, used) {
      const at = now();
      let bucket = buckets.get(key);
      if (!bucket) {
        if (buckets.size >= REMEMBERED) forget(at);
        buckets.set(key, (bucket = { events, bytes, at }));
      }
      refill(bucket, at);
      if (bucket.events > 0 && bucket.bytes > 0) {
        bucket.events -= used.events;
        bucket.bytes -= used.bytes;
        return 0;
      }
      return Math.max(
        bucket.events > 0 ? 0 : (1 - bucket.events) / events,
        bucket.bytes > 0 ? 0 : (1 - bucket.bytes) / bytes,
      );
    },
  };
}
