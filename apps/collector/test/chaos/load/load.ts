import { setTimeout as sleep } from 'node:timers/promises';
import type { SentEvent } from '../history/history.ts';
import type { Random } from '../random.ts';
import type { HistoryLog } from './history-log.ts';
import type { LoadShape } from './load-shape.ts';
import { type Sender, createSender } from './sender.ts';
import { createWorkload } from './workload.ts';

const RESENDS = 6;
const FIRST_PAUSE_MS = 50;
const LONGEST_PAUSE_MS = 1_000;
const SETTLE_MS = 90_000;
const SETTLE_BATCH = 60;
const SETTLE_PATIENCE_MS = 15_000;

export interface LoadOptions {
  clients: number;
  apiKey: string;
  shape: LoadShape;
  random: Random;
  log: HistoryLog;
  /** Where the collector is now. */
  origin: () => string;
  /** Milliseconds since the begin of the run. */
  elapsed: () => number;
}

/** Clients that send until they are stopped. */
export interface Load {
  /** Ends when each client had the answer to its last request. */
  stop(): Promise<void>;
  /** Sends what has no end, until it has one or 90 s have passed. For when all is well again. */
  settle(): Promise<void>;
}

export function startLoad(options: LoadOptions): Load {
  const { shape, random, log, origin, elapsed } = options;
  const workload = createWorkload(random.fork('workload'), shape, Date.now);
  const stopping = new AbortController();
  const running = Array.from({ length: options.clients }, (_, client) => run(client));
  // Who asks for the end hears of it; until then it must not count as unhandled.
  for (const client of running) client.catch(() => undefined);

  async function attempt(
    sender: Sender,
    client: number,
    events: readonly SentEvent[],
    { whole, patienceMs }: { whole: boolean; patienceMs: number },
  ): Promise<SentEvent[]> {
    const startedAt = elapsed();
    const answer = await sender.send(events, { origin: origin(), whole, patienceMs });
    return log.record({ client, startedAt, endedAt: elapsed(), events, whole, answer });
  }

  async function run(client: number): Promise<void> {
    const own = random.fork(`client ${client}`);
    const sender = createSender(options.apiKey);
    try {
      while (!stopping.signal.aborted) {
        let open = workload.batch(own);
        for (let tries = 0; open.length > 0 && tries <= RESENDS && !stopping.signal.aborted; tries += 1) {
          if (tries > 0) await pause(pauseBefore(tries, own));
          const patienceMs = own.chance(shape.hangUps) ? own.int(1, 60) : own.int(...shape.patienceMs);
          open = await attempt(sender, client, open, { whole: own.chance(0.5), patienceMs });
        }
        await pause(own.int(...shape.thinkMs));
      }
    } finally {
      sender.close();
    }
  }

  async function pause(ms: number): Promise<void> {
    // The stop cuts it short; that is no error.
    await sleep(ms, undefined, { signal: stopping.signal }).catch(() => undefined);
  }

  return {
    async stop() {
      stopping.abort();
      await Promise.all(running);
    },
    async settle() {
      const own = random.fork('settling');
      const sender = createSender(options.apiKey);
      const deadline = elapsed() + SETTLE_MS;
      try {
        for (let tries = 1; log.open.size > 0 && elapsed() < deadline; tries += 1) {
          const open = [...log.open];
          for (let from = 0; from < open.length && elapsed() < deadline; from += SETTLE_BATCH) {
            const events = open.slice(from, from + SETTLE_BATCH);
            await attempt(sender, -1, events, { whole: true, patienceMs: SETTLE_PATIENCE_MS });
          }
          if (log.open.size > 0) await sleep(pauseBefore(tries, own));
        }
      } finally {
        sender.close();
      }
    },
  };
}

/** Doubled each time, bounded, and not the same for everybody. */
function pauseBefore(tries: number, random: Random): number {
  return Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** tries) * (0.5 + random.next() / 2);
}
