import { z } from 'zod';
import { nameSchema } from '../ids.ts';

/** How far declared probabilities may be from 1 in their sum: people write them with few digits. */
const TOLERANCE = 1e-6;

const share = z.number().min(0).max(1);

const probabilitiesSchema = z
  .record(z.string().min(1).max(256), share)
  .refine((shares) => Object.keys(shares).length <= 1000, 'must have at most 1000 actions')
  .refine(
    (shares) => Math.abs(Object.values(shares).reduce((sum, one) => sum + one, 0) - 1) <= TOLERANCE,
    'must sum to 1',
  );

/** Probabilities that somebody declares: the same for every decision, or by a feature of its context. */
export const declaredPolicySchema = z
  .union([
    z.strictObject({
      probabilities: probabilitiesSchema.meta({ description: 'Probability of each action by id.' }),
    }),
    z.strictObject({
      by: z
        .string()
        .min(1)
        .max(256)
        .meta({
          description: 'Name of a feature of the context, the text of whose value chooses a table.',
          examples: ['position'],
        }),
      tables: z
        .record(z.string().min(1).max(256), probabilitiesSchema)
        .refine((tables) => Object.keys(tables).length > 0, 'must have a table')
        .refine((tables) => Object.keys(tables).length <= 1000, 'must have at most 1000 tables')
        .meta({ description: 'Probability of each action by id, for each value of that feature.' }),
    }),
  ])
  .meta({
    id: 'DeclaredPolicy',
    description:
      'Actions that a table does not name have probability 0. Where a decision excludes or lacks some of those that it names, the others get their part in proportion; where none is left, and where no table is for the value, the decision is left out.',
  });
export type DeclaredPolicy = z.infer<typeof declaredPolicySchema>;

const declaredSchema = z.strictObject({ declared: declaredPolicySchema });
const loggedSchema = z.strictObject({
  logged: nameSchema.meta({
    description: 'A version by the probabilities that were logged beside each decision, in `shadow`.',
  }),
});
const loggingSchema = z.strictObject({
  logging: z.literal(true).meta({
    description: 'What decided itself, which is the mean of the rewards: a check of everything else.',
  }),
});

/** Whose value is asked for. */
export const evaluationTargetSchema = z
  .union([
    z.strictObject({
      version: nameSchema.meta({
        description: 'A version, scored again by a checkpoint, under its own explorer and floor.',
      }),
      checkpoint: z
        .int()
        .min(1)
        .optional()
        .meta({ description: 'Number of the checkpoint. Default: the newest one.' }),
    }),
    declaredSchema,
    z.strictObject({
      baseline: z
        .strictObject({
          exploration: share.optional().meta({
            description: 'Share of the other actions, in equal parts. Default: that of the policy.',
          }),
        })
        .meta({ description: 'The explored baseline: the first action that is not excluded.' }),
    }),
    loggedSchema,
    loggingSchema,
  ])
  .meta({ id: 'EvaluationTarget' });
export type EvaluationTarget = z.infer<typeof evaluationTargetSchema>;

/** Whose value was asked for, with what was not said filled in. */
export const evaluatedTargetSchema = z
  .union([
    z.strictObject({
      version: nameSchema,
      checkpoint: z
        .int()
        .min(1)
        .nullable()
        .meta({ description: 'null: the version has learned nothing yet, and was scored as it begins.' }),
    }),
    declaredSchema,
    z.strictObject({ baseline: z.strictObject({ exploration: share }) }),
    loggedSchema,
    loggingSchema,
  ])
  .meta({ id: 'EvaluatedTarget' });
export type EvaluatedTarget = z.infer<typeof evaluatedTargetSchema>;
