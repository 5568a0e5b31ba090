import { z } from 'zod';
import { rolloutSettingsSchema } from './rollouts/rollout-settings.ts';
import { worded } from './wording.ts';

/**
 * Least floor of a version that says anything but 0: with less, an estimate from its decisions hangs on a handful of
 * them with enormous weights.
 */
const LEAST_FLOOR = 0.01;

/** A probability or share. */
const share = z.number().min(0).max(1);

/** A feature value as applications write it; nested objects become dotted names. */
export type FeatureValue = number | string | boolean | null | number[] | { [name: string]: FeatureValue };
const featureValueSchema: z.ZodType<FeatureValue> = z
  .lazy(() =>
    z.union(
      [
        z.number(),
        z.string(),
        z.boolean(),
        z.null(),
        z.array(z.number()),
        z.record(z.string().min(1), featureValueSchema),
      ],
      'must be a finite number, a string, true, false, null, a list of numbers, or an object of these',
    ),
  )
  .meta({ id: 'FeatureValue', description: 'A feature value; objects nest.' });
/** Features by name. */
export const featuresSchema = z.record(z.string().min(1), featureValueSchema, worded).meta({
  id: 'Features',
  description: 'Features by name: numbers, texts, booleans, number lists, nested objects.',
});

/** A choice that is declared with the policy, for applications that do not list actions with each decision. */
const declaredActionSchema = z
  .object({
    id: z.string().min(1).max(256).meta({ description: 'Id of the action, unique within the policy.' }),
    description: z.string().max(1000).optional().meta({ description: 'What choosing it means.' }),
    features: featuresSchema.optional(),
  })
  .strict();

/** How probabilities are made from scores; the parameters are those of the explorer's definition. */
const explorerSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('epsilon_greedy'), epsilon: share.default(0.1) }).strict(),
  z.object({ kind: z.literal('softmax'), lambda: z.number().positive().default(1) }).strict(),
  z.object({ kind: z.literal('squarecb'), gamma_scale: z.number().positive().default(10) }).strict(),
  z.object({ kind: z.literal('bagging'), models: z.int().min(2).max(32).default(8) }).strict(),
  z
    .object({
      kind: z.literal('cover'),
      policies: z.int().min(2).max(32).default(4),
      psi: z.number().min(0).default(0.1),
    })
    .strict(),
  z.object({ kind: z.literal('thompson') }).strict(),
  z
    .object({
      kind: z.literal('fixed'),
      probabilities: z
        .record(z.string().min(1), share)
        .refine(
          (weights) => Math.abs(Object.values(weights).reduce((sum, weight) => sum + weight, 0) - 1) < 1e-9,
          'must sum to 1',
        )
        .meta({ description: 'Probability of each action by id.' }),
    })
    .strict(),
]);

/** How a policy version decides and learns. It never changes; a new configuration is a new version. */
export const versionConfigurationSchema = z
  .object({
    description: z.string().max(1000).optional(),
    explorer: explorerSchema.default({ kind: 'squarecb', gamma_scale: 10 }),
    minimum_probability: share
      .refine(
        (floor) => floor === 0 || floor >= LEAST_FLOOR,
        `must be at least ${LEAST_FLOOR}, or 0, and then nothing can be evaluated from what is logged`,
      )
      .default(LEAST_FLOOR)
      .meta({
        description:
          'Floor that is shared by the allowed actions: each gets at least this divided by their number. At least 0.01; 0 is possible, and then nothing can be evaluated off-policy.',
      }),
    learner: z
      .object({
        estimator: z.enum(['mtr', 'ips', 'dr', 'dm']).default('mtr'),
        learning_rate: z.number().positive().default(2),
        bits: z.int().min(8).max(24).default(18).meta({ description: 'log2 of the number of weights.' }),
        interactions: z
          .array(z.tuple([z.enum(['context', 'action']), z.enum(['context', 'action'])]))
          .default([['context', 'action']]),
        action_id_feature: z.boolean().default(true),
        learn_early: z.boolean().default(false).meta({
          description:
            'Learn a decision once, at its provisional reward (`early_when`) where it has one before its deadline; else, and by default, at its final one.',
        }),
      })
      .strict()
      .prefault({}),
  })
  .strict()
  .meta({ id: 'VersionConfiguration' });
export type VersionConfiguration = z.infer<typeof versionConfigurationSchema>;

/** What stays the same over the versions of a policy. */
export const policyConfigurationSchema = z
  .object({
    description: z.string().max(1000).optional().meta({ description: 'What is decided, for people.' }),
    actions: z
      .array(declaredActionSchema)
      .min(1)
      .max(1000)
      // Each one that repeats another, so that a person finds it; also beside mistakes of other kinds.
      .superRefine(refuseRepeatedIds, { when: ({ value }) => Array.isArray(value) })
      .optional()
      .meta({
        description: 'The choices, when they are the same for every decision. The first is the baseline.',
      }),
    baseline_exploration: share.default(0.1).meta({
      description:
        'While no version is active: the share of decisions that explore instead of playing the baseline.',
    }),
    rollout: rolloutSettingsSchema.prefault({}),
  })
  .strict()
  .meta({ id: 'PolicyConfiguration' });
export type PolicyConfiguration = z.infer<typeof policyConfigurationSchema>;

/**
 * Actions to which a version of fixed probabilities gives one though the policy does not declare them. None when the
 * policy declares no actions: then they come with each decision.
 */
export function undeclaredActions(
  version: Pick<VersionConfiguration, 'explorer'>,
  policy: Pick<PolicyConfiguration, 'actions'>,
): string[] {
  if (version.explorer.kind !== 'fixed' || policy.actions === undefined) return [];
  const declared = new Set(policy.actions.map((action) => action.id));
  return Object.keys(version.explorer.probabilities).filter((id) => !declared.has(id));
}

function refuseRepeatedIds(actions: readonly unknown[], context: z.RefinementCtx): void {
  const seen = new Set<unknown>();
  for (const [index, action] of actions.entries()) {
    const id = typeof action === 'object' && action !== null && 'id' in action ? action.id : undefined;
    if (typeof id === 'string' && seen.has(id)) {
      context.addIssue({
        code: 'custom',
        path: [index, 'id'],
        message: `must be unique: ${JSON.stringify(id)} is there before`,
      });
    }
    seen.add(id);
  }
}
