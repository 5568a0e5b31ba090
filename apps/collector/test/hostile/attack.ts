import type { Random } from '../chaos/random.ts';
import type { Ending, Exchange } from './exchange.ts';

/** What an attack has of the collector: everything that it sends is counted and judged. */
export interface Target {
  /** Sends a batch with the attacker's key, as JSON unless said otherwise. */
  post: (body: Exchange['body'], headers?: Record<string, string>, path?: string) => Promise<Ending>;
  /** Sends pieces as they are, with pauses, on a connection of its own. */
  dribble: (pieces: Iterable<string | Uint8Array>, pauseMs: number) => Promise<Ending>;
  /** Head of a `POST /v1/events` with the attacker's key, ending with an empty line. */
  head: (...lines: string[]) => string;
  random: Random;
  /** Long runs do more of the same. */
  long: boolean;
  mutations: number;
  /** Says how far it is. */
  progress: (what: string) => void;
}

export interface Attack {
  name: string;
  /** Runs beside the others, since it lasts long and needs little. */
  beside?: true;
  run(target: Target): Promise<void>;
}

/** Runs tasks, at most so many at once. */
export async function atOnce(many: number, tasks: Iterable<() => Promise<unknown>>): Promise<void> {
  const iterator = tasks[Symbol.iterator]();
  await Promise.all(
    Array.from({ length: many }, async () => {
      for (let next = iterator.next(); next.done !== true; next = iterator.next()) await next.value();
    }),
  );
}
