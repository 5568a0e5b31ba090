import { appendFileSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { IngestAnswer } from '@rlaas/schemas';
import type { Journal, JournalEntry } from './journal.ts';

export interface ShipperOptions {
  journal: Journal;
  /** Sends entries of one tenant to the collector. @throws when no answer came */
  send: (tenantId: string, events: readonly unknown[]) => Promise<IngestAnswer>;
  /** Where entries go that the collector refuses. They are never dropped. */
  rejectedFolder: string;
  /** Ends early when the signal is aborted. */
  pause: (ms: number, signal: AbortSignal) => Promise<void>;
  onFailure: (error: unknown) => void;
  onRejected: (entry: JournalEntry, code: string) => void;
}

/** Brings the journal to the collector, for as long as it takes. */
export interface Shipper {
  start(): void;
  /** Ships what is there now, once, and stops. What does not get through stays in the journal. */
  stop(): Promise<void>;
}

const BATCH = 500;
/** Half of what the collector takes in one request. */
const BATCH_BYTES = 4 * 1024 * 1024;
const IDLE_MS = 50;
const LONGEST_PAUSE_MS = 5_000;

export function createShipper(options: ShipperOptions): Shipper {
  const { journal, send, rejectedFolder, pause, onFailure, onRejected } = options;
  let running: Promise<void> | undefined;
  const halt = new AbortController();

  async function run(): Promise<void> {
    let wait = IDLE_MS;
    while (!halt.signal.aborted) {
      const done = await shipOnce();
      wait = done === 'failed' ? Math.min(wait * 2, LONGEST_PAUSE_MS) : IDLE_MS;
      if (done !== 'shipped') await pause(wait, halt.signal);
    }
    while ((await shipOnce()) === 'shipped');
  }

  async function shipOnce(): Promise<'shipped' | 'empty' | 'failed'> {
    const batch = journal.next(BATCH, BATCH_BYTES);
    if (!batch) return 'empty';
    try {
      for (const [tenantId, entries] of byTenant(batch.entries)) {
        const answer = await send(
          tenantId,
          entries.map((entry) => entry.event),
        );
        // Some were not stored: all are sent again, and those that were come back as duplicates.
        if (answer.counts.retry > 0) throw new Error(`${answer.counts.retry} decisions were not stored`);
        for (const result of answer.results) {
          const entry = entries[result.index];
          if (result.status === 'rejected' && entry) setAside(entry, result.code ?? 'rejected');
        }
      }
    } catch (error) {
      onFailure(error);
      return 'failed';
    }
    batch.shipped();
    return 'shipped';
  }

  function setAside(entry: JournalEntry, code: string): void {
    mkdirSync(rejectedFolder, { recursive: true, mode: 0o700 });
    appendFileSync(join(rejectedFolder, 'rejected.ndjson'), `${JSON.stringify({ code, ...entry })}\n`, {
      mode: 0o600,
    });
    onRejected(entry, code);
  }

  return {
    start() {
      running ??= run();
    },
    async stop() {
      halt.abort();
      await running;
    },
  };
}

function byTenant(entries: readonly JournalEntry[]): Map<string, JournalEntry[]> {
  const groups = new Map<string, JournalEntry[]>();
  for (const entry of entries) {
    const group = groups.get(entry.tenantId);
    if (group) group.push(entry);
    else groups.set(entry.tenantId, [entry]);
  }
  return groups;
}
