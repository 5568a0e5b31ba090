import { randomUUID } from 'node:crypto';
import type { Database } from '@rlaas/database';
import { beat } from '../store/heartbeats.ts';

/** How often a replica says that it takes events. */
export const BEAT_MS = 1_000;
/**
 * With an older beat nothing is received before the next one: others may have counted the replica out, or not know of it
 * yet, and would not wait for what it stores.
 */
const FRESH_MS = BEAT_MS;
/** Without a beat of anybody for this long, nobody took events. */
const SILENCE_MS = 30_000;

export interface HeartbeatOptions {
  database: Database;
  /** Nothing that the replica received before will be committed from now on; milliseconds since 1970. */
  settledTo: () => number;
  /** Whether it can store events: who cannot does not say that it takes them. */
  canStore: () => Promise<boolean>;
  /** Milliseconds of a clock that is never set. */
  steady: () => number;
  onGap: (seconds: number) => void;
}

export interface Heartbeat {
  /** Says that the replica takes events, and up to when those that it received are stored. */
  beat: () => Promise<void>;
  /**
   * Before something is received: beats if the last beat is not fresh, as after the start, an outage or a pause.
   * Who cannot store events of the next hours stays silent here too; that time becomes a gap.
   * @throws DatabaseError when that cannot be stored; Error after the end
   */
  renew: () => Promise<void>;
  /** Says that it takes no more, once all that it received is stored. */
  end: () => Promise<void>;
}

/**
 * Beats for one replica. Rewards whose deadlines lie in a gap wait longer, since their events could not come in; none
 * closes before all that was received by its deadline is stored.
 */
export function createHeartbeat(options: HeartbeatOptions): Heartbeat {
  const { database, settledTo, canStore, steady, onGap } = options;
  const replica = randomUUID();
  let ended = false;
  let beganAt = Number.NEGATIVE_INFINITY;
  let beating: Promise<void> | undefined;

  async function send(settled: number): Promise<void> {
    const gapMs = await database.transaction({ role: 'rlaas_worker', tenants: [], idempotent: true }, (tx) =>
      beat(tx, { replica, settledTo: settled, silenceMs: SILENCE_MS }),
    );
    if (gapMs !== undefined) onGap(gapMs / 1_000);
  }

  async function beatOnce(): Promise<void> {
    if (!(await canStore()) || ended) return;
    const at = steady();
    // Read before the statement is sent: what is received meanwhile is later than that.
    await send(settledTo());
    beganAt = at;
  }

  /** One at a time: whoever needs one while it is sent waits for it. */
  function beatNow(): Promise<void> {
    beating ??= beatOnce().finally(() => {
      beating = undefined;
    });
    return beating;
  }

  return {
    beat: beatNow,
    renew: async () => {
      if (ended) throw new Error('the replica has said that it takes no more events');
      if (steady() - beganAt >= FRESH_MS) await beatNow();
    },
    end: async () => {
      ended = true;
      await send(Number.POSITIVE_INFINITY);
    },
  };
}
