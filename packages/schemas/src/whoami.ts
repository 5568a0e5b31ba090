import { z } from 'zod';
import { apiKeyKinds } from './api-keys.ts';
import { nameSchema, uuidSchema } from './ids.ts';
import { scopeSchema } from './scopes.ts';
import { timestampSchema } from './time.ts';

/** Whom a key stands for, as the service that answers sees it. */
export const whoamiSchema = z
  .object({
    tenant: z
      .object({ id: uuidSchema, slug: nameSchema })
      .nullable()
      .meta({ description: 'null for an operator key, which belongs to no tenant.' }),
    key: z.object({
      id: uuidSchema,
      prefix: z.string(),
      kind: z.enum(apiKeyKinds),
      scopes: z.array(scopeSchema),
      expires_at: timestampSchema.nullable(),
    }),
    stale: z.boolean().meta({
      description: 'true while the database is away and the key is accepted from what was known before.',
    }),
  })
  .meta({ id: 'Whoami' });
export type Whoami = z.infer<typeof whoamiSchema>;
