/**
 * MurmurHash3, x86, 32 bit (Appleby, public domain; `MurmurHash3_x86_32` of smhasher), of texts that come in pieces:
 * the hash is that of all pieces one after the other, as UTF-8. Nothing is allocated for ASCII.
 */
export class NameHasher {
  #h = 0;
  /** Bytes of the block that is not full yet, the first one lowest. */
  #block = 0;
  #length = 0;

  begin(seed: number): this {
    this.#h = seed | 0;
    this.#block = 0;
    this.#length = 0;
    return this;
  }

  add(text: string): this {
    for (let index = 0; index < text.length; index += 1) {
      const unit = text.charCodeAt(index);
      if (unit < 0x80) this.#byte(unit);
      else {
        for (const byte of encoder.encode(text.slice(index))) this.#byte(byte);
        return this;
      }
    }
    return this;
  }

  /** @returns an unsigned 32-bit integer */
  end(): number {
    let h = this.#h;
    if (this.#length % 4 !== 0) h ^= mixBlock(this.#block);
    return finalMix(h ^ this.#length);
  }

  #byte(byte: number): void {
    const place = this.#length % 4;
    this.#block = place === 0 ? byte : this.#block | (byte << (8 * place));
    this.#length += 1;
    if (place !== 3) return;
    let h = this.#h ^ mixBlock(this.#block);
    h = (h << 13) | (h >>> 19);
    this.#h = (Math.imul(h, 5) + 0xe6546b64) | 0;
  }
}

const encoder = new TextEncoder();

/** The hash of one text. @returns an unsigned 32-bit integer */
export function murmur3(text: string, seed: number): number {
  return new NameHasher().begin(seed).add(text).end();
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
