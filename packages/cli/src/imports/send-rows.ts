import type { Event } from '@rlaas/schemas';
import type { SentEvent } from './import-server.ts';

/** A row with its events; all of them go in one batch. */
export interface MappedSourceRow {
  line: number;
  values: unknown;
  events: readonly Event[];
}

export interface SendOptions {
  send: (events: readonly Event[]) => Promise<SentEvent[]>;
  /** Told of each row, with the answers to its events. */
  settle: (row: MappedSourceRow, sent: readonly SentEvent[]) => Promise<void>;
}

const BATCH_EVENTS = 500;
/** Of JSON, a quarter of what a batch may have. */
const BATCH_CHARACTERS = 2 * 1024 * 1024;
const BATCHES_UNDER_WAY = 2;

/**
 * Sends rows in batches, two at a time; rows are read no faster than batches are answered.
 * @throws whatever reading, sending or settling throws first, when nothing is under way any more
 */
export async function sendRows(rows: AsyncIterable<MappedSourceRow>, options: SendOptions): Promise<void> {
  const underWay = new Set<Promise<void>>();
  let failure: { error: unknown } | undefined;
  let batch: MappedSourceRow[] = [];
  let [events, characters] = [0, 0];

  async function launch(): Promise<void> {
    const going = batch;
    [batch, events, characters] = [[], 0, 0];
    if (going.length === 0) return;
    while (underWay.size >= BATCHES_UNDER_WAY) await Promise.race(underWay);
    const sending: Promise<void> = deliver(going, options)
      .catch((error: unknown) => void (failure ??= { error }))
      .finally(() => underWay.delete(sending));
    underWay.add(sending);
  }

  try {
    for await (const row of rows) {
      const size = JSON.stringify(row.events).length;
      if (events + row.events.length > BATCH_EVENTS || characters + size > BATCH_CHARACTERS) await launch();
      if (failure) break;
      batch.push(row);
      events += row.events.length;
      characters += size;
    }
    if (!failure) await launch();
  } finally {
    await Promise.all(underWay);
  }
  if (failure) throw failure.error;
}

async function deliver(rows: readonly MappedSourceRow[], { send, settle }: SendOptions): Promise<void> {
  const answers = await send(rows.flatMap((row) => row.events));
  let from = 0;
  for (const row of rows) {
    await settle(row, answers.slice(from, from + row.events.length));
    from += row.events.length;
  }
}
