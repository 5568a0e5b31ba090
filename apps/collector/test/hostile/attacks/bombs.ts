import { brotliCompressSync, gzipSync, zstdCompressSync } from 'node:zlib';
import { type Attack, atOnce } from '../attack.ts';
import {
  brotliOfZeros,
  gzipOfLongName,
  gzipOfMembers,
  gzipOfZeros,
  zstdOfHugeContent,
  zstdOfHugeWindow,
  zstdOfZeros,
} from '../bombs.ts';

const MIB = 1024 * 1024;
const GIB = 1024 * MIB;
const PACKED = 2 * MIB;

/** Bodies that are small on the way and large once they are unpacked. */
export const compressionBombs: Attack = {
  name: 'compression bombs',
  async run({ post, long }) {
    // As large as 2 MiB can be, and larger still.
    const blanks = Buffer.alloc(8 * MIB - 200, 0x20);
    const legal = Buffer.concat([Buffer.from(JSON.stringify({ events: [{}] })), blanks]);
    const noise = Buffer.alloc(170_000);
    for (let index = 0; index < noise.length; index += 1) noise[index] = 0x20 + ((index * 7_919) % 64);
    const bombs: [string, Uint8Array][] = [
      ['gzip', gzipOfZeros(2_000 * MIB)],
      ['gzip', gzipOfZeros(10 * GIB)],
      ['gzip', gzipSync(gzipSync(gzipOfZeros(10 * GIB)))],
      ['gzip', gzipOfMembers(PACKED)],
      ['gzip', gzipOfLongName(PACKED)],
      ['gzip, gzip', gzipSync(gzipOfZeros(GIB))],
      ['gzip', gzipSync(legal)],
      ['br', await brotliOfZeros(10 * GIB)],
      ['br', brotliCompressSync(await brotliOfZeros(10 * GIB))],
      ['zstd', zstdOfZeros(10 * GIB)],
      ['zstd', zstdOfZeros(60 * GIB)],
      ['zstd', zstdOfHugeWindow()],
      ['zstd', zstdOfHugeContent()],
      ['zstd', zstdCompressSync(zstdOfZeros(10 * GIB))],
      ['identity', zstdOfZeros(10 * GIB)],
    ];
    for (const [encoding, body] of bombs) await post(body, { 'content-encoding': encoding });
    const rounds = long ? 20 : 4;
    const all = Array.from({ length: rounds }, () => bombs).flat();
    await atOnce(
      16,
      all.map(
        ([encoding, body]) =>
          () =>
            post(body, { 'content-encoding': encoding }),
      ),
    );
  },
};
