import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { checksumOf, isSha256, verifying } from './checksum.ts';
import { ObjectCorrupt } from './object-store-error.ts';

const sha256 = (body: Uint8Array): string => createHash('sha256').update(body).digest('hex');
const asError = (error: unknown): Error => new Error('explained', { cause: error });

it('passes on any content in any pieces when it is the announced one', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.uint8Array({ maxLength: 50 })), async (chunks) => {
      const body = Buffer.concat(chunks);
      const source = Readable.from(chunks.map((chunk) => Buffer.from(chunk)));
      const expected = { key: 'a/b', sha256: sha256(body), size: body.length };
      expect(await buffer(verifying(source, expected, asError))).toEqual(body);
    }),
  );
});

it('ends with an error when any bit is another', async () => {
  await fc.assert(
    fc.asyncProperty(fc.uint8Array({ minLength: 1 }), fc.nat(), fc.nat(7), async (bytes, place, bit) => {
      const damaged = Buffer.from(bytes);
      const index = place % bytes.length;
      damaged[index] = (damaged[index] ?? 0) ^ (1 << bit);
      const expected = { key: 'a/b', sha256: sha256(bytes), size: bytes.length };
      await expect(buffer(verifying(Readable.from([damaged]), expected, asError))).rejects.toThrow(
        ObjectCorrupt,
      );
    }),
  );
});

it('explains an error of the source', async () => {
  const source = new Readable({ read: () => source.destroy(new Error('disk')) });
  const reading = buffer(verifying(source, { key: 'a/b', sha256: '', size: 1 }, asError));
  await expect(reading).rejects.toThrow('explained');
});

it('closes the source when the reader stops early', async () => {
  const source = Readable.from([Buffer.alloc(10), Buffer.alloc(10)]);
  const { promise, resolve } = Promise.withResolvers<void>();
  source.once('close', resolve);
  verifying(source, { key: 'a/b', sha256: '', size: 20 }, asError).destroy();
  await promise;
  expect(source.destroyed).toBe(true);
});

it('refuses a body that is not the announced one', () => {
  const body = Buffer.from('x');
  expect(checksumOf(body, undefined)).toBe(sha256(body));
  expect(checksumOf(body, sha256(body))).toBe(sha256(body));
  expect(() => checksumOf(body, sha256(Buffer.from('y')))).toThrow('was announced');
});

it('knows a checksum when it sees one', () => {
  expect(isSha256('0'.repeat(64))).toBe(true);
  expect(isSha256('0'.repeat(63))).toBe(false);
  expect(isSha256('A'.repeat(64))).toBe(false);
  expect(isSha256(undefined)).toBe(false);
});
