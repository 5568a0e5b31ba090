import { uniformOf } from '@rlaas/learning';

/** Numbers that look random and are the same for the same seed. */
export interface Random {
  /** A whole number, both ends included. */
  int: (min: number, max: number) => number;
  chance: (probability: number) => boolean;
  /** Numbers of their own for a part of the run, so that they do not depend on what the other parts draw meanwhile. */
  fork: (name: string) => Random;
}

export function createRandom(seed: string): Random {
  let drawn = 0;
  const next = (): number => uniformOf(seed, String(drawn++));
  return {
    int: (min, max) => min + Math.floor(next() * (max - min + 1)),
    chance: (probability) => next() < probability,
    fork: (name) => createRandom(`${seed}/${name}`),
  };
}
