import { z } from 'zod';
import { nameSchema, uuidV7Schema } from '../ids.ts';
import { pageQuerySchema, pageSchema } from '../lists.ts';
import { timestampSchema } from '../time.ts';
import { worded } from '../wording.ts';
import { rolloutSettingsSchema } from './rollout-settings.ts';

/** Name of the explored baseline among versions; no version can have it. */
export const BASELINE_VERSION = 'baseline';

/** How far a rollout is; `ended` says no more than that: `outcome` says how. */
export const rolloutStages = ['shadow', 'canary', 'active', 'ended'] as const;
export const rolloutStageSchema = z.enum(rolloutStages).meta({ id: 'RolloutStage' });
export type RolloutStage = z.infer<typeof rolloutStageSchema>;

/** What moved a rollout. */
export const transitionCauses = [
  'start',
  'gate',
  'approval',
  'rollback_process',
  'change_detector',
  'guardrail',
  'sample_ratio',
  'manual_rollback',
  'inconclusive',
  'retired',
  'superseded',
  'brought_back',
  'incumbent_changed',
  'specification_changed',
] as const;
export const transitionCauseSchema = z.enum(transitionCauses).meta({ id: 'TransitionCause' });
export type TransitionCause = z.infer<typeof transitionCauseSchema>;

const log = z.number().meta({ description: 'Natural logarithm of a wealth.' });
const count = z.int().min(0);

/** What is known of a start: all sums that its tests are made of. */
export const rolloutEvidenceSchema = z
  .object({
    units: count.meta({ description: 'Decisions or episodes that were counted, in order.' }),
    left_out: count.meta({ description: 'Units without a reward: counted, but worth nothing.' }),
    uncounted: z
      .record(z.string(), count)
      .meta({ description: 'Decisions that cannot count, by the reason.' }),
    until: timestampSchema.nullable().meta({ description: 'Time of the last unit that was counted.' }),
    promote: z.object({ log_wealth: log, threshold: log, fired: z.boolean() }).meta({
      description: 'Against: the candidate is worse by the margin or more.',
    }),
    improve: z.object({ log_wealth: log, threshold: log, fired: z.boolean() }).meta({
      description: 'Against: the candidate is not better.',
    }),
    rollback: z.object({ log_wealth: log, threshold: log, fired: z.boolean() }).meta({
      description: 'Against: the candidate is not worse by the margin of rollbacks.',
    }),
    change: z.object({ sum: z.number(), threshold: z.number(), fired: z.boolean() }).meta({
      description: 'The same, for a change after long good times.',
    }),
    guardrails: z.record(
      z.string(),
      z.object({ sum: z.number(), threshold: z.number(), fired: z.boolean() }),
    ),
    sample_ratio: z.object({ log_wealth: log, threshold: log, fired: z.boolean() }),
    left_out_watch: z.object({ log_wealth: log, threshold: log, fired: z.boolean() }),
    effective_units: z.number().min(0).meta({ description: '(Σw)²/Σw² in shadow: units that it is worth.' }),
    overlap: z.number().min(0).max(1).nullable().meta({
      description: 'Share of what the candidate would do that is played often enough to be judged.',
    }),
    largest_weight: z.number().min(0),
    mean_reward: z
      .object({
        all: z.number().nullable(),
        candidate: z.number().nullable(),
        incumbent: z.number().nullable(),
      })
      .meta({ description: 'Of all units, and in canary of those of each version; for people.' }),
    estimate: z
      .object({
        candidate: z.number(),
        incumbent: z.number(),
        difference: z.number(),
        candidate_interval: z.tuple([z.number(), z.number()]).meta({
          description: '95 % confidence sequence: valid at all looks together.',
        }),
        incumbent_interval: z.tuple([z.number(), z.number()]),
      })
      .nullable()
      .meta({
        description:
          'Means of w·r over the units. For people: the tests are about the difference, which they see better.',
      }),
    candidate_rewards: count.meta({ description: 'Rewards of the candidate in this canary step.' }),
    checkpoints: z.object({ first: z.int().nullable(), last: z.int().nullable() }).meta({
      description: 'Of the candidate, as they scored: a verdict is about these, on average.',
    }),
    digest: z.string().meta({ description: 'SHA-256 over units and their rewards, in order.' }),
  })
  .meta({ id: 'RolloutEvidence' });
