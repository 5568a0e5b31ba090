// A service as the `main.ts` of each is, for tests that start it as a process. What it does is chosen by variables.
import { writeSync } from 'node:fs';
import { z } from 'zod';
import {
  booleanField,
  commonEnvironment,
  createAuthenticator,
  createServer,
  listen,
  portField,
  runService,
  StartError,
  startMetricsServer,
} from '../../src/index.ts';
import { MapKeyStore } from './map-key-store.ts';

const environment = commonEnvironment.extend({
  FIXTURE_PORT: portField(0),
  FIXTURE_METRICS_PORT: portField(0),
  FIXTURE_FAIL: z.enum(['no', 'throw', 'refuse', 'uncaught', 'hang-on-stop', 'slow-start']).default('no'),
  FIXTURE_KEEP_READY: booleanField(false),
});

await runService({
  name: 'fixture',
  version: '1.2.3',
  environment,
  source: process.env,
  async start({ env, logger, registry, lifecycle }) {
    // Written at once and unbuffered: the tests look at the order.
    const say = (text: string) => void writeSync(1, `@${text}\n`);
    lifecycle.onStop('resources', 'pool', () => say('pool closed'));
    if (env.FIXTURE_FAIL === 'throw') throw new Error('half way', { cause: new Error('the reason') });
    if (env.FIXTURE_FAIL === 'refuse') throw new StartError('the role is a superuser; use rlaas_api', 78);
    if (env.FIXTURE_FAIL === 'slow-start') {
      say('starting');
      await new Promise((resolve) => {
        lifecycle.onStop('workers', 'waiting', () => resolve(undefined));
        setTimeout(resolve, 60_000);
      });
      lifecycle.onStop('resources', 'late', () => say('late closed'));
      throw new Error('interrupted');
    }
    const metrics = await startMetricsServer({
      registry,
      logger,
      host: env.METRICS_HOST,
      port: env.FIXTURE_METRICS_PORT,
      service: 'fixture',
      portVariable: 'FIXTURE_METRICS_PORT',
    });
    lifecycle.onStop('metrics', 'metrics', async () => {
      await metrics.close();
      say('metrics closed');
    });
    const authenticator = createAuthenticator({
      service: 'fixture',
      store: new MapKeyStore(),
      staleMaxMs: env.AUTH_STALE_MAX,
      environment: env.RLAAS_ENV,
      now: Date.now,
      logger,
      registry,
    });
    const app = createServer({
      service: 'fixture',
      version: '1.2.3',
      logger,
      registry,
      authenticator,
      internalToken: env.INTERNAL_TOKEN,
      now: Date.now,
    });
    app.register(async (scope) => {
      scope.get('/slow', { config: { access: 'public' } }, async () => {
        say('slow began');
        await new Promise((resolve) => {
          setTimeout(resolve, 700);
        });
        say('slow ended');
        return { slow: true };
      });
      scope.get('/never', { config: { access: 'public' } }, () => {
        say('never began');
        return new Promise(() => undefined);
      });
      scope.get('/throw-later', { config: { access: 'public' } }, () => {
        setImmediate(() => {
          throw new Error('nobody catches this');
        });
        return {};
      });
    });
    if (env.FIXTURE_FAIL === 'hang-on-stop')
      lifecycle.onStop('workers', 'stuck', () => new Promise(() => undefined));
    const { port } = await listen({
      app,
      host: env.HOST,
      port: env.FIXTURE_PORT,
      portVariable: 'FIXTURE_PORT',
      lifecycle,
    });
    say(`listening ${port} ${metrics.port}`);
  },
});
