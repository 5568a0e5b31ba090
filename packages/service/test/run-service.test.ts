import { describe, expect, test } from 'vitest';
import { requiredVariables, ServiceProcess } from './support/service-process.ts';

async function started(variables: Record<string, string> = {}, options: { ipc?: boolean } = {}) {
  const service = new ServiceProcess({ ...requiredVariables, ...variables }, options);
  const urls = await service.listening();
  return Object.assign(service, urls);
}

describe('starting', () => {
  test('ends with 78 and a list of all mistakes when the environment is not valid', async () => {
    await using service = new ServiceProcess({
      INTERNAL_TOKEN: 'short-secret',
      FIXTURE_PORT: '99999',
      FIXTURE_KEEP_READY: 'ture',
      RLAAS_ENVIRON: 'local',
      DATABASE_URL: 'mysql://rlaas:very-secret@localhost/rlaas',
    });
    expect(await service.ended()).toBe(78);
    for (const name of [
      'INTERNAL_TOKEN',
      'FIXTURE_PORT',
      'FIXTURE_KEEP_READY',
      'RLAAS_ENVIRON',
      'DATABASE_URL',
    ]) {
      expect(service.stderr).toContain(`  ${name} `);
    }
    expect(service.stderr).toContain('did you mean RLAAS_ENV?');
    expect(service.stderr).not.toMatch(/secret|    at /);
    expect(service.stdout).toBe('');
  });

  test('that fails half way undoes what it acquired, logs the cause and ends with 1', async () => {
    await using service = new ServiceProcess({ ...requiredVariables, FIXTURE_FAIL: 'throw' });
    expect(await service.ended()).toBe(1);
    expect(service.said()).toEqual(['pool closed']);
    expect(service.stdout).toContain('the service could not start');
    expect(service.stdout).toContain('the reason');
  });

  test('that refuses says why in one plain line, with the exit code of the refusal', async () => {
    await using service = new ServiceProcess({
      ...requiredVariables,
      FIXTURE_FAIL: 'refuse',
      LOG_FORMAT: 'pretty',
    });
    expect(await service.ended()).toBe(78);
    expect(service.stdout).toMatch(/FATAL fixture the role is a superuser; use rlaas_api\n$/);
    expect(service.stdout).not.toContain('    at ');
  });

  test.each([
    ['FIXTURE_PORT', 'url', 'fixture'],
    ['FIXTURE_METRICS_PORT', 'metricsUrl', 'fixture (metrics)'],
  ] as const)('on a port that is taken says which variable to set (%s)', async (variable, which, name) => {
    await using first = await started();
    const { port } = new URL(first[which]);
    await using second = new ServiceProcess({ ...requiredVariables, [variable]: port });
    expect(await second.ended()).toBe(1);
    expect(second.stdout).toContain(
      `port ${port} of the ${name} is in use on 127.0.0.1; stop that process or set ${variable}`,
    );
    expect(second.stdout).not.toContain('EADDRINUSE');
    expect(second.said()).toContain('pool closed');
  });

  test('serves metrics of the process and of requests on a port of their own', async () => {
    await using service = await started();
    await fetch(`${service.url}/healthz`);
    const metrics = await (await fetch(service.metricsUrl)).text();
    expect(metrics).toContain('process_cpu_seconds_total');
    expect(metrics).toContain(
      'rlaas_fixture_http_request_duration_seconds_count{method="GET",route="/healthz"',
    );
    expect((await fetch(`${service.url}/metrics`)).status).toBe(404);
  });
});

describe('stopping', () => {
  test.each(['SIGTERM', 'SIGINT'] as const)(
    'by %s finishes the request in flight, then releases',
    async (signal) => {
      await using service = await started();
      const answer = fetch(`${service.url}/slow`);
      await service.wrote(/@slow began/);
      service.child.kill(signal);
      expect(await (await answer).json()).toEqual({ slow: true });
      expect(await service.ended()).toBe(0);
      expect(service.said()).toEqual(['slow began', 'slow ended', 'pool closed', 'metrics closed']);
    },
  );

  test('waits after readiness went off, and serves until then', async () => {
    await using service = await started({ SHUTDOWN_DELAY: '700ms' });
    service.child.kill('SIGTERM');
    await expect.poll(async () => (await fetch(`${service.url}/readyz`)).status, { interval: 20 }).toBe(503);
    expect(await (await fetch(`${service.url}/readyz`)).json()).toMatchObject({ code: 'shutting_down' });
    expect((await fetch(`${service.url}/healthz`)).status).toBe(200);
    expect(await service.ended()).toBe(0);
  });

  test('does not hang on idle connections that callers keep open', async () => {
    await using service = await started();
    await (await fetch(`${service.url}/healthz`)).json();
    const before = performance.now();
    service.child.kill('SIGTERM');
    expect(await service.ended()).toBe(0);
    expect(performance.now() - before).toBeLessThan(5000);
  });

  test('leaves a request behind that never ends, once its time is over, and ends with 1', async () => {
    await using service = await started({ SHUTDOWN_TIMEOUT: '300ms' });
    const answer = fetch(`${service.url}/never`).catch((error: unknown) => String(error));
    await service.wrote(/@never began/);
    service.child.kill('SIGTERM');
    expect(await answer).toContain('fetch failed');
    expect(await service.ended()).toBe(1);
    expect(service.said()).toEqual(['never began', 'pool closed', 'metrics closed']);
    expect(service.stdout).toContain('took too long to stop and is left behind');
  });

  test('at once by a second signal', async () => {
    await using service = await started({ FIXTURE_FAIL: 'hang-on-stop' });
    service.child.kill('SIGTERM');
    await service.wrote(/"msg":"stopping"/);
    const before = performance.now();
    service.child.kill('SIGTERM');
    expect(await service.ended()).toBe(1);
    expect(performance.now() - before).toBeLessThan(2000);
    expect(service.said()).toEqual([]);
  });

  test('after an uncaught error releases and ends with 1', async () => {
    await using service = await started();
    await fetch(`${service.url}/throw-later`).catch(() => undefined);
    expect(await service.ended()).toBe(1);
    expect(service.said()).toEqual(['pool closed', 'metrics closed']);
    expect(service.stdout).toContain('nobody catches this');
  });

  test('in the middle of a start releases what is there and what still comes', async () => {
    await using service = new ServiceProcess({ ...requiredVariables, FIXTURE_FAIL: 'slow-start' });
    await service.wrote(/@starting/);
    service.child.kill('SIGTERM');
    expect(await service.ended()).toBe(0);
    expect(service.said().toSorted()).toEqual(['late closed', 'pool closed', 'starting']);
    expect(service.stdout).not.toContain('could not start');
  });

  test('when the parent that started it is gone', async () => {
    await using service = await started({}, { ipc: true });
    service.child.disconnect();
    expect(await service.ended()).toBe(0);
    expect(service.said()).toEqual(['pool closed', 'metrics closed']);
  });
});
