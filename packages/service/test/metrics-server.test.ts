import { Counter, Registry } from 'prom-client';
import { expect, test } from 'vitest';
import { isStartError } from '../src/lifecycle/start-error.ts';
import { startMetricsServer } from '../src/server/metrics-server.ts';
import { capturingLogger } from './support/capturing-logger.ts';

function start(registry: Registry, port = 0) {
  const { logger, lines } = capturingLogger();
  const place = { host: '127.0.0.1', port, service: 'gateway', portVariable: 'GATEWAY_METRICS_PORT' };
  return { lines, started: startMetricsServer({ registry, logger, ...place }) };
}

test('serves the metrics and nothing else', async () => {
  const registry = new Registry();
  new Counter({ name: 'rlaas_test_things_total', help: 'Things.', registers: [registry] }).inc(3);
  const server = await start(registry).started;
  const url = `http://127.0.0.1:${server.port}`;
  const response = await fetch(`${url}/metrics`);
  expect(response.headers.get('content-type')).toBe(registry.contentType);
  expect(await response.text()).toContain('rlaas_test_things_total 3');
  expect((await fetch(`${url}/metrics`, { method: 'HEAD' })).status).toBe(200);
  expect((await fetch(`${url}/metrics`, { method: 'POST' })).status).toBe(405);
  expect((await fetch(`${url}/healthz`)).status).toBe(404);
  await server.close();
  await expect(fetch(`${url}/metrics`)).rejects.toThrow('fetch failed');
});

test('a metric that cannot be read is logged and ends the answer', async () => {
  const registry = new Registry();
  const { started, lines } = start(registry);
  const server = await started;
  registry.metrics = () => Promise.reject(new Error('broken'));
  await expect(fetch(`http://127.0.0.1:${server.port}/metrics`)).rejects.toThrow('fetch failed');
  expect(lines.find((line) => line['level'] === 50)).toMatchObject({ err: { message: 'broken' } });
  await server.close();
});

test('a port that is taken is a start error that says what to do', async () => {
  const first = await start(new Registry()).started;
  const error: unknown = await start(new Registry(), first.port).started.catch((thrown: unknown) => thrown);
  expect(isStartError(error)).toBe(true);
  expect(String(error)).toContain(
    `port ${first.port} of the gateway (metrics) is in use on 127.0.0.1; stop that process or set GATEWAY_METRICS_PORT`,
  );
  await first.close();
});
