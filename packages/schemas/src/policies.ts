import { z } from 'zod';
import { nameSchema } from './ids.ts';
import { policyConfigurationSchema, versionConfigurationSchema } from './policy-configuration.ts';
import { timestampSchema } from './time.ts';

/** How far a version has come. It gets traffic through a rollout only; see docs/guides/policies.md. */
export const versionStatuses = ['draft', 'shadow', 'canary', 'active', 'retired', 'rolled_back'] as const;
export const versionStatusSchema = z.enum(versionStatuses).meta({ id: 'VersionStatus' });
export type VersionStatus = z.infer<typeof versionStatusSchema>;

/** Where a configuration came from: a YAML file that was applied, the API, or the seed data. */
export const configurationSourceSchema = z.enum(['yaml', 'api', 'seed']);
export type ConfigurationSource = z.infer<typeof configurationSourceSchema>;

/** A named task with a decision to make. */
export const policySchema = z
  .object({
    name: nameSchema,
    configuration: policyConfigurationSchema,
    source: configurationSourceSchema,
    created_at: timestampSchema,
    updated_at: timestampSchema,
  })
  .meta({ id: 'Policy' });
export type Policy = z.infer<typeof policySchema>;

/** An immutable configuration of how a policy decides. */
export const policyVersionSchema = z
  .object({
    policy: nameSchema,
    name: nameSchema,
    status: versionStatusSchema,
    configuration: versionConfigurationSchema,
    source: configurationSourceSchema,
    created_at: timestampSchema,
    pinned_checkpoint: z.int().min(1).nullable().meta({
      description: 'Number of the checkpoint that it decides by, whatever it learns; null: the newest.',
    }),
  })
  .meta({ id: 'PolicyVersion' });
export type PolicyVersion = z.infer<typeof policyVersionSchema>;

/** What a version had learned at a time. */
export const checkpointSchema = z
  .object({
    number: z.int().min(1),
    created_at: timestampSchema,
    decisions: z.int().min(0).nullable().meta({ description: 'That it had learned from; null: not known.' }),
    kept: z
      .boolean()
      .meta({ description: 'true: it is kept however old it is, since something refers to it.' }),
  })
  .meta({ id: 'Checkpoint' });
export type Checkpoint = z.infer<typeof checkpointSchema>;

/** By which checkpoint a version is to decide. */
export const pinVersionSchema = z
  .object({
    checkpoint: z
      .int()
      .min(1)
      .nullable()
      .meta({ description: 'Number of the checkpoint; null: the newest, as it comes.' }),
  })
  .strict()
  .meta({ id: 'PinPolicyVersion' });

/** Who writes a configuration: `rlaas apply` says `yaml`, so that a later change through the API shows as drift. */
export const writtenBySchema = z
  .enum(['yaml', 'api'])
  .default('api')
  .meta({ description: '`yaml`: from a file that is the source of this policy, by `rlaas apply`.' });

/** What is asked of a policy: its whole configuration. */
export const putPolicySchema = z
  .object({ configuration: policyConfigurationSchema, source: writtenBySchema })
  .strict()
  .meta({ id: 'PutPolicy' });
export type PutPolicy = z.infer<typeof putPolicySchema>;

/** The name of a new version; the explored baseline has one already where versions are compared. */
export const versionNameSchema = nameSchema.refine(
  (name) => name !== 'baseline',
  'must not be "baseline": that is what is played while no version is active',
);

/** What is asked of a new version. */
export const createVersionSchema = z
  .object({
    name: versionNameSchema,
    configuration: versionConfigurationSchema.prefault({}),
    source: writtenBySchema,
  })
  .strict()
  .meta({ id: 'CreatePolicyVersion' });
export type CreateVersion = z.infer<typeof createVersionSchema>;

/** How a version is retired; no body at all is the default. */
export const retireVersionSchema = z
  .object({
    force: z
      .boolean()
      .default(false)
      .meta({ description: 'Also when it has traffic; without an active version the baseline plays.' }),
  })
  .strict()
  .nullish();

/** How many versions of a policy may be in shadow at a time: each of them scores every decision. */
export const MOST_SHADOWS = 3;
