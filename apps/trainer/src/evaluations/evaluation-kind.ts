import type { JobKind } from '@rlaas/database';
import { type StartEvaluation, evaluatedTargetSchema, startEvaluationSchema } from '@rlaas/schemas';
import { z } from 'zod';
import { storedTallySchema } from './stored-tally.ts';

const stateSchema = z.object({
  /** Resolved once: a checkpoint that is written meanwhile changes nothing. */
  target: evaluatedTargetSchema,
  /** Of the decisions and rewards that `tally` is of. */
  digest: z.string(),
  /** Decisions that `tally` holds. */
  done: z.int().min(0),
  tally: storedTallySchema,
  /** Whether the report is stored; then only the end of the job was not noted. */
  reported: z.boolean(),
});
export type EvaluationState = z.infer<typeof stateSchema>;

/** Estimates what a policy would have earned in a period from what was logged then. */
export const evaluationKind: JobKind<StartEvaluation, EvaluationState> = {
  name: 'evaluation',
  input: startEvaluationSchema,
  state: stateSchema,
};
