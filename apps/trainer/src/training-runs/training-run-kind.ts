import type { JobKind } from '@rlaas/database';
import { type StartTrainingRun, startTrainingRunSchema, trainingRunResultSchema } from '@rlaas/schemas';
import { z } from 'zod';

/**
 * A run that was broken off begins anew: nothing of it was stored but how far it was. The result is stored together with
 * the checkpoint, so that a run that ended is not done again when only its end was not noted.
 */
const stateSchema = z.object({ result: trainingRunResultSchema.nullable() });
export type TrainingRunState = z.infer<typeof stateSchema>;

/** Gives a draft its first checkpoint from the final rewards of a period. */
export const trainingRunKind: JobKind<StartTrainingRun, TrainingRunState> = {
  name: 'training_run',
  input: startTrainingRunSchema,
  state: stateSchema,
};
