/** Why an evaluation cannot be. */
export interface EvaluationRefusal {
  code: 'not_found' | 'conflict';
  /** A sentence for whoever asked. */
  message: string;
}

/** The refusal of a period from which nothing can be estimated. */
export function emptyPeriod(asked: { policy: string; from: string; to: string }): EvaluationRefusal {
  return {
    code: 'conflict',
    message: `No decision that policy "${asked.policy}" made from ${asked.from} to ${asked.to} has a final reward.`,
  };
}
