import { hash } from 'node:crypto';

/** Numbers that look random and are the same for the same seed. */
export interface Random {
  /** Evenly from 0 (included) to 1 (excluded). */
  next(): number;
  /** A whole number, both ends included. */
  int(min: number, max: number): number;
  chance(probability: number): boolean;
  /** @throws Error when the list is empty */
  pick<T>(list: readonly T[]): T;
  /** Numbers of their own for a part of the run, so that they do not depend on what the other parts draw meanwhile. */
  fork(name: string): Random;
}

/** Mulberry32, begun from the SHA-256 of the seed. */
export function createRandom(seed: string): Random {
  let state = Number.parseInt(hash('sha256', seed, 'hex').slice(0, 8), 16);
  const next = (): number => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  const int = (min: number, max: number): number => min + Math.floor(next() * (max - min + 1));
  return {
    next,
    int,
    chance: (probability) => next() < probability,
    pick(list) {
      if (list.length === 0) throw new Error('nothing to pick from');
      return list[int(0, list.length - 1)] as (typeof list)[number];
    },
    fork: (name) => createRandom(`${seed}/${name}`),
  };
}
