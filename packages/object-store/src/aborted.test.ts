import { expect, it } from 'vitest';
import { orAborted } from './aborted.ts';
import type { CheckResult } from './object-store.ts';

it('answers as soon as nobody waits any more', async () => {
  const controller = new AbortController();
  const never = Promise.withResolvers<CheckResult>();
  const result = orAborted(never.promise, controller.signal);
  controller.abort();
  expect(await result).toMatchObject({ ok: false });
});

it('gives the result of the check otherwise, with or without a signal', async () => {
  expect(await orAborted(Promise.resolve({ ok: true }), new AbortController().signal)).toEqual({ ok: true });
  expect(await orAborted(Promise.resolve({ ok: true }), undefined)).toEqual({ ok: true });
});
