import { finalMix } from '../features/murmur3.ts';

const encoder = new TextEncoder();
const C1 = 0x239b961b;
const C2 = 0xab0e9789 | 0;
const C3 = 0x38b34ae5;
const C4 = 0xa1e38b93 | 0;

/** MurmurHash3_x86_128 (Appleby, public domain) of texts that come in pieces, as UTF-8, with seed 0. */
export class WideHasher {
  readonly #block = new Uint8Array(16);
  readonly #words = new Int32Array(this.#block.buffer);
  readonly #h = new Int32Array(4);
  #length = 0;

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

  /** @returns the 128 bits as four words */
  end(): Int32Array {
    const h = this.#h;
    if (this.#length % 16 !== 0) {
      this.#block.fill(0, this.#length % 16);
      const [k1, k2, k3, k4] = this.#mixed();
      h[0] = (h[0] ?? 0) ^ k1;
      h[1] = (h[1] ?? 0) ^ k2;
      h[2] = (h[2] ?? 0) ^ k3;
      h[3] = (h[3] ?? 0) ^ k4;
    }
    for (let i = 0; i < 4; i += 1) h[i] = (h[i] ?? 0) ^ this.#length;
    addUp(h);
    for (let i = 0; i < 4; i += 1) h[i] = finalMix(h[i] ?? 0) | 0;
    addUp(h);
    return h;
  }

  #byte(byte: number): void {
    this.#block[this.#length % 16] = byte;
    this.#length += 1;
    if (this.#length % 16 === 0) this.#body();
  }

  #mixed(): [number, number, number, number] {
    const w = this.#words;
    return [
      Math.imul(rotate(Math.imul(w[0] ?? 0, C1), 15), C2),
      Math.imul(rotate(Math.imul(w[1] ?? 0, C2), 16), C3),
      Math.imul(rotate(Math.imul(w[2] ?? 0, C3), 17), C4),
      Math.imul(rotate(Math.imul(w[3] ?? 0, C4), 18), C1),
    ];
  }

  #body(): void {
    const h = this.#h;
    const [k1, k2, k3, k4] = this.#mixed();
    h[0] = (Math.imul(rotate((h[0] ?? 0) ^ k1, 19) + (h[1] ?? 0), 5) + 0x561ccd1b) | 0;
    h[1] = (Math.imul(rotate((h[1] ?? 0) ^ k2, 17) + (h[2] ?? 0), 5) + 0x0bcaa747) | 0;
    h[2] = (Math.imul(rotate((h[2] ?? 0) ^ k3, 15) + (h[3] ?? 0), 5) + 0x96cd1c35) | 0;
    h[3] = (Math.imul(rotate((h[3] ?? 0) ^ k4, 13) + (h[0] ?? 0), 5) + 0x32ac3b17) | 0;
  }
}

function addUp(h: Int32Array): void {
  h[0] = (h[0] ?? 0) + (h[1] ?? 0) + (h[2] ?? 0) + (h[3] ?? 0);
  for (let i = 1; i < 4; i += 1) h[i] = (h[i] ?? 0) + (h[0] ?? 0);
}

function rotate(value: number, bits: number): number {
  return (value << bits) | (value >>> (32 - bits));
}
