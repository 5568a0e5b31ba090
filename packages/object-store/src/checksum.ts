import { createHash } from 'node:crypto';
import { type Readable, Transform } from 'node:stream';
import { ObjectCorrupt, ObjectStoreError } from './object-store-error.ts';

const SHA256 = /^[0-9a-f]{64}$/;

/** Whether the text is a SHA-256 as this package writes it: 64 hexadecimal digits in lower case. */
export function isSha256(text: string | undefined): text is string {
  return text !== undefined && SHA256.test(text);
}

/**
 * The SHA-256 of a body that is about to be stored.
 * @param expected what the caller computed before
 * @throws ObjectStoreError `checksum_mismatch` when the two differ: the body changed on its way here
 */
export function checksumOf(body: Uint8Array, expected: string | undefined): string {
  const actual = createHash('sha256').update(body).digest('hex');
  if (expected !== undefined && expected !== actual) {
    throw new ObjectStoreError(
      'checksum_mismatch',
      `The body has the SHA-256 ${actual}, but ${expected} was announced.`,
    );
  }
  return actual;
}

/**
 * Passes a content on and ends with `ObjectCorrupt` when it was not the announced one.
 * @param explain turns an error of the source into one of this package
 */
export function verifying(
  source: Readable,
  expected: { key: string; sha256: string; size: number },
  explain: (error: unknown) => Error,
): Readable {
  const hash = createHash('sha256');
  let size = 0;
  const checked = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      hash.update(chunk);
      size += chunk.length;
      done(null, chunk);
    },
    flush(done) {
      if (size !== expected.size)
        done(new ObjectCorrupt(expected.key, `${size} of ${expected.size} bytes can be read`));
      else if (hash.digest('hex') !== expected.sha256)
        done(new ObjectCorrupt(expected.key, 'its checksum is not the stored one'));
      else done();
    },
  });
  source.once('error', (error) => checked.destroy(explain(error)));
  // Whoever stops reading early gives the file or the socket back.
  checked.once('close', () => source.destroy());
  return source.pipe(checked);
}
