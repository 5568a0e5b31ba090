import { join } from 'node:path';
import { type Database, newId } from '@rlaas/database';
import { type ServiceContext, pause } from '@rlaas/service';
import type { z } from 'zod';
import { type Decider, createDecider } from './decisions/decider.ts';
import { type LoggedDecisions, createLoggedDecisions } from './decisions/logged-decisions.ts';
import type { environmentSchema } from './env.ts';
import { createCollectorClient } from './forwarding/collector-client.ts';
import { type Journal, openJournal } from './journal/journal.ts';
import { createShipper } from './journal/shipper.ts';
import type { GatewayMetrics } from './metrics/gateway-metrics.ts';
import type { Catalogue } from './policies/catalogue.ts';
import type { Models } from './policies/models.ts';

type Context = ServiceContext<Readonly<z.output<typeof environmentSchema>>> & {
  database: Database;
  metrics: GatewayMetrics;
  catalogue: Catalogue;
  models: Models;
};

/** For this long a repeated request gets the decision that was recorded. */
const RECENT_MS = 600_000;
const COLLECTOR_TIMEOUT_MS = 10_000;

/** Opens the journal, begins to ship it, and gives back what decides with it and what looks decisions up. */
export async function startDeciding(context: Context): Promise<{ decide: Decider; logged: LoggedDecisions }> {
  const { env, logger, database, metrics, catalogue, models } = context;
  const journal = openOwnJournal(context);
  startShipping(context, journal);
  return {
    decide: createDecider({
      catalogue,
      journal,
      journalFull: env.JOURNAL_FULL,
      now: Date.now,
      newId,
      onDecided: (mode) => metrics.decided[mode].inc(),
      onUnlogged(error) {
        metrics.unlogged.inc();
        logger.error({ err: error }, 'a decision could not be written down');
      },
      onFailedScoring(policy, version, error) {
        metrics.failedScoring.inc();
        logger.error({ err: error, policy, version }, 'a version failed to score; the baseline was played');
      },
    }),
    logged: createLoggedDecisions({
      journal,
      catalogue,
      models,
      database,
      onFailure: (error) =>
        logger.error({ err: error }, 'a checkpoint could not be loaded to explain a decision'),
    }),
  };
}

function openOwnJournal({ env, logger, lifecycle, metrics }: Context): Journal {
  const journal = openJournal({
    folder: join(env.STATE_DIR, 'journal'),
    now: Date.now,
    keepMs: RECENT_MS,
    maxBytes: env.JOURNAL_MAX_BYTES,
    fsync: env.JOURNAL_FSYNC,
    onTorn: (found) => logger.warn(found, 'cut a torn entry off; it was never answered'),
    onDamage(found) {
      metrics.rejected.inc();
      logger.error(found, 'the journal is damaged: bytes that are no entry were set aside');
    },
  });
  lifecycle.onStop('resources', 'journal', () => journal.close());
  metrics.gauge(
    'journal_waiting_entries',
    'Decisions that the collector does not have yet.',
    () => journal.waiting().entries,
  );
  metrics.gauge('journal_waiting_bytes', 'Bytes of these.', () => journal.waiting().bytes);
  metrics.gauge('journal_bytes', 'Bytes of the journal on disk.', () => journal.bytesOnDisk());
  return journal;
}

function startShipping({ env, logger, lifecycle, metrics }: Context, journal: Journal): void {
  const shipper = createShipper({
    shipments: journal.shipments,
    send: createCollectorClient({
      url: env.COLLECTOR_URL,
      internalToken: env.INTERNAL_TOKEN,
      timeoutMs: COLLECTOR_TIMEOUT_MS,
    }),
    tidy: () => journal.tidy(),
    now: Date.now,
    pause,
    stopMs: env.SHUTDOWN_TIMEOUT / 2,
    onShipped: (entries) => metrics.shipped.inc(entries),
    onFailure(error, tenantId) {
      metrics.shipFailures.inc();
      logger.warn(
        { err: error, tenant: tenantId, waiting: journal.waiting().entries },
        'the journal could not be shipped; it is kept and tried again',
      );
    },
    onRejected({ tenantId, code, message }) {
      metrics.rejected.inc();
      logger.error({ tenant: tenantId, code, message }, 'the collector refused a decision; it was set aside');
    },
  });
  shipper.start();
  // Stopped before the journal, after the last request: what was answered last is shipped too.
  lifecycle.onStop('workers', 'shipper', () => shipper.stop());
}
