import type { SentEvent } from '../history/history.ts';
import type { Random } from '../random.ts';
import type { LoadShape } from './load-shape.ts';
import { createEventMaker } from './event-maker.ts';

const LARGEST_BATCH = 60;
/** Batches that somebody may send again as a whole. */
const KEPT_BATCHES = 40;

/** What clients send: new events, those of others again, invalid ones, and rivals for an id. */
export interface Workload {
  /** The next batch of a client, of 1 to 60 events. */
  batch(random: Random): SentEvent[];
}

/** @param now milliseconds since 1970 */
export function createWorkload(random: Random, shape: LoadShape, now: () => number): Workload {
  const maker = createEventMaker(random, now);
  /** The newest events; older ones are replaced in turn. */
  const pool: SentEvent[] = [];
  const batches: SentEvent[][] = [];
  let [pooled, batched] = [0, 0];

  function keep(event: SentEvent): SentEvent {
    pool[pooled % shape.pool] = event;
    pooled += 1;
    return event;
  }

  function next(client: Random): SentEvent {
    const kind = client.next();
    if (pool.length === 0 || kind >= shape.again + shape.invalid + shape.rivals) return keep(maker.well());
    const known = client.pick(pool);
    if (kind < shape.again) return known;
    if (kind < shape.again + shape.invalid) return maker.invalid(known);
    const rival = maker.rival(known);
    // Some rivals are sent again by others, as a broken sender would.
    return client.chance(0.5) ? keep(rival) : rival;
  }

  return {
    batch(client) {
      if (batches.length > 0 && client.chance(shape.wholeAgain)) return client.pick(batches);
      // Small ones are more frequent.
      const size = 1 + Math.floor((LARGEST_BATCH - 1) * client.next() ** 2);
      const batch = Array.from({ length: size }, () => next(client));
      batches[batched % KEPT_BATCHES] = batch;
      batched += 1;
      return batch;
    },
  };
}
