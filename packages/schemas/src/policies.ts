import { z } from 'zod';
import { nameSchema } from './ids.ts';
import { policyConfigurationSchema, versionConfigurationSchema } from './policy-configuration.ts';
import { timestampSchema } from './time.ts';

/** How far a version has come. It changes through a rollout or `retire` only. */
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
  })
  .meta({ id: 'PolicyVersion' });
export type PolicyVersion = z.infer<typeof policyVersionSchema>;
