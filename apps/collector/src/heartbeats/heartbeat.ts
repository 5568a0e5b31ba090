import { randomUUID } from 'node:crypto';
import type { Database } from '@rlaas/database';
import { beat } from '../store/heartbeats.ts';

/** How often a replica says that it takes events. */
export const BEAT_MS = 1_000;
/** Without a beat of anybody for this long, nobody took events. */
const SILENCE_MS = 30_000;

export interface HeartbeatOptions {
  database: Database;
  /** Nothing that the replica received before will be committed from now on; milliseconds since 1970. */
  settledTo: () => number;
  onGap: (seconds: number) => void;
}

export interface Heartbeat {
  /** Says that the replica takes events, and up to when those that it received are stored. */
  beat: () => Promise<void>;
  /** Says that it takes no more, once all that it received is stored. */
  end: () => Promise<void>;
}

/**
 * Beats for one replica. Rewards whose deadlines lie in a gap wait longer, since their events could not come in; none
 * closes before all that was received by its deadline is stored.
 */
export function createHeartbeat({ database, settledTo, onGap }: HeartbeatOptions): Heartbeat {
  const replica = randomUUID();
  let ended = false;
  // Read before the statement is sent: what is received meanwhile is later than that.
  const send = async (settled: number): Promise<void> => {
    const gapMs = await database.transaction({ role: 'rlaas_worker', tenants: [], idempotent: true }, (tx) =>
      beat(tx, { replica, settledTo: settled, silenceMs: SILENCE_MS }),
    );
    if (gapMs !== undefined) onGap(gapMs / 1_000);
  };
  return {
    beat: async () => {
      if (!ended) await send(settledTo());
    },
    end: async () => {
      ended = true;
      await send(Number.POSITIVE_INFINITY);
    },
  };
}
