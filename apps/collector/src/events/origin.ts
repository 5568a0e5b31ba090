/** By what right events come; it decides what they may be. */
export type Origin =
  /** A secret key with `events:write`. */
  | 'key'
  /** A key that stands in web pages. */
  | 'publishable'
  /** The gateway's journal. */
  | 'internal'
  /** A key with `events:import`, for an import. */
  | 'import';

const PUBLISHABLE_TYPES: ReadonlySet<string> = new Set(['decision', 'outcome', 'feedback', 'activation']);

/** What a decision says of itself that bears on learning and gates. */
interface DecisionClaims {
  mode: string;
  propensity: number;
  policy_version: string | null;
  probabilities?: readonly number[] | undefined;
  shadow?: unknown;
  version_share?: unknown;
}

/** Why an event of this type may not come this way; `undefined` when it may. */
export function refusalOfType(origin: Origin, type: string): { path: string; message: string } | undefined {
  if (origin !== 'publishable' || PUBLISHABLE_TYPES.has(type)) return undefined;
  return {
    path: '/type',
    message: `a publishable key may send ${[...PUBLISHABLE_TYPES].join(', ')} only`,
  };
}

/**
 * Why a decision may not come this way. Outside of the gateway and of imports an application can only say that it
 * took its baseline by itself: nobody outside may forge a probability.
 */
export function refusalOfDecision(
  origin: Origin,
  data: DecisionClaims,
): { path: string; message: string } | undefined {
  if (origin === 'internal' || origin === 'import') return undefined;
  if (data.mode !== 'baseline') {
    return { path: '/data/mode', message: 'must be baseline: other decisions are written by the gateway' };
  }
  if (data.propensity !== 1) {
    return { path: '/data/propensity', message: 'must be 1: a baseline is always chosen' };
  }
  if (data.policy_version !== null) {
    return { path: '/data/policy_version', message: 'must be null: a baseline is not decided by a version' };
  }
  if (data.shadow !== undefined) return { path: '/data/shadow', message: 'is written by the gateway only' };
  if (data.version_share !== undefined) {
    return { path: '/data/version_share', message: 'is written by the gateway only' };
  }
  return undefined;
}
