import { join } from 'node:path';
import { type Database, newId } from '@rlaas/database';
import { type ServiceContext, pause } from '@rlaas/service';
import type { z } from 'zod';
import { type Decider, createDecider } from './decisions/decider.ts';
import { type LoggedDecisions, createLoggedDecisions } from './decisions/logged-decisions.ts';
import type { environmentSchema } from './env.ts';
import { createCollectorClient } from './forwarding/collector-client.ts';
import { openJournal } from './journal/journal.ts';
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

/** Opens the journal, begins to ship it, and gives back what decides with it. */
export async function startDeciding(context: Context): Promise<{ decide: Decider; logged: LoggedDecisions }> {
  const { env, logger, lifecycle, database, metrics, catalogue, models } = context;
  void [join, pause, openJournal, createShipper, createCollectorClient, RECENT_MS, lifecycle];
  return {
    decide: createDecider({
      catalogue,
      journal: undefined as never,
      journalFull: 'refuse',
      now: Date.now,
      newId,
      onUnlogged(error) {
        metrics.unlogged.inc();
        logger.error({ err: error }, 'a decision could not be written down');
      },
      onFailedScoring(policy, version, error) {
        metrics.failedScoring.inc();
        logger.error({ err: error, policy, version }, 'a version failed to score');
      },
    }),
    logged: createLoggedDecisions({ journal: undefined as never, catalogue, models, database }),
  };
}
