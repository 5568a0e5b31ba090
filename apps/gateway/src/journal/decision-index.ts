const SHARD_BITS = 6;
const FIRST_SLOTS = 64;
/** Words of a slot: the hash, the number of the segment (0: the slot is free), the place in it. */
const WORDS = 3;

/**
 * Where decisions are, by a hash of tenant and id: the segment and the place in it. 12 bytes a slot in typed arrays, two
 * thirds of them taken at most; nothing for the garbage collector to walk over. Whether a place really holds the
 * decision is for the caller to see there.
 *
 * Split into 64 tables that grow by themselves, so that no request waits until millions of entries have moved.
 */
export class DecisionIndex {
  readonly #shards = Array.from({ length: 1 << SHARD_BITS }, () => new Shard());
  size = 0;

  /** @param segment number of the segment, 1 or more */
  add(hash: number, segment: number, place: number): void {
    this.#shardOf(hash).add(hash, segment, place);
    this.size += 1;
  }

  /** Takes out one entry; nothing when it is not there. */
  remove(hash: number, segment: number, place: number): void {
    if (this.#shardOf(hash).remove(hash, segment, place)) this.size -= 1;
  }

  /** Asks of each entry with this hash whether it is the one, until the answer is yes. */
  find(hash: number, isIt: (segment: number, place: number) => boolean): boolean {
    return this.#shardOf(hash).find(hash, isIt);
  }

  #shardOf(hash: number): Shard {
    return this.#shards[hash >>> (32 - SHARD_BITS)] as Shard;
  }
}

/** Open addressing, linear probing; what is taken out leaves no gap in a chain. */
class Shard {
  #words = new Uint32Array(FIRST_SLOTS * WORDS);
  #mask = FIRST_SLOTS - 1;
  #size = 0;

  add(hash: number, segment: number, place: number): void {
    if (this.#size * 3 >= (this.#mask + 1) * 2) this.#grow();
    let slot = hash & this.#mask;
    while (this.#words[slot * WORDS + 1] !== 0) slot = (slot + 1) & this.#mask;
    this.#put(slot, hash, segment, place);
    this.#size += 1;
  }

  find(hash: number, isIt: (segment: number, place: number) => boolean): boolean {
    for (let slot = hash & this.#mask; ; slot = (slot + 1) & this.#mask) {
      const segment = this.#at(slot, 1);
      if (segment === 0) return false;
      if (this.#at(slot, 0) === hash && isIt(segment, this.#at(slot, 2))) return true;
    }
  }

  remove(hash: number, segment: number, place: number): boolean {
    let slot = hash & this.#mask;
    while (this.#at(slot, 1) !== segment || this.#at(slot, 2) !== place || this.#at(slot, 0) !== hash) {
      if (this.#at(slot, 1) === 0) return false;
      slot = (slot + 1) & this.#mask;
    }
    this.#size -= 1;
    // Whoever comes after in the chain and may stand here moves up.
    for (let next = (slot + 1) & this.#mask; this.#at(next, 1) !== 0; next = (next + 1) & this.#mask) {
      const home = this.#at(next, 0) & this.#mask;
      if (((next - home) & this.#mask) < ((next - slot) & this.#mask)) continue;
      this.#put(slot, this.#at(next, 0), this.#at(next, 1), this.#at(next, 2));
      slot = next;
    }
    this.#put(slot, 0, 0, 0);
    return true;
  }

  #grow(): void {
    const before = this.#words;
    this.#words = new Uint32Array(before.length * 2);
    this.#mask = this.#mask * 2 + 1;
    this.#size = 0;
    for (let at = 0; at < before.length; at += WORDS) {
      const segment = before[at + 1] as number;
      if (segment !== 0) this.add(before[at] as number, segment, before[at + 2] as number);
    }
  }

  #at(slot: number, word: number): number {
    return this.#words[slot * WORDS + word] as number;
  }

  #put(slot: number, hash: number, segment: number, place: number): void {
    this.#words[slot * WORDS] = hash;
    this.#words[slot * WORDS + 1] = segment;
    this.#words[slot * WORDS + 2] = place;
  }
}
