/** Hashed features, one behind the other in arrays that grow and are used again. */
export class HashedFeatures {
  /** Full 32-bit hashes; how many bits count is a matter of the version. */
  hashes = new Int32Array(64);
  values = new Float64Array(64);
  count = 0;

  clear(): void {
    this.count = 0;
  }

  push(hash: number, value: number): void {
    if (this.count === this.hashes.length) this.#grow();
    this.hashes[this.count] = hash;
    this.values[this.count] = value;
    this.count += 1;
  }

  #grow(): void {
    const [hashes, values] = [this.hashes, this.values];
    this.hashes = new Int32Array(hashes.length * 2);
    this.values = new Float64Array(values.length * 2);
    this.hashes.set(hashes);
    this.values.set(values);
  }
}
