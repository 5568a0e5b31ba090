import type { Bench, BenchContext, BenchResult } from '../bench.ts';
import { startLoadGenerator } from '../load/load-generator.ts';
import { watchPeakMemory } from '../process/peak-memory.ts';
import { type Figure, ratiosOf } from '../report/figure.ts';
import { median } from '../statistics.ts';
import { type BareServer, startBareServer } from './bare-server.ts';
import { BATCH_GOAL, measureBatches } from './batches.ts';
import type { IngestBed, IngestSize } from './bed.ts';
import { openBenchDatabase } from './bench-database.ts';
import { type Collector, startCollector } from './collector-process.ts';
import type { ReferenceTable } from './reference-table.ts';
import { measureSingleEvents } from './single-events.ts';

const FULL: IngestSize = {
  repetitions: 5,
  events: 100_000,
  warmUpEvents: 200_000,
  seconds: 5,
  loneSeconds: 2,
};
const QUICK: IngestSize = { repetitions: 2, events: 20_000, warmUpEvents: 5_000, seconds: 2, loneSeconds: 1 };
/** Below this share of the reference the write path is not done. */
const LEAST = 0.5;

export const ingestBench: Bench = {
  name: 'ingest',
  summary: 'events over HTTP until they are durable, beside plain COPY and a bare Fastify route',
  run: (context) => runIngestBench(context, context.quick ? QUICK : FULL),
};

/** @param size how much; its events are a multiple of 100 */
export async function runIngestBench(context: BenchContext, size: IngestSize): Promise<BenchResult> {
  const { releases, print, connections = 16, singleConnections = 64 } = context;
  print('starting Postgres');
  const database = await openBenchDatabase(releases, context.folder);
  const load = await releases.acquire(
    async () => startLoadGenerator(),
    (started) => started.stop(),
  );
  const busy = { collector: 0, bare: 0 };
  const bed: IngestBed = {
    size,
    database,
    load,
    folder: context.folder,
    now: context.now,
    print,
    onBusy: (server, share) => {
      busy[server] = Math.max(busy[server], share);
    },
  };
  const batches = await withPeakMemory(
    await acquireCollector(context, database.appUrl),
    context.print,
    (collector) => measureBatches(bed, collector, connections),
  );
  const bare = await releases.acquire(startBareServer, (started) => started.stop());
  // Another process, so that its peak is that of single events alone.
  const singleEvents = await withPeakMemory(
    await acquireCollector(context, database.appUrl),
    context.print,
    (collector) => measureSingleEvents(bed, { collector, bare }, singleConnections),
    bare,
  );
  return {
    postgres: database.version,
    figures: [...batches, ...singleEvents],
    notes: [
      goalLine(batches),
      ...referenceLines(database.reference),
      `load generator: busy up to ${percent(busy.collector)} of the time with the collector, ${percent(busy.bare)} with bare Fastify; ` +
        'near 100 % it is the limit, not the server',
    ],
  };
}

function percent(share: number): string {
  return `${(share * 100).toFixed(0)} %`;
}

function acquireCollector({ releases, root }: BenchContext, databaseUrl: string): Promise<Collector> {
  return releases.acquire(
    () => startCollector({ root, databaseUrl }),
    (started) => started.stop(),
  );
}

/** Measures on a collector, adds the most memory that it held, tells what it complained of, and stops it. */
async function withPeakMemory(
  collector: Collector,
  print: (line: string) => void,
  measure: (collector: Collector) => Promise<Figure[]>,
  reference?: BareServer,
): Promise<Figure[]> {
  const memory = watchPeakMemory(collector.pid);
  const referenceMemory = reference && watchPeakMemory(reference.pid);
  try {
    const figures = await measure(collector);
    const peak: Figure = { name: '  memory, peak', unit: 'bytes', measured: [await memory.bytes()] };
    if (referenceMemory) {
      peak.reference = { name: 'bare Fastify', measured: [await referenceMemory.bytes()] };
    }
    return [...figures, peak];
  } finally {
    memory.stop();
    referenceMemory?.stop();
    await collector.stop();
    for (const line of collector.log()) print(`collector | ${line}`);
  }
}

function goalLine(figures: readonly Figure[]): string {
  const ratios = figures[0] && ratiosOf(figures[0]);
  const ratio = median(ratios ?? []);
  const verdict = ratio >= BATCH_GOAL ? 'reached' : ratio >= LEAST ? 'not reached' : 'not done';
  return `batches: goal ${BATCH_GOAL.toFixed(2)}; below ${LEAST.toFixed(2)} is not done. ${ratio.toFixed(2)}: ${verdict}`;
}

function referenceLines(table: ReferenceTable): string[] {
  const partitions = table.partitions === 0 ? 'not partitioned' : `${table.partitions} partitions`;
  const lines = [
    `COPY: the same rows by one statement on one connection into a table like rlaas.events (${table.indexes} indexes, ${partitions}), ` +
      'but without row-level security, with which COPY is refused',
  ];
  if (table.foreignKeys > 0) {
    lines.push(
      `COPY: its table lacks the ${table.foreignKeys} foreign keys of rlaas.events, so the ratio is too low`,
    );
  }
  return lines;
}
