import { randomBytes } from 'node:crypto';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { withOwner } from '@rlaas/database';
import { freePort } from '@rlaas/database/embedded';
import type { StoredDecision } from '../history/history.ts';
import { type ServiceProcess, createServiceProcess } from './service-process.ts';

/** A migrated and seeded database. */
export interface WorldDatabase {
  /** Login of the services. */
  url: string;
  /** A superuser's. */
  ownerUrl: string;
}

/** A gateway, a collector and what they keep. */
export interface World {
  gateway: ServiceProcess;
  /** Another one with the same `STATE_DIR`. */
  rival: ServiceProcess;
  collector: ServiceProcess;
  /** Has the version of the seed decide, or only watch. */
  activate: (active: boolean) => Promise<void>;
  /** Decisions that came in since the begin. */
  stored: () => Promise<StoredDecision[]>;
  /** What the gateway set aside, and dead letters: nothing, when all is well. */
  refused: () => Promise<string[]>;
  end: () => Promise<void>;
}

const VERSION = 'support-draft-v0';

export async function makeWorld(database: WorldDatabase, fsync: 'never' | 'always'): Promise<World> {
  const folder = await mkdtemp(join(tmpdir(), 'rlaas-gateway-chaos-'));
  const stateFolder = join(folder, 'gateway');
  const [collectorPort, collectorMetricsPort] = [await freePort(), await freePort()];
  const common = {
    RLAAS_ENV: 'local',
    INTERNAL_TOKEN: randomBytes(24).toString('hex'),
    DATABASE_URL: database.url,
    DATABASE_DIRECT_URL: database.url,
    HOST: '127.0.0.1',
    METRICS_HOST: '127.0.0.1',
    LOG_LEVEL: 'warn',
    LOG_FORMAT: 'json',
    RATE_LIMIT_PER_KEY: '1000000',
  };
  const collector = createServiceProcess('collector', collectorPort, {
    ...common,
    COLLECTOR_PORT: String(collectorPort),
    COLLECTOR_METRICS_PORT: String(collectorMetricsPort),
  });
  const makeGateway = async (): Promise<ServiceProcess> => {
    const [port, metricsPort] = [await freePort(), await freePort()];
    return createServiceProcess('gateway', port, {
      ...common,
      GATEWAY_PORT: String(port),
      GATEWAY_METRICS_PORT: String(metricsPort),
      STATE_DIR: stateFolder,
      OBJECT_STORE_DIR: join(folder, 'objects'),
      JOURNAL_FSYNC: fsync,
      COLLECTOR_URL: collector.origin,
    });
  };
  const gateway = await makeGateway();
  const rival = await makeGateway();
  const before = new Set((await decisions(database.ownerUrl)).map(({ id }) => id));
  return {
    gateway,
    rival,
    collector,
    activate: (active) =>
      withOwner(database.ownerUrl, async (client) => {
        await client.query('update rlaas.policy_versions set status = $1 where name = $2', [
          active ? 'active' : 'shadow',
          VERSION,
        ]);
      }),
    stored: async () => (await decisions(database.ownerUrl)).filter(({ id }) => !before.has(id)),
    async refused() {
      const rejected = join(stateFolder, 'journal', 'rejected');
      const files = await readdir(rejected).catch((error: NodeJS.ErrnoException) => {
        if (error.code === 'ENOENT') return [];
        throw error;
      });
      const letters = await withOwner(database.ownerUrl, async (client) => {
        const { rows } = await client.query<{ letter: string }>(
          "select code || ' ' || event as letter from rlaas.dead_letters",
        );
        return rows.map(({ letter }) => letter);
      });
      // A write that the kill cut in two leaves its first part: nobody was answered that.
      return [...files.filter((name) => !name.startsWith('torn-')), ...letters];
    },
    async end() {
      await gateway.kill();
      await rival.kill();
      await collector.kill();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

function decisions(ownerUrl: string): Promise<StoredDecision[]> {
  return withOwner(ownerUrl, async (client) => {
    const { rows } = await client.query<StoredDecision>(
      `select id, data -> 'actions' -> (data ->> 'chosen')::int ->> 'id' as action,
              (data ->> 'propensity')::float8 as propensity, data ->> 'policy_version' as policy_version,
              (data ->> 'checkpoint')::int as checkpoint, data ->> 'mode' as mode
       from rlaas.events where type = 'decision'`,
    );
    return rows;
  });
}
