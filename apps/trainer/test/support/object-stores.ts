import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type ObjectStore, createObjectStore, listAll } from '@rlaas/object-store';
import { s3Servers } from '@rlaas/testkit/s3';
import { afterAll, describe, expect, it } from 'vitest';

/** Describes a suite on a directory and on a bucket of each S3 server. Where there is none, a skipped test says why. */
export async function describeOnStores(suite: (store: ObjectStore, name: string) => void): Promise<void> {
  const root = mkdtempSync(join(tmpdir(), 'rlaas-objects-'));
  afterAll(() => rmSync(root, { recursive: true }));
  const { servers, skipped } = await s3Servers();
  const buckets = servers.map(({ name, endpoint, region, accessKeyId, secretAccessKey }) => ({
    name,
    store: createObjectStore({
      kind: 's3',
      endpoint,
      region,
      accessKeyId,
      secretAccessKey,
      bucket: `rlaas-test-${randomBytes(6).toString('hex')}`,
      createBucket: true,
    }),
  }));
  for (const { name, store } of buckets) {
    const made = await store.check();
    if (!made.ok) throw new Error(`no bucket on ${name}: ${made.message}`);
    afterAll(async () => {
      for await (const { key } of listAll(store, '')) await store.delete(key);
    });
  }
  const directory = { name: 'directory', store: createObjectStore({ kind: 'directory', root }) };
  describe.each([directory, ...buckets])('$name', ({ name, store }) => {
    suite(store, name);
  });
  const reasons = servers.length === 0 ? [skipped.join('; ')] : [];
  it.for(reasons)('needs an S3 server: %s', (reason, { skip }) => {
    expect(servers).toEqual([]);
    skip(reason);
  });
}
