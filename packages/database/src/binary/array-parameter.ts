import { HEX_DIGITS } from './hex-digits.ts';

/** Type of the elements, by its number in every Postgres catalogue. */
const OIDS = {
  int4: 23,
  text: 25,
  bytea: 17,
  timestamptz: 1184,
  uuid: 2950,
  jsonb: 3802,
  float8: 701,
} as const;
export type ElementType = keyof typeof OIDS;

const HEADER_BYTES = 20;
/** Postgres counts from 2000-01-01. */
const EPOCH_MS = 946_684_800_000;
const DASHES = new Set([8, 13, 18, 23]);
/** Where the two digits of each byte of a UUID stand in its text. */
const UUID_DIGITS = Array.from({ length: 36 }, (_, index) => index).filter((index) => !DASHES.has(index));

/**
 * An array parameter in Postgres' binary form, written element by element. Neither side makes or parses text for it,
 * which is most of what a large insert costs a client. Pass `finish()` as a value and cast it: `$1::uuid[]`.
 */
export class ArrayParameter {
  #buffer: Buffer;
  #end = HEADER_BYTES;
  #count = 0;
  #nulls = false;
  readonly #type: ElementType;

  /** @param bytes expected size of all elements; it grows when it must */
  constructor(type: ElementType, bytes: number) {
    this.#type = type;
    this.#buffer = Buffer.allocUnsafe(HEADER_BYTES + Math.max(64, bytes));
  }

  null(): void {
    this.#reserve(4);
    this.#end = this.#buffer.writeInt32BE(-1, this.#end);
    this.#count += 1;
    this.#nulls = true;
  }

  text(value: string): void {
    this.#reserveText(4, value);
    const written = this.#buffer.write(value, this.#end + 4, 'utf8');
    this.#finishElement(written);
  }

  /** @param json a JSON text */
  jsonb(json: string): void {
    this.#reserveText(5, json);
    this.#buffer[this.#end + 4] = 1;
    const written = this.#buffer.write(json, this.#end + 5, 'utf8');
    this.#finishElement(written + 1);
  }

  /** @param value a UUID in its usual form with dashes */
  uuid(value: string): void {
    this.#reserve(20);
    const start = this.#end + 4;
    for (let byte = 0; byte < 16; byte += 1) {
      const high = HEX_DIGITS[value.charCodeAt(UUID_DIGITS[byte * 2] ?? 0)] ?? 0;
      const low = HEX_DIGITS[value.charCodeAt(UUID_DIGITS[byte * 2 + 1] ?? 0)] ?? 0;
      this.#buffer[start + byte] = (high << 4) | low;
    }
    this.#finishElement(16);
  }

  /** Bytes of a `bytea`, or the 16 of a `uuid`. */
  bytes(value: Uint8Array): void {
    this.#reserve(4 + value.length);
    this.#buffer.set(value, this.#end + 4);
    this.#finishElement(value.length);
  }

  /** Bytes as a text of one character each. */
  latin1(value: string): void {
    this.#reserve(4 + value.length);
    this.#buffer.write(value, this.#end + 4, 'latin1');
    this.#finishElement(value.length);
  }

  /** @param ms milliseconds since 1970 */
  timestamp(ms: number): void {
    this.#reserve(12);
    // Microseconds in two halves of 32 bits, since those of distant times are not exact in a double and a BigInt is an
    // object. With ms = q · 2^22 + r they are (1000 q) · 2^22 + 1000 r, where everything is small enough.
    const since2000 = ms - EPOCH_MS;
    const quotient = Math.floor(since2000 / 2 ** 22);
    const thousand = quotient * 1_000;
    const high = Math.floor(thousand / 2 ** 10);
    const rest = (thousand - high * 2 ** 10) * 2 ** 22 + (since2000 - quotient * 2 ** 22) * 1_000;
    this.#buffer.writeInt32BE(high + Math.floor(rest / 2 ** 32), this.#end + 4);
    this.#buffer.writeInt32BE(rest | 0, this.#end + 8);
    this.#finishElement(8);
  }

  int4(value: number): void {
    this.#reserve(8);
    this.#buffer.writeInt32BE(value, this.#end + 4);
    this.#finishElement(4);
  }

  float8(value: number): void {
    this.#reserve(12);
    this.#buffer.writeDoubleBE(value, this.#end + 4);
    this.#finishElement(8);
  }

  /** Elements so far. */
  get length(): number {
    return this.#count;
  }

  /** The parameter; nothing may be written any more. */
  finish(): Buffer {
    const header = this.#buffer;
    header.writeInt32BE(1, 0);
    header.writeInt32BE(this.#nulls ? 1 : 0, 4);
    header.writeInt32BE(OIDS[this.#type], 8);
    header.writeInt32BE(this.#count, 12);
    header.writeInt32BE(1, 16);
    return this.#buffer.subarray(0, this.#end);
  }

  #finishElement(bytes: number): void {
    this.#buffer.writeInt32BE(bytes, this.#end);
    this.#end += 4 + bytes;
    this.#count += 1;
  }

  /** Counted exactly only when the most that it can be, three bytes for each UTF-16 unit, would not fit. */
  #reserveText(more: number, value: string): void {
    if (this.#end + more + value.length * 3 > this.#buffer.length) {
      this.#reserve(more + Buffer.byteLength(value));
    }
  }

  #reserve(bytes: number): void {
    const needed = this.#end + bytes;
    if (needed <= this.#buffer.length) return;
    const larger = Buffer.allocUnsafe(Math.max(needed, this.#buffer.length * 2));
    this.#buffer.copy(larger, 0, 0, this.#end);
    this.#buffer = larger;
  }
}
