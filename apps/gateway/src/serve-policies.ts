import { join } from 'node:path';
import { type Database, createNotifications } from '@rlaas/database';
import { createObjectStore } from '@rlaas/object-store';
import { type ServiceContext, objectStoreConfiguration, pause } from '@rlaas/service';
import type { z } from 'zod';
import type { environmentSchema } from './env.ts';
import type { GatewayMetrics } from './metrics/gateway-metrics.ts';
import { type Catalogue, createCatalogue } from './policies/catalogue.ts';
import { type Models, createModels } from './policies/models.ts';
import { filePolicyMemory } from './policies/policy-memory.ts';
import { createPolicyWatch } from './policies/policy-watch.ts';
import { loadServed } from './store/served-policies.ts';

type Context = ServiceContext<Readonly<z.output<typeof environmentSchema>>> & {
  database: Database;
  metrics: GatewayMetrics;
};

/** Loads what is served, from disk or Postgres, and keeps it up to date until the gateway stops. */
export async function servePolicies({
  env,
  logger,
  lifecycle,
  database,
  metrics,
}: Context): Promise<{ catalogue: Catalogue; models: Models }> {
  const folder = join(env.STATE_DIR, 'policies');
  const models = createModels(
    join(folder, 'models'),
    createObjectStore(objectStoreConfiguration(env)),
    (path, error) => logger.warn({ err: error, path }, 'a checkpoint is served without a copy for a restart'),
  );
  const catalogue = createCatalogue({
    buildVersion: models.build,
    // A clock that is set back must not keep anything from being tried again.
    now: () => performance.now(),
    onRefused(what, error) {
      metrics.refusedArtefacts.inc();
      logger.error({ err: error, what }, 'cannot be loaded; the last good one is served');
    },
    onLoaded: (tenant, { name, active, canary, shadows, degraded }) =>
      logger.info(
        {
          tenant,
          policy: name,
          version: active?.version,
          checkpoint: active?.checkpoint,
          canary: canary && `${canary.version.version}/${canary.version.checkpoint}`,
          share: canary?.share,
          shadows: shadows.map(({ version, checkpoint }) => `${version}/${checkpoint}`),
          degraded,
        },
        'policy loaded',
      ),
  });
  metrics.gauge('artefacts_refused', 'Artefacts that cannot be loaded at present.', catalogue.refused);

  const notifications = createNotifications({
    url: env.DATABASE_DIRECT_URL ?? env.DATABASE_URL,
    channel: 'rlaas_policies',
    applicationName: 'rlaas-gateway',
    onNotification: () => watch.look(),
    onState(hears, error) {
      // What changed while nobody heard is not told again.
      watch.look();
      logger.info(
        { err: error, hears },
        hears ? 'changes of policies are told' : 'policies are looked at each second',
      );
    },
    pause,
  });
  let failing = false;
  const watch = createPolicyWatch({
    catalogue,
    models,
    memory: filePolicyMemory(join(folder, 'served.json'), (path, error) =>
      logger.error({ err: error, path }, 'what was served last cannot be read; it was set aside'),
    ),
    async load() {
      const rows = await loadServed(database);
      if (failing) logger.info('policies are loaded from Postgres again');
      failing = false;
      return rows;
    },
    pause,
    isTold: () => notifications.hears,
    onFailure(error, what) {
      if (what === 'keep') logger.error({ err: error }, 'what is served cannot be kept for a restart');
      // Once for an outage, not each second.
      else if (!failing) logger.error({ err: error }, 'policies cannot be loaded; the last ones are served');
      failing ||= what === 'load';
    },
  });
  await watch.begin();
  watch.start();
  notifications.start();
  lifecycle.onStop('workers', 'policies', async () => {
    await Promise.all([watch.stop(), notifications.stop()]);
  });
  return { catalogue, models };
}
