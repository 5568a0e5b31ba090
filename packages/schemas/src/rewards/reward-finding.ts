import { z } from 'zod';

/** Something that a specification says and that is wrong, or that may not be meant. */
export const rewardFindingSchema = z
  .object({
    code: z.string().meta({ description: 'Stable code.', examples: ['unknown_field', 'grader_unavailable'] }),
    path: z.string().meta({ description: 'JSON pointer into the definition.', examples: ['/value'] }),
    message: z.string().meta({ description: 'What it is and what to do, for a person.' }),
    line: z.int().min(1).optional().meta({ description: 'Line within an expression, from 1.' }),
    column: z.int().min(1).optional().meta({ description: 'Column in that line, from 1.' }),
    offset: z.int().min(0).optional().meta({ description: 'Characters of the expression before it.' }),
  })
  .meta({ id: 'RewardFinding' });
export type RewardFinding = z.infer<typeof rewardFindingSchema>;

/** What was found in a specification that was not saved. */
export const validatedRewardSpecificationSchema = z
  .object({
    valid: z.boolean(),
    mistakes: z.array(rewardFindingSchema).meta({ description: 'Why it would be refused.' }),
    warnings: z.array(rewardFindingSchema).meta({ description: 'What may not be meant.' }),
  })
  .meta({ id: 'ValidatedRewardSpecification' });
export type ValidatedRewardSpecification = z.infer<typeof validatedRewardSpecificationSchema>;
