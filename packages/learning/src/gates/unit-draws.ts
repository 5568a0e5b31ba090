import {
  type Draw,
  type UnitOdds,
  oddsOfDecision,
  oddsOfDrawnEpisode,
  oddsOfSharedEpisode,
} from './unit-odds.ts';

/** A draw of a unit, and what its random number followed from. */
export interface SeededDraw extends Draw {
  /** Draws with the same seed were made with the same number; `undefined`: it had one of its own. */
  readonly seed?: string | undefined;
}

/**
 * The draws of a unit that were made with numbers of their own, in order. What was drawn once more with the same number,
 * by a process that did not know of the first time, follows from the first: its odds would be counted twice.
 */
export function freshDraws<One extends SeededDraw>(draws: readonly One[]): One[] {
  const seen = new Set<string>();
  return draws.filter(({ seed }) => {
    if (seed === undefined) return true;
    if (seen.has(seed)) return false;
    seen.add(seed);
    return true;
  });
}

/** Whether a unit is one decision, or an episode that may have more than one. */
export type UnitForm = 'decision' | 'episode';

/**
 * Odds of a unit. The form has to be known before the first draw: how many draws an episode has may follow from what was
 * done, and an episode that happens to have one is centred as all others are.
 * @param draws in the order in which they were made, at least one
 * @param share probability with which the candidate decided, in [0, 1]: 0 in shadow, 1 when it is active; of an episode
 *   the version was drawn once
 * @param most largest weight of an episode that counts where the version was not drawn, at least 1
 * @throws RangeError when a decision has more than one draw
 */
export function oddsOfUnit(
  form: UnitForm,
  draws: readonly SeededDraw[],
  share: number,
  most: number,
): UnitOdds {
  const fresh = freshDraws(draws);
  const [first] = fresh;
  if (!first) throw new RangeError('a unit has at least one draw');
  if (form === 'decision') {
    if (fresh.length > 1) throw new RangeError(`a decision has ${fresh.length} draws`);
    return oddsOfDecision(first, share);
  }
  if (share > 0 && share < 1) return oddsOfSharedEpisode(fresh, share);
  return oddsOfDrawnEpisode(fresh, most, share === 0 ? 'incumbent' : 'candidate');
}
