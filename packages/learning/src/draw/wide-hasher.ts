import { finalMix } from '../features/murmur3.ts';

const encoder = new TextEncoder();
const C1 = 0x239b961b;
const C2 = 0xab0e9789 | 0;
const C3 = 0x38b34ae5;
const C4 = 0xa1e38b93 | 0;

/**
 * MurmurHash3, x86, 128 bit (Appleby, public domain; `MurmurHash3_x86_128` of smhasher), with seed 0, of what comes in
 * pieces: the hash is that of all bytes one after the other.
 */
export class WideHasher {
  /** The hash so far: four words. */
  #h1 = 0;
  #h2 = 0;
  #h3 = 0;
  #h4 = 0;
  /** The block of 16 bytes that is not full yet, the first byte of each word lowest. */
  #k1 = 0;
  #k2 = 0;
  #k3 = 0;
  #k4 = 0;
  #length = 0;

  /** Adds a text as UTF-8. */
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

  /** Adds a number as four bytes, the lowest one first. @param value an unsigned 32-bit integer */
  addNumber(value: number): this {
    for (let shift = 0; shift < 32; shift += 8) this.#byte((value >>> shift) & 0xff);
    return this;
  }

  /** @returns the 128 bits as four signed words */
  end(): [number, number, number, number] {
    // What is left of a block; words of 0 change nothing.
    let h1 = this.#h1 ^ this.#word1() ^ this.#length;
    let h2 = this.#h2 ^ this.#word2() ^ this.#length;
    let h3 = this.#h3 ^ this.#word3() ^ this.#length;
    let h4 = this.#h4 ^ this.#word4() ^ this.#length;
    h1 = (h1 + h2 + h3 + h4) | 0;
    [h2, h3, h4] = [(h2 + h1) | 0, (h3 + h1) | 0, (h4 + h1) | 0];
    [h1, h2, h3, h4] = [finalMix(h1), finalMix(h2), finalMix(h3), finalMix(h4)];
    h1 = (h1 + h2 + h3 + h4) | 0;
    return [h1, (h2 + h1) | 0, (h3 + h1) | 0, (h4 + h1) | 0];
  }

  #byte(byte: number): void {
    const at = this.#length % 16;
    const part = byte << (8 * (at % 4));
    if (at < 4) this.#k1 |= part;
    else if (at < 8) this.#k2 |= part;
    else if (at < 12) this.#k3 |= part;
    else this.#k4 |= part;
    this.#length += 1;
    if (at === 15) this.#body();
  }

  /** Brings a whole block into the hash: each word in turn, so that the next one meets what came of it. */
  #body(): void {
    const [k1, k2, k3, k4] = [this.#word1(), this.#word2(), this.#word3(), this.#word4()];
    this.#h1 = (Math.imul(rotate(this.#h1 ^ k1, 19) + this.#h2, 5) + 0x561ccd1b) | 0;
    this.#h2 = (Math.imul(rotate(this.#h2 ^ k2, 17) + this.#h3, 5) + 0x0bcaa747) | 0;
    this.#h3 = (Math.imul(rotate(this.#h3 ^ k3, 15) + this.#h4, 5) + 0x96cd1c35) | 0;
    this.#h4 = (Math.imul(rotate(this.#h4 ^ k4, 13) + this.#h1, 5) + 0x32ac3b17) | 0;
    this.#k1 = 0;
    this.#k2 = 0;
    this.#k3 = 0;
    this.#k4 = 0;
  }

  #word1(): number {
    return Math.imul(rotate(Math.imul(this.#k1, C1), 15), C2);
  }

  #word2(): number {
    return Math.imul(rotate(Math.imul(this.#k2, C2), 16), C3);
  }

  #word3(): number {
    return Math.imul(rotate(Math.imul(this.#k3, C3), 17), C4);
  }

  #word4(): number {
    return Math.imul(rotate(Math.imul(this.#k4, C4), 18), C1);
  }
}

function rotate(value: number, bits: number): number {
  return (value << bits) | (value >>> (32 - bits));
}
