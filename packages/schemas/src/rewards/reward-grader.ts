import { z } from 'zod';
import { worded } from '../wording.ts';
import { fieldNameSchema } from './reward-input.ts';

const stringCheckSchema = z.strictObject(
  {
    kind: z.literal('string_check', worded),
    input: fieldNameSchema.meta({ description: 'Input whose text is compared.' }),
    operation: z.enum(['eq', 'ne', 'like', 'ilike'], worded).meta({
      description: '`eq` the same, `ne` another one, `like` contains, `ilike` contains in any case.',
    }),
    reference: z
      .string(worded)
      .max(1000)
      .meta({ description: 'Text that it is compared with, at most 1,000 characters.' }),
  },
  worded,
);
const editSimilaritySchema = z.strictObject(
  {
    kind: z.literal('edit_similarity', worded),
    input: fieldNameSchema.meta({
      description: 'Input that reads demonstrations, `first` or `last`, whose draft and final are compared.',
    }),
  },
  worded,
);
/** Graders that answer by themselves, so that they can be parts of `multi`. */
const plainGraderSchema = z.discriminatedUnion('kind', [stringCheckSchema, editSimilaritySchema], worded);
export type PlainGrader = z.infer<typeof plainGraderSchema>;

const multiSchema = z.strictObject(
  {
    kind: z.literal('multi', worded),
    graders: z
      .record(fieldNameSchema, plainGraderSchema)
      .refine((graders) => Object.keys(graders).length > 0, 'must name at least one grader')
      .refine((graders) => Object.keys(graders).length <= 20, 'must name at most 20 graders')
      .meta({ description: 'Graders whose numbers the formula reads, by name.' }),
    calculate_output: z
      .string(worded)
      .min(1)
      .max(4000)
      .meta({
        description: 'CEL expression over the graders as fields of `e`.',
        examples: ['0.7 * e.same + 0.3 * e.polite'],
      }),
  },
  worded,
);
/** What needs a model, and has no place before policies of models do: named so that it is refused with the reason. */
const modelSchema = z.looseObject({ kind: z.enum(['model', 'text_similarity'], worded) }, worded);

/** What makes a number of the value of inputs. */
export const rewardGraderSchema = z
  .discriminatedUnion('kind', [stringCheckSchema, editSimilaritySchema, multiSchema, modelSchema], worded)
  .meta({
    description:
      'Named as OpenAI names its graders. `string_check` is 1 or 0, `edit_similarity` in [0, 1]; `multi` is a formula. `model` and `text_similarity` are refused with `grader_unavailable`.',
  });
export type RewardGrader = z.infer<typeof rewardGraderSchema>;
