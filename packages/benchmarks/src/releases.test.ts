import { expect, test } from 'vitest';
import { createReleases } from './releases.ts';

test('releases in the opposite order, once', async () => {
  const releases = createReleases();
  const released: string[] = [];
  for (const name of ['database', 'collector', 'load']) {
    await releases.acquire(
      async () => name,
      async (acquired) => void released.push(acquired),
    );
  }
  await Promise.all([releases.releaseAll(), releases.releaseAll()]);
  expect(released).toEqual(['load', 'collector', 'database']);
});

test('what is still being acquired is released when it is there', async () => {
  const releases = createReleases();
  const starting = Promise.withResolvers<string>();
  const released: string[] = [];
  const acquiring = releases.acquire(
    () => starting.promise,
    async (acquired) => void released.push(acquired),
  );
  const all = releases.releaseAll();
  starting.resolve('late');
  await all;
  await acquiring;
  expect(released).toEqual(['late']);
});

test('nothing is acquired after the release', async () => {
  const releases = createReleases();
  await releases.releaseAll();
  let started = false;
  await expect(
    releases.acquire(
      async () => {
        started = true;
      },
      async () => undefined,
    ),
  ).rejects.toThrow('nothing is acquired any more');
  expect(started).toBe(false);
});

test('what failed to start is not released, and holds up nothing', async () => {
  const releases = createReleases();
  let released = false;
  const failing = releases.acquire(
    async () => Promise.reject(new Error('no')),
    async () => {
      released = true;
    },
  );
  await expect(failing).rejects.toThrow('no');
  await releases.releaseAll();
  expect(released).toBe(false);
});

test('one that cannot be released does not keep the others', async () => {
  const releases = createReleases();
  let released = false;
  await releases.acquire(
    async () => undefined,
    async () => {
      released = true;
    },
  );
  await releases.acquire(
    async () => undefined,
    async () => Promise.reject(new Error('stuck')),
  );
  await expect(releases.releaseAll()).rejects.toThrow('not everything could be released');
  expect(released).toBe(true);
});
