import { z } from 'zod';
import { nameSchema } from './ids.ts';
import { jobSchema, jobStatusSchema } from './jobs.ts';
import { pageQuerySchema, pageSchema } from './lists.ts';
import { timestampSchema } from './time.ts';

const count = z.int().min(0);

/** What is asked of a training run. */
export const startTrainingRunSchema = z
  .strictObject({
    policy: nameSchema,
    version: nameSchema.meta({ description: 'A draft that has learned nothing yet.' }),
    from: timestampSchema.meta({ description: 'Decisions that were made from then on,' }),
    to: timestampSchema.meta({ description: 'and before then.' }),
    passes: z
      .int()
      .min(1)
      .max(20)
      .default(1)
      .meta({ description: 'How often it goes over the decisions, each time in the same order.' }),
  })
  .refine(({ from, to }) => from < to, { path: ['to'], message: 'must be later than `from`' })
  .meta({ id: 'StartTrainingRun' });
export type StartTrainingRun = z.infer<typeof startTrainingRunSchema>;

/** What a training run did. */
export const trainingRunResultSchema = z
  .object({
    decisions: count.meta({ description: 'Decisions in its training log: nothing learns these again.' }),
    unusable: count.meta({
      description: 'Of those, decisions from which nothing can be learned; the log of the service says why.',
    }),
    open_windows: count.meta({
      description: 'Decisions of the period that are not among them, since their reward is still open.',
    }),
    mean_loss: z.number().min(0).nullable().meta({
      description:
        'Progressive: the mean squared difference between a reward and what was predicted of it before it was learned, in the first pass. null: the version predicts nothing.',
    }),
    seconds: z.number().min(0).meta({ description: 'Since the run began, or began anew.' }),
    checkpoint: z.int().min(1).meta({ description: 'Number of the checkpoint that it made.' }),
  })
  .meta({ id: 'TrainingRunResult' });
export type TrainingRunResult = z.infer<typeof trainingRunResultSchema>;

/** A training run: a job with what it was asked and what came of it. */
export const trainingRunSchema = jobSchema
  .extend({
    kind: z.literal('training_run'),
    input: startTrainingRunSchema,
    result: trainingRunResultSchema.nullable().meta({ description: 'null until it has succeeded.' }),
  })
  .meta({ id: 'TrainingRun' });
export type TrainingRun = z.infer<typeof trainingRunSchema>;

export const trainingRunPageSchema = pageSchema(trainingRunSchema);
export const trainingRunQuerySchema = pageQuerySchema.extend({ status: jobStatusSchema.optional() });
