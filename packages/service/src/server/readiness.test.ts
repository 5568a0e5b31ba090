import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { capturingLogger } from '../../test/support/capturing-logger.ts';
import { createReadiness, type ReadinessCheck } from './readiness.ts';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

function readinessOf(...checks: ReadinessCheck[]) {
  return createReadiness({ checks, now: () => Date.now(), logger: capturingLogger().logger });
}

test('runs all checks at once and tells how long each took', async () => {
  const slow = (name: string): ReadinessCheck => ({
    name,
    check: () =>
      new Promise((resolve) => {
        setTimeout(() => resolve({ ok: true }), 1500);
      }),
  });
  const report = readinessOf(slow('postgres'), slow('objects')).report();
  await vi.advanceTimersByTimeAsync(1500);
  expect(await report).toEqual({
    ready: true,
    checks: [
      { name: 'postgres', ok: true, duration_ms: 1500 },
      { name: 'objects', ok: true, duration_ms: 1500 },
    ],
  });
});

test('gives a check two seconds and tells it when they are over', async () => {
  let signal: AbortSignal | undefined;
  const report = readinessOf({
    name: 'postgres',
    check(given) {
      signal = given;
      return new Promise(() => undefined);
    },
  }).report();
  await vi.advanceTimersByTimeAsync(1999);
  expect(signal?.aborted).toBe(false);
  await vi.advanceTimersByTimeAsync(1);
  expect(signal?.aborted).toBe(true);
  expect((await report).checks).toEqual([
    { name: 'postgres', ok: false, message: 'no answer within 2000 ms', duration_ms: 2000 },
  ]);
});

test('shares one run among those who ask within a second', async () => {
  let runs = 0;
  const readiness = readinessOf({
    name: 'postgres',
    check() {
      runs++;
      return Promise.resolve({ ok: true });
    },
  });
  for (let asked = 0; asked < 100; asked++) {
    await readiness.report();
    vi.setSystemTime(Date.now() + 10);
  }
  expect(runs).toBe(1);
  await readiness.report();
  expect(runs).toBe(2);
});

test('a check that throws at once is one that failed', async () => {
  const report = await readinessOf({
    name: 'postgres',
    check() {
      throw new Error('hunter2');
    },
  }).report();
  expect(report.ready).toBe(false);
  expect(JSON.stringify(report)).not.toContain('hunter2');
});
