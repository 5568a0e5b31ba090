import { expect, it } from 'vitest';
import { createObjectStore } from './create-object-store.ts';

const s3 = {
  kind: 's3',
  region: 'us-east-1',
  bucket: 'rlaas',
  accessKeyId: 'id',
  secretAccessKey: 'secret',
} as const;

it('makes the store that the configuration names', async () => {
  const url = { expiresInSeconds: 60, method: 'GET' } as const;
  const remote = createObjectStore({ ...s3, endpoint: 'http://127.0.0.1:9000' });
  expect(await remote.presign('a/b', url)).toMatch(/^http:\/\/127\.0\.0\.1:9000\/rlaas\/a\/b\?/);
  const local = createObjectStore({ kind: 'directory', root: 'nothing-is-made-before-it-is-used' });
  expect(await local.presign('a/b', url)).toBeUndefined();
});

it('refuses an endpoint that cannot be meant before anything is sent', () => {
  expect(() => createObjectStore({ ...s3, endpoint: 'minio:9000' })).toThrow('The S3 endpoint must be like');
});
