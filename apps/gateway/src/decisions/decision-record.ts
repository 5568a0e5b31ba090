import type { Decide, Decision } from '@rlaas/schemas';

/** What another version would have done. */
export interface ShadowRecord {
  readonly version: string;
  readonly checkpoint: number | null;
  /** Share of the decisions that it makes; absent: none. */
  readonly share?: number;
  readonly probabilities: readonly number[];
}

/** A decision that was made, before it is written down or answered. */
export interface DecisionRecord {
  readonly id: string;
  /** When it was made, RFC 3339 with milliseconds. */
  readonly time: string;
  readonly asked: Decide;
  readonly actions: NonNullable<Decide['actions']>;
  /** The actions as JSON, where they are declared and so always the same. */
  readonly actionsText: string | undefined;
  /** In the order of the actions. */
  readonly probabilities: readonly number[];
  readonly chosen: number;
  readonly version: string | null;
  readonly checkpoint: number | null;
  /** Share of the decisions that the deciding version makes, while two share them. */
  readonly share: number | undefined;
  /** The version that was to decide and failed. */
  readonly failed: string | undefined;
  /** The version under test that failed while it was not its turn. */
  readonly failedBeside: string | undefined;
  readonly mode: Exclude<Decision['mode'], 'baseline'>;
  readonly shadows: readonly ShadowRecord[];
  readonly stickyOf: string | undefined;
}
