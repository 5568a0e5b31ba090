import { createHash, randomBytes } from 'node:crypto';
import { buffer } from 'node:stream/consumers';
import { setTimeout as wait } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ObjectStore, s3Store } from '../src/index.ts';
import { type Fault, type FaultFront, startFaultFront } from './fault-front.ts';
import { describeOnS3 } from './describe-on-s3.ts';
import { testBucket } from './s3-subject.ts';

const sha256 = (body: Uint8Array): string => createHash('sha256').update(body).digest('hex');
const LOST: Fault = { kind: 'lose answer' };

await describeOnS3((server) => {
  const { bucket, client, options, store } = testBucket(server);
  let front: FaultFront;
  /** The store as seen through the front. */
  let faulty: ObjectStore;
  /** The same, but it takes a short silence for a lost request. */
  let impatient: ObjectStore;
  beforeAll(async () => {
    const ready = await store.check();
    if (!ready.ok) throw new Error(ready.message);
    front = await startFaultFront(server.endpoint);
    faulty = s3Store({ ...options, endpoint: front.endpoint, attempts: 3 });
    impatient = s3Store({ ...options, endpoint: front.endpoint, idleTimeoutMs: 300 });
  });
  afterAll(() => front.close());

  const contentOf = async (key: string): Promise<string> => {
    const object = await store.get(key);
    return object ? String(await buffer(object.body)) : 'nothing';
  };

  describe('an answer lost after the object was stored', () => {
    it.each([
      ['once, with ifAbsent', [LOST], true],
      ['each time, with ifAbsent', [LOST, LOST, LOST], true],
      ['once', [LOST], false],
      ['each time', [LOST, LOST, LOST], false],
    ])('is stored: %s', async (how, faults, ifAbsent) => {
      const key = `lost/${how.replaceAll(/[ ,]+/g, '-')}`;
      const body = Buffer.from(how);
      const requests = front.count('PUT');
      front.expect('PUT', ...faults);
      expect(await faulty.put(key, body, { ifAbsent })).toMatchObject({
        status: 'stored',
        sha256: sha256(body),
      });
      expect(front.count('PUT')).toBe(requests + Math.min(3, faults.length + 1));
      expect(await contentOf(key)).toBe(how);
    });

    it("is not taken for another writer's object of the same content", async () => {
      const body = Buffer.from('same');
      await store.put('lost/theirs', body);
      front.expect('PUT', LOST);
      expect(await faulty.put('lost/theirs', body, { ifAbsent: true })).toEqual({
        status: 'exists',
        sha256: sha256(body),
      });
    });
  });

  describe('a passing fault', () => {
    it.each<[string, Fault]>([
      ['a connection that breaks before', { kind: 'drop request' }],
      ['409 to a conditional write', { kind: 'answer', status: 409, code: 'ConditionalRequestConflict' }],
      ['503', { kind: 'answer', status: 503, code: 'SlowDown' }],
      ['500', { kind: 'answer', status: 500, code: 'InternalError' }],
    ])('does not keep an object from being stored: %s', async (how, fault) => {
      const key = `passing/${how.replaceAll(' ', '-')}`;
      front.expect('PUT', fault, fault);
      expect(await faulty.put(key, Buffer.from(how), { ifAbsent: true })).toMatchObject({ status: 'stored' });
      expect(await contentOf(key)).toBe(how);
    });

    it('does not keep an object from being stored: a server that is silent', async () => {
      front.expect('PUT', { kind: 'silence' });
      expect(await impatient.put('passing/silent', Buffer.from('x'))).toMatchObject({ status: 'stored' });
      expect(await contentOf('passing/silent')).toBe('x');
    });

    it('does not keep one from being read, listed or deleted', async () => {
      await store.put('passing/read', Buffer.from('x'));
      front.expect('GET', { kind: 'drop request' }, { kind: 'answer', status: 503, code: 'SlowDown' });
      expect(await faulty.list('passing/read')).toMatchObject({ objects: [{ key: 'passing/read' }] });
      front.expect('GET', LOST);
      const object = await faulty.get('passing/read');
      expect(object && String(await buffer(object.body))).toBe('x');
      front.expect('HEAD', LOST, { kind: 'answer', status: 503, code: 'SlowDown' });
      expect(await faulty.head('passing/read')).toMatchObject({ size: 1 });
      front.expect('DELETE', LOST);
      await faulty.delete('passing/read');
      expect(await store.head('passing/read')).toBeUndefined();
    });

    it('is an error that may be tried again when it does not pass', async () => {
      const fault: Fault = { kind: 'answer', status: 503, code: 'SlowDown' };
      const requests = front.count('PUT');
      front.expect('PUT', fault, fault, fault);
      await expect(faulty.put('passing/never', Buffer.from('x'))).rejects.toMatchObject({
        code: 'store_unavailable',
        retryable: true,
        message: expect.stringContaining('503'),
      });
      expect(front.count('PUT')).toBe(requests + 3);
    });
  });

  it('tells that a body was cut, instead of ending it', async () => {
    await store.put('cut/a', randomBytes(100_000));
    front.expect('GET', { kind: 'cut body', after: 50_000 });
    const object = await faulty.get('cut/a');
    await expect(object && buffer(object.body)).rejects.toMatchObject({ code: 'store_unavailable' });
  });

  it('waits for a reader who takes longer than a server may', async () => {
    const body = randomBytes(8 * 1024 * 1024);
    await store.put('slow/a', body);
    const object = await impatient.get('slow/a');
    const chunks: Buffer[] = [];
    for await (const chunk of object?.body ?? []) {
      if (chunks.length === 0) await wait(900);
      chunks.push(chunk as Buffer);
    }
    expect(Buffer.concat(chunks).equals(body)).toBe(true);
  });

  it('does not write over an object that is too large for the usual one part', async () => {
    const body = Buffer.alloc(65 * 1024 * 1024, 'x');
    await store.put('large/a', Buffer.from('first'));
    expect(await store.put('large/a', body, { ifAbsent: true })).toMatchObject({ status: 'exists' });
    expect(await contentOf('large/a')).toBe('first');
  });

  it('tells an object that something else stored', async () => {
    await client.putObject(bucket, 'foreign/a', 'x');
    await expect(store.head('foreign/a')).rejects.toMatchObject({ code: 'object_foreign' });
    await expect(store.get('foreign/a')).rejects.toMatchObject({ code: 'object_foreign' });
    expect(await store.put('foreign/a', Buffer.from('y'), { ifAbsent: true })).toEqual({ status: 'exists' });
  });

  it('leaves names out of a list that are no keys', async () => {
    await store.put('strange/b', Buffer.from('x'));
    await client.putObject(bucket, 'strange/a b', 'x');
    await client.putObject(bucket, 'strange/.hidden', 'x');
    await store.put('strange/c', Buffer.from('x'));
    const first = await store.list('strange/', { limit: 1 });
    expect(first.objects.map(({ key }) => key)).toEqual(['strange/b']);
    const rest = await store.list('strange/', { limit: 1, after: 'strange/b' });
    expect(rest.objects.map(({ key }) => key)).toEqual(['strange/c']);
  });

  describe('a presigned URL', () => {
    it('gives the object to whoever has it', async () => {
      await store.put('signed/a=1+2', Buffer.from('for you'), { contentType: 'text/plain' });
      const url = await store.presign('signed/a=1+2', { expiresInSeconds: 60, method: 'GET' });
      const response = await fetch(url ?? '');
      expect(await response.text()).toBe('for you');
      expect(response.headers.get('content-type')).toBe('text/plain');
    });

    it.skipIf(!server.checksSignatures)('is for one object and one time only', async () => {
      await store.put('signed/b', Buffer.from('not for you'));
      const url = (await store.presign('signed/a=1+2', { expiresInSeconds: 60, method: 'GET' })) ?? '';
      expect((await fetch(url.replace(/signed\/[^?]*/, 'signed/b'))).status).toBe(403);
      expect((await fetch(url.replace('X-Amz-Expires=60', 'X-Amz-Expires=6000'))).status).toBe(403);
    });

    it.each([0, 1.5, 7 * 24 * 60 * 60 + 1])('cannot live for %d seconds', async (expiresInSeconds) => {
      await expect(store.presign('signed/a', { expiresInSeconds, method: 'GET' })).rejects.toMatchObject({
        code: 'invalid_argument',
      });
    });
  });

  describe('check', () => {
    const messageOf = async (changed: Partial<typeof options>): Promise<string> => {
      const result = await s3Store({ ...options, attempts: 2, ...changed }).check();
      return result.ok ? 'ok' : result.message;
    };
    const missing = `rlaas-missing-${randomBytes(6).toString('hex')}`;

    it('names a missing bucket', async () => {
      const message = await messageOf({ bucket: missing, createBucket: false });
      expect(message).toContain('The bucket does not exist');
      expect(message).toContain(missing);
    });

    it('makes a missing bucket when it may, also twice at the same time', async () => {
      const fresh = testBucket(server);
      const checks = [fresh.store, s3Store(fresh.options), s3Store(fresh.options)].map((one) => one.check());
      expect(await Promise.all(checks)).toEqual([{ ok: true }, { ok: true }, { ok: true }]);
      await fresh.client.removeBucket(fresh.bucket);
    });

    it.skipIf(!server.checksSignatures)('names wrong credentials', async () => {
      const secret = await messageOf({ secretAccessKey: 'wrong-secret' });
      expect(secret).toContain('The secret access key is not the one');
      expect(secret).not.toContain('wrong-secret');
      expect(await messageOf({ accessKeyId: 'nobody' })).toContain('does not know the access key id');
    });

    it('names an endpoint where nobody listens', async () => {
      const gone = await startFaultFront(server.endpoint);
      await gone.close();
      const message = await messageOf({ endpoint: gone.endpoint });
      expect(message).toContain('ECONNREFUSED');
      expect(message).toContain(gone.endpoint);
    });

    it('leaves nothing in the bucket', async () => {
      const names: (string | undefined)[] = [];
      for await (const { name } of client.listObjectsV2(bucket, '', true)) names.push(name);
      expect(names).not.toContain('.rlaas-check');
    });
  });

  it('does not take a missing bucket for a missing object', async () => {
    const lost = s3Store({ ...options, bucket: `rlaas-missing-${randomBytes(6).toString('hex')}` });
    const refused = { code: 'store_refused', message: expect.stringContaining('bucket does not exist') };
    await expect(lost.put('a/b', Buffer.from('x'))).rejects.toMatchObject(refused);
    await expect(lost.get('a/b')).rejects.toMatchObject(refused);
    await expect(lost.head('a/b')).rejects.toMatchObject(refused);
    await expect(lost.list('a/')).rejects.toMatchObject(refused);
  });
});
