/** A group whose end is not known: Postgres may still commit it for as long as a statement may take there. */
const UNKNOWN_MS = 15_000;

/**
 * Gives groups the time of their receipt, and knows up to when nothing that was received can still be committed. So
 * whoever waits for events by a deadline can tell when all of them are there. Times are milliseconds since 1970.
 */
export class SettledTime {
  readonly #now: () => number;
  readonly #steady: () => number;
  readonly #open = new Map<symbol, { at: number; until: number }>();
  #told = Number.NEGATIVE_INFINITY;

  /** @param steady milliseconds of a clock that is never set: how long an unknown end is waited for */
  constructor(now: () => number, steady: () => number) {
    this.#now = now;
    this.#steady = steady;
  }

  /** The receipt of a group that begins to be written. Never before what was told as settled, also when a clock is set back. */
  begin(): { at: number; end: (isKnown: boolean) => void } {
    const group = Symbol('group');
    const at = Math.max(this.#now(), this.#told);
    this.#open.set(group, { at, until: Number.POSITIVE_INFINITY });
    return {
      at,
      end: (isKnown) => {
        if (isKnown) this.#open.delete(group);
        else this.#open.set(group, { at, until: this.#steady() + UNKNOWN_MS });
      },
    };
  }

  /** Nothing that was received before will be committed from now on. */
  settledTo(): number {
    const steady = this.#steady();
    let settled = this.#now();
    for (const [group, { at, until }] of this.#open) {
      if (until <= steady) this.#open.delete(group);
      else if (at < settled) settled = at;
    }
    this.#told = Math.max(this.#told, settled);
    return this.#told;
  }
}
