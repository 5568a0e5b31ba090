import { z } from 'zod';
import { nameSchema } from '../ids.ts';
import { jobSchema, jobStatusSchema } from '../jobs.ts';
import { pageQuerySchema, pageSchema } from '../lists.ts';
import { timestampSchema } from '../time.ts';
import { evaluationReportSchema } from './evaluation-report.ts';
import { evaluationTargetSchema } from './evaluation-target.ts';

/** What is asked of an evaluation. */
export const startEvaluationSchema = z
  .strictObject({
    policy: nameSchema,
    target: evaluationTargetSchema,
    from: timestampSchema.meta({ description: 'Decisions that were made from then on,' }),
    to: timestampSchema.meta({ description: 'and before then.' }),
  })
  .refine(({ from, to }) => from < to, { path: ['to'], message: 'must be later than `from`' })
  .meta({ id: 'StartEvaluation' });
export type StartEvaluation = z.infer<typeof startEvaluationSchema>;

/** An evaluation: who asked what, how far it is, and what it found. */
export const evaluationSchema = jobSchema
  .pick({ id: true, status: true, progress: true, error: true, created_at: true, finished_at: true })
  .extend({
    policy: nameSchema,
    target: evaluationTargetSchema,
    from: timestampSchema,
    to: timestampSchema,
    report: evaluationReportSchema.nullable().meta({ description: 'null until it has succeeded.' }),
  })
  .meta({ id: 'Evaluation' });
export type Evaluation = z.infer<typeof evaluationSchema>;

export const evaluationPageSchema = pageSchema(evaluationSchema);
export const evaluationQuerySchema = pageQuerySchema.extend({
  policy: nameSchema.optional(),
  status: jobStatusSchema.optional(),
});
