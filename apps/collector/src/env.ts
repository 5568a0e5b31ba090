import { commonEnvironment, countField, durationMs, portField, secretField } from '@rlaas/service';

/** What the collector reads from its environment. */
export const environmentSchema = commonEnvironment.extend({
  COLLECTOR_PORT: portField(8081),
  COLLECTOR_METRICS_PORT: portField(9465),
  /** Seals the keys under which subjects are hashed. Without it events with a subject are refused. */
  RLAAS_MASTER_KEY: secretField({ min: 32 }).optional(),
  /** Groups of events that are written at the same time, each on a connection of its own. */
  INGEST_WRITERS: countField(2, { min: 1, max: 16 }),
  /** Longest time that an event waits for others to be committed with. */
  INGEST_LINGER: durationMs('5ms'),
  /** Events and mebibytes per second that one key may send. */
  INGEST_EVENTS_PER_KEY: countField(50_000, { min: 1 }),
  INGEST_MIB_PER_KEY: countField(64, { min: 1 }),
});
