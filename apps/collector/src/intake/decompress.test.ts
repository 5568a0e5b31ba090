import { brotliCompressSync, constants, gzipSync, zstdCompressSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { type Encoding, decompress, encodings, isEncoding } from './decompress.ts';

const MAX = 8 * 1024 * 1024;
const pack: Record<Encoding, (body: Buffer) => Buffer> = {
  gzip: (body) => gzipSync(body),
  br: (body) => brotliCompressSync(body, { params: { [constants.BROTLI_PARAM_QUALITY]: 4 } }),
  zstd: (body) => zstdCompressSync(body),
};
const unpack = (body: Buffer, encoding: Encoding) => decompress(body, { encoding, maxBytes: MAX });
/** Does not shrink much, the same in each run. */
const noise = (bytes: number): Buffer => {
  let state = 1;
  return Buffer.from(
    Uint8Array.from({ length: bytes }, () => (state = (state * 48_271) % 2_147_483_647) & 0xff),
  );
};

test('knows its encodings', () => {
  expect(encodings).toEqual(['gzip', 'br', 'zstd']);
  expect(['deflate', 'gzip, gzip', 'constructor', ''].map(isEncoding)).toEqual([false, false, false, false]);
});

test.for(encodings)('%s', async (encoding) => {
  const text = noise(100_000);
  expect(await unpack(pack[encoding](text), encoding)).toEqual({ ok: true, body: text });
  // Short bodies may be as repetitive as they like.
  expect(await unpack(pack[encoding](Buffer.alloc(64 * 1024)), encoding)).toMatchObject({ ok: true });
  expect(await unpack(pack[encoding](Buffer.alloc(64 * 1024 + 1)), encoding)).toEqual({
    ok: false,
    reason: 'too_large',
  });
  const large = Buffer.concat([noise(300_000), Buffer.alloc(MAX)]);
  expect(await unpack(pack[encoding](large), encoding)).toEqual({ ok: false, reason: 'too_large' });
  const packed = pack[encoding](text);
  for (const corrupt of [
    packed.subarray(0, -10),
    packed.subarray(0, 1),
    packed.subarray(5),
    Buffer.alloc(0),
    Buffer.from('{"events":[]}'),
  ]) {
    expect(await unpack(corrupt, encoding), corrupt.toString('hex').slice(0, 20)).toEqual({
      ok: false,
      reason: 'corrupt',
    });
  }
});

test('a ratio of 50 is taken, more is not', async () => {
  const noisy = noise(20_000);
  const of = (times: number) => gzipSync(Buffer.concat([noisy, Buffer.alloc(noisy.length * times)]));
  expect(await unpack(of(44), 'gzip')).toMatchObject({ ok: true });
  expect(await unpack(of(56), 'gzip')).toEqual({ ok: false, reason: 'too_large' });
});

test('a window of zstd that would take gigabytes is not', async () => {
  const huge = zstdCompressSync(noise(10_000_000), { params: { [constants.ZSTD_c_windowLog]: 27 } });
  expect(await unpack(huge, 'zstd')).toEqual({ ok: false, reason: 'corrupt' });
});
