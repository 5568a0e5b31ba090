/** Why an evaluation cannot be. */
export interface EvaluationRefusal {
  code: 'not_found' | 'conflict';
  /** A sentence for whoever asked. */
  message: string;
}
