/** What an application can tell of a decision; the members that must be stored as they were answered. */
export interface AnsweredDecision {
  id: string;
  action: string;
  probability: number;
  policy_version: string | null;
  checkpoint: number | null;
  mode: string;
}

/** What a client was told about a request. */
export type Answer =
  | { kind: 'decided'; decision: AnsweredDecision; text: string }
  /** No connection, or it broke: it may be logged or not. */
  | { kind: 'unanswered' }
  /** "Not now." */
  | { kind: 'refused'; status: number }
  /** Nothing that a client has to expect. */
  | { kind: 'unexpected'; status: number; body: string };

/** All answers by the id that was asked for. */
export type History = ReadonlyMap<string, readonly Answer[]>;

/** A row of events of type decision. */
export interface StoredDecision {
  id: string;
  action: string;
  propensity: number;
  policy_version: string | null;
  checkpoint: number | null;
  mode: string;
}
