import { randomBytes } from 'node:crypto';
import type { S3Server } from '@rlaas/testkit/s3';
import { Client } from 'minio';
import { afterAll } from 'vitest';
import { type ObjectStore, type S3StoreOptions, s3Store } from '../src/index.ts';

/** A bucket of its own, with the client that a test uses behind the store's back. */
export interface TestBucket {
  bucket: string;
  client: Client;
  options: S3StoreOptions;
  store: ObjectStore;
}

/** A new bucket, removed when the test file is done. Call it outside of any hook. */
export function testBucket(server: S3Server): TestBucket {
  const bucket = `rlaas-test-${randomBytes(6).toString('hex')}`;
  const { endpoint, region, accessKeyId, secretAccessKey } = server;
  const url = new URL(endpoint);
  const client = new Client({
    endPoint: url.hostname,
    port: Number(url.port || (url.protocol === 'https:' ? 443 : 80)),
    useSSL: url.protocol === 'https:',
    region,
    accessKey: accessKeyId,
    secretKey: secretAccessKey,
  });
  const options = { endpoint, region, accessKeyId, secretAccessKey, bucket, createBucket: true };
  afterAll(async () => {
    if (!(await client.bucketExists(bucket))) return;
    const names: string[] = [];
    for await (const { name } of client.listObjectsV2(bucket, '', true)) names.push(name);
    await client.removeObjects(bucket, names);
    await client.removeBucket(bucket);
  });
  return { bucket, client, options, store: s3Store(options) };
}
