import { z } from 'zod';
import { decisionActionSchema } from './events/decision.ts';
import { decisionModeSchema } from './events/decision-mode.ts';
import { nameSchema, uuidV7Schema } from './ids.ts';
import { featuresSchema } from './policy-configuration.ts';

/** What is asked of the gateway. */
export const decideSchema = z
  .object({
    id: uuidV7Schema.optional().meta({
      description: 'Id of the decision, made by the caller so that a repeated request decides once.',
    }),
    policy: nameSchema,
    context: featuresSchema.default({}),
    actions: z
      .array(decisionActionSchema)
      .min(1)
      .max(1000)
      .refine(
        (actions) => new Set(actions.map((action) => action.id)).size === actions.length,
        'ids must be unique',
      )
      .optional()
      .meta({ description: 'The choices, the baseline first. Default: those that the policy declares.' }),
  })
  .strict()
  .meta({ id: 'Decide' });
export type Decide = z.infer<typeof decideSchema>;

/** What the gateway decided. */
export const decisionSchema = z
  .object({
    id: uuidV7Schema,
    policy: nameSchema,
    action: z.string().meta({ description: 'Id of the chosen action.' }),
    probability: z.number().meta({ description: 'Probability with which it was chosen, in (0, 1].' }),
    ranking: z
      .array(z.object({ id: z.string(), probability: z.number() }))
      .meta({ description: 'All actions, the most probable first.' }),
    policy_version: nameSchema.nullable(),
    checkpoint: z
      .int()
      .nullable()
      .meta({ description: 'Number of the checkpoint that scored; null: none yet.' }),
    mode: decisionModeSchema,
  })
  .meta({ id: 'Decision' });
export type Decision = z.infer<typeof decisionSchema>;
