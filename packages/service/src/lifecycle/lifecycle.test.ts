import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { capturingLogger } from '../../test/support/capturing-logger.ts';
import { createLifecycle, stopPhases } from './lifecycle.ts';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

function setUp({ delayMs = 0 } = {}) {
  const { logger, lines } = capturingLogger();
  const lifecycle = createLifecycle({ logger, now: () => Date.now(), phaseTimeoutMs: 1000, delayMs });
  const order: string[] = [];
  const mark = (name: string) => () => void order.push(name);
  return { lifecycle, lines, order, mark };
}

function sleep(milliseconds: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, milliseconds);
  });
}

test('stops phase by phase, and in a phase the last acquired first', async () => {
  const { lifecycle, order, mark } = setUp();
  for (const phase of stopPhases.toReversed()) {
    lifecycle.onStop(phase, 'first', mark(`${phase} first`));
    lifecycle.onStop(phase, 'second', mark(`${phase} second`));
  }
  expect(await lifecycle.stop()).toEqual({ clean: true });
  expect(order).toEqual(stopPhases.flatMap((phase) => [`${phase} second`, `${phase} first`]));
});

test('waits for a release before the next', async () => {
  const { lifecycle, order, mark } = setUp();
  lifecycle.onStop('resources', 'pool', mark('pool'));
  lifecycle.onStop('workers', 'worker', async () => {
    await sleep(500);
    mark('worker')();
  });
  const stopped = lifecycle.stop();
  await vi.advanceTimersByTimeAsync(499);
  expect(order).toEqual([]);
  await vi.advanceTimersByTimeAsync(1);
  await stopped;
  expect(order).toEqual(['worker', 'pool']);
});

test('waits after readiness went off, when there was any', async () => {
  const { lifecycle, order, mark } = setUp({ delayMs: 5000 });
  lifecycle.onStop('readiness', 'readiness', mark('readiness'));
  lifecycle.onStop('drain', 'server', mark('drain'));
  const stopped = lifecycle.stop();
  await vi.advanceTimersByTimeAsync(4999);
  expect(order).toEqual(['readiness']);
  await vi.advanceTimersByTimeAsync(1);
  expect(await stopped).toEqual({ clean: true });
  expect(order).toEqual(['readiness', 'drain']);
});

test('goes on after a release that fails, says which, and is not clean', async () => {
  const { lifecycle, lines, order, mark } = setUp();
  lifecycle.onStop('resources', 'files', mark('files'));
  lifecycle.onStop('resources', 'pool', () => Promise.reject(new Error('no')));
  lifecycle.onStop('workers', 'worker', () => {
    throw new Error('neither');
  });
  expect(await lifecycle.stop()).toEqual({ clean: false });
  expect(order).toEqual(['files']);
  expect(lines.filter((line) => line['level'] === 50).map((line) => line['name'])).toEqual([
    'worker',
    'pool',
  ]);
});

test('leaves a phase behind that takes too long, tells it, and is not clean', async () => {
  const { lifecycle, lines, order, mark } = setUp();
  let signal: AbortSignal | undefined;
  lifecycle.onStop('drain', 'never reached', mark('never reached'));
  lifecycle.onStop('drain', 'server', (given) => {
    signal = given;
    return new Promise(() => undefined);
  });
  lifecycle.onStop('resources', 'pool', mark('pool'));
  const stopped = lifecycle.stop();
  await vi.advanceTimersByTimeAsync(999);
  expect(signal?.aborted).toBe(false);
  await vi.advanceTimersByTimeAsync(1);
  expect(await stopped).toEqual({ clean: false });
  expect(signal?.aborted).toBe(true);
  expect(order).toEqual(['pool']);
  expect(lines.find((line) => line['level'] === 50)).toMatchObject({ phase: 'drain', name: 'server' });
});

test('is stopped once, however often it is asked', async () => {
  const { lifecycle, order, mark } = setUp();
  lifecycle.onStop('resources', 'pool', mark('pool'));
  expect(lifecycle.stop()).toBe(lifecycle.stop());
  await lifecycle.stop();
  expect(order).toEqual(['pool']);
});

test('times and logs each phase', async () => {
  const { lifecycle, lines } = setUp();
  lifecycle.onStop('workers', 'worker', () => sleep(250));
  const stopped = lifecycle.stop();
  await vi.advanceTimersByTimeAsync(250);
  await stopped;
  expect(lines.find((line) => line['phase'] === 'workers')).toMatchObject({ duration_ms: 250 });
});

test('a start that fails half way releases what it acquired and throws its own error', async () => {
  const { lifecycle, order, mark } = setUp({ delayMs: 60_000 });
  const started = lifecycle.start(async () => {
    lifecycle.onStop('resources', 'pool', mark('pool'));
    await Promise.resolve();
    lifecycle.onStop('metrics', 'metrics', mark('metrics'));
    throw new Error('the port is taken');
  });
  await expect(started).rejects.toThrow('the port is taken');
  expect(order).toEqual(['pool', 'metrics']);
});

test('what a start acquires while it is stopped is released too, before the stop ends', async () => {
  const { lifecycle, order, mark } = setUp();
  lifecycle.onStop('workers', 'worker', () => sleep(500));
  const stopped = lifecycle.stop();
  lifecycle.onStop('resources', 'late pool', async () => {
    await sleep(700);
    mark('late pool')();
  });
  await vi.advanceTimersByTimeAsync(700);
  await stopped;
  expect(order).toEqual(['late pool']);
});
