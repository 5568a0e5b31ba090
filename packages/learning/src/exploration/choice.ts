/** Scores and probabilities of the actions of a decision, in arrays that grow and are used again. */
export class Choice {
  /** Number of actions. */
  count = 0;
  /** Predicted reward of each action. */
  scores = new Float64Array(16);
  /** Probability of each action; they sum to 1. */
  probabilities = new Float64Array(16);

  /** Makes room; what was there may be lost. */
  reserve(count: number): void {
    this.count = count;
    if (count <= this.scores.length) return;
    this.scores = new Float64Array(count * 2);
    this.probabilities = new Float64Array(count * 2);
  }
}

/** One place for each action: 0 where it is excluded. `undefined`: none is. */
export type Allowed = Uint8Array | undefined;

/** @returns how many of the actions are not excluded */
export function allowedCount(allowed: Allowed, count: number): number {
  if (allowed === undefined) return count;
  let found = 0;
  for (let index = 0; index < count; index += 1) if (allowed[index] !== 0) found += 1;
  return found;
}
