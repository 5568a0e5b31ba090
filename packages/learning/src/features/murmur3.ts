const encoder = new TextEncoder();

/**
 * MurmurHash3, x86, 32 bit (Appleby, public domain; `MurmurHash3_x86_32` of smhasher).
 * @param text hashed as UTF-8
 * @returns an unsigned 32-bit integer
 */
export function murmur3(text: string, seed: number): number {
  const bytes = encoder.encode(text);
  const blocks = bytes.length >>> 2;
  let h = seed | 0;
  for (let block = 0; block < blocks; block += 1) {
    const at = block * 4;
    const k =
      (bytes[at] ?? 0) |
      ((bytes[at + 1] ?? 0) << 8) |
      ((bytes[at + 2] ?? 0) << 16) |
      ((bytes[at + 3] ?? 0) << 24);
    h ^= mixBlock(k);
    h = (h << 13) | (h >>> 19);
    h = (Math.imul(h, 5) + 0xe6546b64) | 0;
  }
  const tail = blocks * 4;
  let rest = 0;
  for (let index = bytes.length - 1; index >= tail; index -= 1) rest = (rest << 8) | (bytes[index] ?? 0);
  if (bytes.length > tail) h ^= mixBlock(rest);
  return finalMix(h ^ bytes.length);
}

/** The finalizer: every bit of the input changes every bit of the output with a probability of about one half. */
export function finalMix(value: number): number {
  let h = value | 0;
  h ^= h >>> 16;
  h = Math.imul(h, 0x85ebca6b);
  h ^= h >>> 13;
  h = Math.imul(h, 0xc2b2ae35);
  h ^= h >>> 16;
  return h >>> 0;
}

function mixBlock(block: number): number {
  let k = Math.imul(block, 0xcc9e2d51);
  k = (k << 15) | (k >>> 17);
  return Math.imul(k, 0x1b873593);
}
