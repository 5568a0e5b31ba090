import { join } from 'node:path';
import { type Database, newId } from '@rlaas/database';
import { createObjectStore } from '@rlaas/object-store';
import { type ServiceContext, objectStoreConfiguration, pause } from '@rlaas/service';
import { Counter, Gauge } from 'prom-client';
import type { z } from 'zod';
import { type Decider, createDecider } from './decisions/decider.ts';
import { RECENT_MS, RecentDecisions } from './decisions/recent-decisions.ts';
import type { environmentSchema } from './env.ts';
import { createCollectorClient } from './forwarding/collector-client.ts';
import { openJournal } from './journal/journal.ts';
import { createShipper } from './journal/shipper.ts';
import { createCatalogue } from './policies/catalogue.ts';
import { loadServed } from './store/served-policies.ts';

type Context = ServiceContext<Readonly<z.output<typeof environmentSchema>>> & { database: Database };

/** Opens the journal, begins to ship it and to load what is served, and gives back what decides with them. */
export async function startDeciding({
  env,
  logger,
  registry,
  lifecycle,
  database,
}: Context): Promise<Decider> {
  const count = (name: string, help: string) =>
    new Counter({ name: `rlaas_gateway_${name}_total`, help, registers: [registry] });
  const unlogged = count(
    'decisions_unlogged',
    'Decisions that could not be written down: the baseline was answered.',
  );
  const rejected = count(
    'journal_rejected',
    'Decisions that the collector refused; they are in journal/rejected.',
  );
  const failures = count('journal_ship_failures', 'Tries to bring the journal to the collector that failed.');

  const journal = openJournal({
    folder: join(env.STATE_DIR, 'journal'),
    now: Date.now,
    keepMs: RECENT_MS,
    onTorn: (segment, bytes) =>
      logger.warn({ segment, bytes }, 'cut a torn entry off; it was never answered'),
  });
  lifecycle.onStop('resources', 'journal', () => journal.close());
  registry.registerMetric(
    new Gauge({
      name: 'rlaas_gateway_journal_waiting_entries',
      help: 'Decisions that the collector does not have yet.',
      registers: [],
      collect() {
        this.set(journal.waiting());
      },
    }),
  );

  const catalogue = createCatalogue({
    load: () => loadServed(database),
    store: createObjectStore(objectStoreConfiguration(env)),
    pause,
    onFailure: (error, what) =>
      logger.error({ err: error, what }, 'could not be loaded; the last good one is served'),
    onLoaded: (tenant, { name, active, degraded }) =>
      logger.info(
        { tenant, policy: name, version: active?.version, checkpoint: active?.checkpoint, degraded },
        'policy loaded',
      ),
  });
  await catalogue.refresh();
  catalogue.start();
  lifecycle.onStop('workers', 'catalogue', () => catalogue.stop());

  const shipper = createShipper({
    journal,
    send: createCollectorClient({
      url: env.COLLECTOR_URL,
      internalToken: env.INTERNAL_TOKEN,
      timeoutMs: 10_000,
    }),
    rejectedFolder: join(env.STATE_DIR, 'journal', 'rejected'),
    pause,
    onFailure(error) {
      failures.inc();
      logger.warn({ err: error, waiting: journal.waiting() }, 'the journal could not be shipped; it is kept');
    },
    onRejected(entry, code) {
      rejected.inc();
      logger.error({ decision: entry.event.id, code }, 'the collector refused a decision; it was set aside');
    },
  });
  shipper.start();
  // Stopped before the journal, after the last request: what was answered last is shipped too.
  lifecycle.onStop('workers', 'shipper', () => shipper.stop());

  return createDecider({
    catalogue,
    journal,
    recent: new RecentDecisions(Date.now, journal.kept()),
    now: Date.now,
    newId,
    onUnlogged(error) {
      unlogged.inc();
      logger.error({ err: error }, 'a decision could not be written down; the baseline was answered');
    },
  });
}