export type RolloutEvidence = z.infer<typeof rolloutEvidenceSchema>;

/** One step of a rollout: what it was, what it became, and why. */
export const rolloutTransitionSchema = z
  .object({
    number: z.int().min(1),
    at: timestampSchema,
    from: z.object({ stage: rolloutStageSchema, share: z.number() }).nullable(),
    to: z.object({ stage: rolloutStageSchema, share: z.number() }),
    cause: transitionCauseSchema,
    actor: z.string().nullable().meta({ description: 'Who it was; null: the tests.' }),
    reason: z.string().nullable().meta({ description: 'In words.' }),
    evidence: rolloutEvidenceSchema.nullable(),
  })
  .meta({ id: 'RolloutTransition' });
export type RolloutTransition = z.infer<typeof rolloutTransitionSchema>;

/** A version on its way from shadow to active. */
export const rolloutSchema = z
  .object({
    id: uuidV7Schema,
    policy: nameSchema,
    version: nameSchema.meta({ description: 'The candidate.' }),
    incumbent: nameSchema.meta({
      description: 'What it is compared with; `baseline`: no version was active, so the explored baseline.',
    }),
    stage: rolloutStageSchema,
    share: z.number().min(0).max(1).meta({ description: 'Share of the decisions that the candidate makes.' }),
    outcome: z
      .enum(['rolled_back', 'retired', 'superseded'])
      .nullable()
      .meta({ description: 'How it ended; null: it goes on.' }),
    revision: z.int().min(1).meta({ description: 'Number of the last transition.' }),
    start: z.int().min(1).meta({ description: 'Number of the start among those of the policy.' }),
    alpha: z.number().meta({ description: 'Probability with which this start may promote falsely.' }),
    specification: z.int().min(1).meta({ description: 'Version of the reward specification.' }),
    settings: rolloutSettingsSchema,
    started_at: timestampSchema,
    stage_began_at: timestampSchema,
    looked_at: timestampSchema.nullable().meta({ description: 'When the tests last took something in.' }),
    waiting_for: z
      .array(z.object({ code: z.string(), message: z.string() }))
      .meta({ description: 'What is missing for the next step.' }),
    evidence: rolloutEvidenceSchema.nullable(),
  })
  .meta({ id: 'Rollout' });
export type Rollout = z.infer<typeof rolloutSchema>;

export const rolloutPageSchema = pageSchema(rolloutSchema);
export const rolloutQuerySchema = pageQuerySchema.extend({
  policy: nameSchema.optional(),
  open: z.enum(['true', 'false']).optional().meta({ description: 'true: only those that go on.' }),
});

export const rolloutDetailsSchema = rolloutSchema
  .extend({ transitions: z.array(rolloutTransitionSchema) })
  .meta({ id: 'RolloutDetails' });
export type RolloutDetails = z.infer<typeof rolloutDetailsSchema>;

/** What is asked of a new rollout. */
export const createRolloutSchema = z
  .object({ policy: nameSchema, version: nameSchema })
  .strict()
  .meta({ id: 'CreateRollout' });

const revision = z.int(worded).min(1, worded).meta({
  description: 'The `revision` that was looked at: when somebody else moved it meanwhile this is a conflict.',
});
const reason = z
  .string(worded)
  .trim()
  .min(1, 'must say why')
  .max(1000, worded)
  .regex(/^\P{Cc}*$/u, 'must be one line without control characters');

export const advanceRolloutSchema = z.object({ revision }).strict().meta({ id: 'AdvanceRollout' });
export const approveRolloutSchema = z
  .object({ revision, reason: reason.meta({ description: 'Why, for those who ask later.' }) })
  .strict()
  .meta({ id: 'ApproveRollout' });
export const rollbackRolloutSchema = z
  .object({ reason, revision: revision.optional() })
  .strict()
  .meta({ id: 'RollBackRollout' });
