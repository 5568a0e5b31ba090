import { z } from 'zod';
import { nameSchema } from '../ids.ts';
import { configurationSourceSchema, writtenBySchema } from '../policies.ts';
import { durationSchema, parseDuration, timestampSchema } from '../time.ts';
import { worded } from '../wording.ts';
import { rewardGraderSchema } from './reward-grader.ts';
import { fieldNameSchema, rangeSchema, rewardInputSchema } from './reward-input.ts';
import { rewardFindingSchema } from './reward-finding.ts';

/** Longest window with its grace: what a decision waits for has to be in the database until then. */
export const LONGEST_REWARD_WINDOW_MS = 180 * 86_400_000;
const MOST_FIELDS = 50;
const DISCOUNTED = /^discounted\((0?\.\d{1,9}|1(?:\.0{1,9})?)\)$/;

const expression = z.string(worded).min(1).max(4000);
const condition = (description: string) => expression.meta({ description });

/** How a decision's reward follows from its events. */
export const rewardSpecificationSchema = z
  .strictObject(
    {
      range: rangeSchema.meta({ description: 'Least and largest reward; others are clipped and counted.' }),
      window: z.strictObject(
        {
          after: durationSchema.meta({ description: 'How long after the decision an event counts.' }),
          grace: durationSchema.meta({ description: 'How long after that it may still arrive.' }),
          early_when: condition(
            'Completeness: shows a provisional reward before the deadline. Only `has(e.x)`, `&&` and `||`.',
          ).optional(),
        },
        worded,
      ),
      default: z
        .strictObject(
          {
            value: z.number(worded).meta({ description: 'Reward of a decision to which this applies.' }),
            when: condition(
              'When it applies; absent: when no event counted. Where it does not apply and no event counted, there is no reward.',
            ).optional(),
          },
          worded,
        )
        .optional()
        .meta({ description: 'Reward of what did not happen; absent: such decisions are left out.' }),
      credit: z
        .string(worded)
        .refine(
          (text) => text === 'last' || text === 'equal' || discountOf(text) !== undefined,
          'must be last, equal, or discounted(γ) with γ in (0, 1]',
        )
        .default('equal')
        .meta({
          description:
            'How the outcome of an episode reaches its decisions: the last one alone, all alike, or each by γ to the number of decisions after it.',
          examples: ['last', 'equal', 'discounted(0.9)'],
        }),
      inputs: z
        .record(fieldNameSchema, rewardInputSchema)
        .refine((inputs) => Object.keys(inputs).length > 0, 'must name at least one input')
        .refine(
          (inputs) => Object.keys(inputs).length <= MOST_FIELDS,
          `must name at most ${MOST_FIELDS} inputs`,
        )
        .meta({ description: 'Values made of events, by name: fields of `e` in expressions.' }),
      graders: z
        .record(fieldNameSchema, rewardGraderSchema)
        .refine(
          (graders) => Object.keys(graders).length <= MOST_FIELDS,
          `must name at most ${MOST_FIELDS} graders`,
        )
        .optional()
        .meta({ description: 'Numbers made of inputs, by name: fields of `e` as well.' }),
      value: expression.meta({
        description: 'CEL expression of the reward, a double.',
        examples: ['has(e.sent) ? 1.0 : 0.0'],
      }),
      overrides: z
        .array(
          z.strictObject(
            { when: condition('When it applies.'), value: z.number(worded).meta({ description: 'Reward.' }) },
            worded,
          ),
          worded,
        )
        .max(20)
        .optional()
        .meta({ description: 'Rewards that stand above the others; the first that applies counts.' }),
    },
    worded,
  )
  .check(({ value, issues }) => {
    for (const { path, message } of mistakesOf(value)) {
      issues.push({ code: 'custom', input: value, path, message });
    }
  })
  .meta({ id: 'RewardSpecification' });
export type RewardSpecification = z.infer<typeof rewardSpecificationSchema>;

interface Placed {
  path: (string | number)[];
  message: string;
}

function mistakesOf(specification: RewardSpecification): Placed[] {
  const { range, window, inputs, graders = {} } = specification;
  const found: Placed[] = [];
  const within = (path: Placed['path'], value: number): void => {
    if (value < range[0] || value > range[1]) found.push({ path, message: 'must be within the range' });
  };
  if (specification.default) within(['default', 'value'], specification.default.value);
  for (const [index, { value }] of (specification.overrides ?? []).entries()) {
    within(['overrides', index, 'value'], value);
  }
  const after = parseDuration(window.after) ?? 0;
  if (after + (parseDuration(window.grace) ?? 0) > LONGEST_REWARD_WINDOW_MS) {
    found.push({ path: ['window'], message: 'must be at most 180 days with its grace' });
  }
  for (const [name, input] of Object.entries(inputs)) {
    const own = input.window && parseDuration(input.window.after);
    if (own !== undefined && own > after) {
      found.push({
        path: ['inputs', name, 'window', 'after'],
        message: `must not be longer than the specification's, ${window.after}`,
      });
    }
  }
  for (const name of Object.keys(graders)) {
    if (Object.hasOwn(inputs, name)) {
      found.push({ path: ['graders', name], message: 'must have another name than an input' });
    }
  }
  return found;
}

/** γ of `discounted(γ)`; `undefined` for any other text. */
export function discountOf(credit: string): number | undefined {
  const match = DISCOUNTED.exec(credit);
  const gamma = match ? Number(match[1]) : 0;
  return gamma > 0 ? gamma : undefined;
}

/** The definition as it is stored: it never changes, a changed one is the next version. */
export const storedRewardSpecificationSchema = z
  .object({
    policy: nameSchema,
    version: z.int().min(1).meta({ description: 'From 1; the newest is used for new decisions.' }),
    definition: rewardSpecificationSchema,
    source: configurationSourceSchema,
    created_at: timestampSchema,
    warnings: z
      .array(rewardFindingSchema)
      .optional()
      .meta({ description: 'What may not be meant; told when it is written.' }),
  })
  .meta({ id: 'StoredRewardSpecification' });
export type StoredRewardSpecification = z.infer<typeof storedRewardSpecificationSchema>;

/** What is asked of a policy's reward specification. */
export const putRewardSpecificationSchema = z
  .object({ definition: rewardSpecificationSchema, source: writtenBySchema })
  .strict()
  .meta({ id: 'PutRewardSpecification' });
export type PutRewardSpecification = z.infer<typeof putRewardSpecificationSchema>;
