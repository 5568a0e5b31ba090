import { randomUUID } from 'node:crypto';
import type { Database } from '@rlaas/database';
import { beat } from '../store/heartbeats.ts';

/** How often a replica says that it takes events. */
export const BEAT_MS = 5_000;
/** Without a beat of anybody for this long, nobody took events. */
const SILENCE_MS = 30_000;

export interface HeartbeatOptions {
  database: Database;
  onGap: (seconds: number) => void;
}

/** Beats for one replica. Rewards whose deadlines lie in a gap wait longer, since their events could not come in. */
export function createHeartbeat({ database, onGap }: HeartbeatOptions): { beat(): Promise<void> } {
  const replica = randomUUID();
  return {
    async beat() {
      const gapMs = await database.transaction(
        { role: 'rlaas_worker', tenants: [], idempotent: true },
        (tx) => beat(tx, { replica, silenceMs: SILENCE_MS }),
      );
      if (gapMs !== undefined) onGap(gapMs / 1_000);
    },
  };
}
