import { KEY_BYTES } from './entry.ts';

/**
 * MurmurHash3 (x86, 32 bits, of Austin Appleby) of the 32 bytes of a tenant and an id, unsigned.
 * @param seed drawn at start, so that nobody outside can make ids that share a place in the index
 */
export function keyHash(bytes: Uint8Array, at: number, seed: number): number {
  let hash = seed;
  for (let place = at; place < at + KEY_BYTES; place += 4) {
    let word =
      (bytes[place] as number) |
      ((bytes[place + 1] as number) << 8) |
      ((bytes[place + 2] as number) << 16) |
      ((bytes[place + 3] as number) << 24);
    word = Math.imul(word, 0xcc9e2d51);
    word = Math.imul((word << 15) | (word >>> 17), 0x1b873593);
    hash ^= word;
    hash = (Math.imul((hash << 13) | (hash >>> 19), 5) + 0xe6546b64) | 0;
  }
  hash ^= KEY_BYTES;
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}
