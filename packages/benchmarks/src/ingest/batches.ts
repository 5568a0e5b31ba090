import { join } from 'node:path';
import { BenchFailure } from '../bench-failure.ts';
import { writeBodies } from '../load/bodies-file.ts';
import { inTurns } from '../repetitions.ts';
import { type Figure, shown } from '../report/figure.ts';
import { percentile } from '../statistics.ts';
import { type IngestBed, sendEvents } from './bed.ts';
import type { Collector } from './collector-process.ts';
import { copyRows } from './copy-reference.ts';
import { copyText } from './copy-text.ts';
import { bodiesOf, makeEvents } from './events.ts';
import { REFERENCE } from './reference-table.ts';

export const BATCH_GOAL = 0.8;
const EVENTS_PER_BODY = 100;
/** A collector slower than this has a fault that no figure would tell. */
const SLOWEST_MS_PER_EVENT = 5;
const PATIENCE_MS = 60_000;

/** What one side stored, and how fast. */
interface Stored {
  perSecond: number;
  bytesPerRow: number;
}

interface Input {
  count: number;
  bodiesFile: string;
  rows: Buffer[];
}

/** Batches over HTTP, beside plain COPY of the same rows. */
export async function measureBatches(
  bed: IngestBed,
  collector: Collector,
  connections: number,
): Promise<Figure[]> {
  const { size, database, print } = bed;
  const latencies: Float64Array[] = [];
  const measure = async (input: Input): Promise<Stored> => {
    await database.reset();
    const load = await sendEvents(bed, {
      server: collector,
      bodiesFile: input.bodiesFile,
      eventsPerBody: EVENTS_PER_BODY,
      connections,
      timeoutMs: PATIENCE_MS + input.count * SLOWEST_MS_PER_EVENT,
    });
    latencies.push(load.latenciesMs);
    return stored(bed, 'rlaas.events', input.count, load.elapsedMs);
  };
  const refer = async (input: Input): Promise<Stored> => {
    await database.reset();
    const elapsedMs = await copyRows(database.client, database.reference.columns, input.rows, input.count);
    return stored(bed, REFERENCE, input.count, elapsedMs);
  };

  print(`batches: warming up with ${size.warmUpEvents} events`);
  const warmUp = await prepare(bed, size.warmUpEvents);
  const [ours, theirs] = [await measure(warmUp), await refer(warmUp)];
  mustBeAlike(ours, theirs);
  latencies.length = 0;

  const pairs = await inTurns(size.repetitions, {
    prepare: () => prepare(bed, size.events),
    measure,
    refer,
    done({ measured, reference }, repetition) {
      print(
        `batches: ${repetition} of ${size.repetitions}: collector ${shown(measured.perSecond, 'per_second')}, ` +
          `COPY ${shown(reference.perSecond, 'per_second')}, ratio ${(measured.perSecond / reference.perSecond).toFixed(2)}`,
      );
    },
  });
  return [
    {
      name: `batches of ${EVENTS_PER_BODY}, ${connections} connections: events`,
      unit: 'per_second',
      measured: pairs.map(({ measured }) => measured.perSecond),
      reference: { name: 'COPY', measured: pairs.map(({ reference }) => reference.perSecond) },
      goal: BATCH_GOAL,
    },
    { name: '  request, p50', unit: 'ms', measured: latencies.map((values) => percentile(values, 0.5)) },
    { name: '  request, p99', unit: 'ms', measured: latencies.map((values) => percentile(values, 0.99)) },
  ];
}

async function prepare(bed: IngestBed, count: number): Promise<Input> {
  const events = makeEvents(count, bed.now);
  const bodiesFile = join(bed.folder, 'batches');
  await writeBodies(bodiesFile, bodiesOf(events, EVENTS_PER_BODY));
  const { tenantId, reference } = bed.database;
  const rows = copyText(events, reference.columns, { tenantId, receivedAt: new Date(bed.now()) });
  return { count, bodiesFile, rows };
}

async function stored(
  bed: IngestBed,
  table: 'rlaas.events' | typeof REFERENCE,
  count: number,
  elapsedMs: number,
): Promise<Stored> {
  const { rows, bytesPerRow } = await bed.database.contents(table);
  if (rows !== count) throw new BenchFailure(`${table} has ${rows} rows after ${count} were acknowledged`);
  return { perSecond: (count / elapsedMs) * 1_000, bytesPerRow };
}

/** A reference that stores less than the collector does, or more, would be none. */
function mustBeAlike(ours: Stored, theirs: Stored): void {
  if (Math.abs(theirs.bytesPerRow / ours.bytesPerRow - 1) > 0.01) {
    throw new BenchFailure(
      `rows of the collector have ${ours.bytesPerRow.toFixed(1)} bytes, those of the reference ${theirs.bytesPerRow.toFixed(1)}: ` +
        'copy-text.ts must fill the columns as the collector does',
    );
  }
}
