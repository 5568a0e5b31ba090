/** Most buffers that wait to be used again; as many shipments are on their way at once. */
const KEPT = 4;
const SMALLEST = 262_144;

/**
 * Buffers for bodies, used again and again. A new one for each shipment lives just long enough to be moved among the
 * things that stay, and collecting those takes half of a processor for 50 ms each time.
 */
export class BodyBuffers {
  readonly #free: Buffer<ArrayBuffer>[] = [];

  /** @returns one of at least some size; what is in it is not known */
  take(): Buffer<ArrayBuffer> {
    return this.#free.pop() ?? Buffer.allocUnsafeSlow(SMALLEST);
  }

  /** A larger one with the same content up to `length`. The other one is not to be used any more. */
  grow(buffer: Buffer<ArrayBuffer>, length: number, least: number): Buffer<ArrayBuffer> {
    const larger = Buffer.allocUnsafeSlow(Math.max(least, buffer.length * 2));
    buffer.copy(larger, 0, 0, length);
    return larger;
  }

  /** Gives one back that nobody reads any more. */
  release(buffer: Buffer<ArrayBuffer>): void {
    if (this.#free.length < KEPT) this.#free.push(buffer);
  }
}
