/**
 * The explored baseline: one action, but for a share that the others have in equal parts.
 * @param allowed 0 for each action that is excluded; `undefined`: none is
 * @param played index of the action that is played; it is allowed
 * @param exploration the share, in [0, 1]
 * @param into one place for each action
 */
export function exploreAround(
  played: number,
  exploration: number,
  allowed: Uint8Array | undefined,
  into: Float64Array,
  count: number,
): void {
  let others = -1;
  for (let index = 0; index < count; index += 1) if (allowed?.[index] !== 0) others += 1;
  for (let index = 0; index < count; index += 1) {
    if (allowed?.[index] === 0) into[index] = 0;
    else if (index !== played) into[index] = exploration / others;
    else into[index] = others === 0 ? 1 : 1 - exploration;
  }
}

/** Index of the baseline: the first action that is not excluded; -1 when all are. */
export function baselineOf(allowed: Uint8Array | undefined): number {
  return allowed === undefined ? 0 : allowed.indexOf(1);
}

/** Index of the highest score among the allowed actions, the lowest of equal ones. */
export function bestOf(scores: Float64Array, allowed: Uint8Array | undefined, count: number): number {
  let best = -1;
  for (let index = 0; index < count; index += 1) {
    if (allowed?.[index] === 0) continue;
    if (best === -1 || (scores[index] ?? 0) > (scores[best] ?? 0)) best = index;
  }
  return best;
}
