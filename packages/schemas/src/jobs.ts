import { z } from 'zod';
import { uuidV7Schema } from './ids.ts';
import { pageQuerySchema, pageSchema } from './lists.ts';
import { timestampSchema } from './time.ts';

/** How far a job is. */
export const jobStatuses = ['queued', 'running', 'succeeded', 'failed', 'cancelled'] as const;
export const jobStatusSchema = z.enum(jobStatuses).meta({ id: 'JobStatus' });
export type JobStatus = z.infer<typeof jobStatusSchema>;

export const jobProgressSchema = z.object({
  done: z.number().min(0),
  total: z.number().min(0).meta({ description: 'As it was counted in the beginning.' }),
  unit: z.string().meta({ examples: ['decisions'] }),
});
export type JobProgress = z.infer<typeof jobProgressSchema>;

/** Long work: it goes on when the request that began it is over, and after a crash. */
export const jobSchema = z
  .object({
    id: uuidV7Schema,
    kind: z.string().meta({ examples: ['reward_recompute'] }),
    status: jobStatusSchema,
    input: z.unknown().meta({ description: 'What was asked.' }),
    progress: jobProgressSchema.nullable(),
    result: z.unknown().meta({ description: 'What it found and did; null until it has succeeded.' }),
    error: z
      .object({ code: z.string(), message: z.string() })
      .nullable()
      .meta({ description: 'Why it failed.' }),
    created_at: timestampSchema,
    started_at: timestampSchema.nullable(),
    cancel_requested_at: timestampSchema
      .nullable()
      .meta({ description: 'It stops at its next step; what is done so far stays.' }),
    finished_at: timestampSchema.nullable(),
  })
  .meta({ id: 'Job' });
export type Job = z.infer<typeof jobSchema>;

export const jobPageSchema = pageSchema(jobSchema);
export const jobQuerySchema = pageQuerySchema.extend({
  kind: z
    .string()
    .regex(/^[a-z][a-z0-9_]{0,62}$/, 'must be the kind of a job')
    .optional(),
  status: jobStatusSchema.optional(),
});
