import { z } from 'zod';
import { createdApiKeySchema } from './api-keys.ts';
import { nameSchema, uuidSchema } from './ids.ts';
import { timestampSchema } from './time.ts';

/** A customer of the installation; owns everything else. */
export const tenantSchema = z
  .object({
    id: uuidSchema,
    slug: nameSchema,
    name: z.string(),
    created_at: timestampSchema,
    closed_at: timestampSchema
      .nullable()
      .meta({ description: 'When the tenant was closed: from then on all its keys are refused.' }),
  })
  .meta({ id: 'Tenant' });
export type Tenant = z.infer<typeof tenantSchema>;

/** What is asked of a new tenant. */
export const createTenantSchema = z
  .object({
    slug: nameSchema,
    name: z
      .string()
      .min(1)
      .max(200)
      .meta({ description: 'For people.', examples: ['Acme support desk'] }),
  })
  .strict();
export type CreateTenant = z.infer<typeof createTenantSchema>;

/** A new tenant comes with its first key, of scope `admin`, so that it can make the others. */
export const createdTenantSchema = tenantSchema
  .extend({ api_key: createdApiKeySchema })
  .meta({ id: 'CreatedTenant' });
export type CreatedTenant = z.infer<typeof createdTenantSchema>;
