import type { Database } from '@rlaas/database';
import { countDeliveries } from '@rlaas/database';
import { type Lifecycle, startWorkLoop } from '@rlaas/service';
import type { FastifyBaseLogger } from 'fastify';
import { Counter, Gauge, type Registry } from 'prom-client';
import { createReceipts } from './events/receipts.ts';
import { createSubjectKeys } from './events/subject-keys.ts';
import { BEAT_MS, createHeartbeat } from './heartbeats/heartbeat.ts';
import { createImports } from './imports/imports.ts';
import { createIngest } from './ingest/ingest.ts';
import { createBodyBudget } from './intake/body-budget.ts';
import { createQuotas } from './intake/quotas.ts';
import { createDeadLetters } from './letters/dead-letters.ts';
import { createIngestMetrics } from './metrics/ingest-metrics.ts';
import { createPartitionKeeper } from './partitions/partition-keeper.ts';
import type { CollectorRoutes } from './routes/index.ts';
import { createSubjectKeyStore } from './store/subject-keys.ts';
import { createGroupCommitter } from './writing/group-committer.ts';
import { createWriteGroup } from './writing/write-group.ts';
import { SettledTime } from './writing/settled-time.ts';
import { WriteQueue } from './writing/write-queue.ts';

export interface CollectingOptions {
  database: Database;
  /** Connections for writing groups alone, so that no list or look-up holds them up. */
  writing: Database;
  masterKey: string | undefined;
  writers: number;
  lingerMs: number;
  eventsPerKey: number;
  bytesPerKey: number;
  /** Longest time without a byte of a body, in milliseconds. Default: 10 s. */
  stallMs?: number;
  logger: FastifyBaseLogger;
  registry: Registry;
  lifecycle: Lifecycle;
  /** Milliseconds since 1970. */
  now: () => number;
}

const BODY_BYTES = 32 * 1024 * 1024;
const STALL_MS = 10_000;
const PARTITIONS_MS = 60_000;
const BACKLOG_MS = 10_000;

/** Puts the event path together and starts what runs beside requests. */
export function startCollecting(options: CollectingOptions): CollectorRoutes & {
  partitions: ReturnType<typeof createPartitionKeeper>;
} {
  const { database, logger, registry, lifecycle, now } = options;
  // How long something waits is not measured by a clock that can be set.
  const steady = (): number => performance.now();
  const queue = new WriteQueue();
  const budget = createBodyBudget(BODY_BYTES);
  const partitions = createPartitionKeeper(database, now);
  const metrics = createIngestMetrics(registry, {
    queue: () => ({ ...queue.held, ageSeconds: (steady() - (queue.waitingSince ?? steady())) / 1_000 }),
    partitionsAheadDays: partitions.daysAhead,
    bodyBytes: () => budget.held,
  });
  let arriving = 0;
  const settling = new SettledTime(now, steady);
  const heartbeat = createHeartbeat({
    database,
    settledTo: () => settling.settledTo(),
    canStore: async () => (await partitions.check()).ok,
    steady,
    onGap(seconds) {
      logger.warn({ seconds }, 'no replica took events for a while; the gap is noted');
      metrics.gap(seconds);
    },
  });
  const committer = createGroupCommitter({
    queue,
    write: createWriteGroup({
      database: options.writing,
      settling,
      announce: heartbeat.renew,
      onCommitted: metrics.committed,
      onLost: (error) =>
        logger.error({ err: error }, 'a group of events was not stored; its events are to be sent again'),
      onPartitionMissing: () => {
        partitions
          .keep()
          .catch((error: unknown) => logger.error({ err: error }, 'partitions could not be made'));
      },
    }),
    writers: options.writers,
    lingerMs: options.lingerMs,
    arriving: () => arriving,
    now: steady,
  });
  // After the requests have ended; what they left is written before the connections close.
  lifecycle.onStop('workers', 'groups of events', async () => {
    await committer.drained();
    // From now on nobody has to wait for what this replica received.
    await heartbeat.end();
  });
  const ingest = createIngest({
    committer,
    subjectKeys: createSubjectKeys(options.masterKey, createSubjectKeyStore(database)),
    oldestIdMs: partitions.oldestIdMs,
    ledger: metrics,
    now,
    onSubjectKeyLost: (error) => logger.error({ err: error }, 'the key of subjects could not be read'),
  });
  const imports = createImports(database, now);
  const replayed = new Counter({
    name: 'rlaas_collector_dead_letters_replayed_total',
    help: 'Dead letters that were taken up again, by what became of them.',
    labelNames: ['status'],
    registers: [registry],
  });
  const letters = createDeadLetters({
    database,
    ingest,
    imports,
    now,
    onReplayed: ({ received: _received, ...counts }) => {
      for (const [status, events] of Object.entries(counts)) replayed.inc({ status }, events);
    },
  });
  startUpkeep(options, partitions, heartbeat);
  return {
    partitions,
    ingest,
    imports,
    letters,
    receipts: createReceipts(database),
    quotas: createQuotas(
      { events: { perSecond: options.eventsPerKey }, bytes: { perSecond: options.bytesPerKey } },
      now,
    ),
    onDropped: ({ reason, count }) => metrics.dropped(reason, count),
    intake: {
      budget,
      stallMs: options.stallMs ?? STALL_MS,
      admits: (tenantId) => queue.admits(tenantId),
      arriving() {
        arriving += 1;
        return () => {
          arriving -= 1;
        };
      },
    },
  };
}

/** What runs all the time: partitions, heartbeats, a look at what waits for consumers. */
function startUpkeep(
  { database, logger, registry, lifecycle }: CollectingOptions,
  partitions: ReturnType<typeof createPartitionKeeper>,
  heartbeat: ReturnType<typeof createHeartbeat>,
): void {
  const loop = (name: string, idleMs: number, work: () => Promise<void>): void =>
    startWorkLoop({
      name,
      lifecycle,
      logger,
      idleMs,
      round: async () => {
        await work();
        return false;
      },
    });
  loop('partitions of events', PARTITIONS_MS, () => partitions.keep());
  loop('heartbeat', BEAT_MS, heartbeat.beat);
  const waiting = new Gauge({
    name: 'rlaas_collector_deliveries_waiting',
    help: 'Deliveries of batches that a consumer has not taken; at most 100,000 are counted.',
    labelNames: ['consumer'],
    registers: [registry],
  });
  loop('backlog of consumers', BACKLOG_MS, async () => {
    const counts = await database.transaction(
      { role: 'rlaas_worker', tenants: [], readOnly: true },
      countDeliveries,
    );
    for (const [consumer, deliveries] of counts) waiting.set({ consumer }, deliveries);
  });
}
