/** An event as far as rewards read it. Times are milliseconds since 1970. */
export interface EventFacts {
  id: string;
  type: string;
  occurredAt: number;
  receivedAt: number;
  data: Readonly<Record<string, unknown>> | null;
  /**
   * `own`: it names the decision; `episode`: it names the episode alone; `both`: it names both; `sibling`: it names
   * another decision of the episode.
   */
  about: 'own' | 'both' | 'episode' | 'sibling';
}

/** A decision as far as rewards read it. */
export interface DecisionFacts {
  id: string;
  occurredAt: number;
  /** What is received later does not count. */
  deadline: number;
  /** It counts only when an activation says that it was used. */
  deferred: boolean;
  /** The decision that took its place, if it came in time. */
  supersededBy: string | undefined;
  /** Absent for a decision that stands by itself. */
  episode: EpisodeFacts | undefined;
}

/** What a decision has from its episode. */
export interface EpisodeFacts {
  /** Occurrence of its first decision and of the last one that closes with it. */
  from: number;
  to: number;
  /** How much of the episode's outcome reaches the decision, in [0, 1]. */
  weight: number;
}
