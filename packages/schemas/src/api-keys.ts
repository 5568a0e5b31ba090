import { z } from 'zod';
import { uuidSchema } from './ids.ts';
import { scopeSchema } from './scopes.ts';
import { timestampSchema } from './time.ts';

/** The key of the seed data. It is in the documentation, so it is refused when `RLAAS_ENV=production`. */
export const SEED_API_KEY = 'acme-support-key';

/** The form of a key that RLaaS makes: `rlk_<12 characters that may be shown>_<32 that are secret>`. */
export const API_KEY_PATTERN = /^rlk_([0-9A-Za-z]{12})_([0-9A-Za-z]{32})$/;

export const apiKeyKinds = ['secret', 'publishable', 'operator'] as const;
export type ApiKeyKind = (typeof apiKeyKinds)[number];

const originSchema = z
  .string()
  .max(253)
  .regex(
    /^https?:\/\/(\*\.)?[a-z0-9.-]+(:\d{1,5})?$/,
    'must be an origin such as https://shop.example or https://*.shop.example, without a path',
  );

const keyName = z
  .string()
  .min(1)
  .max(100)
  .meta({ description: 'What the key is for.', examples: ['web shop'] });
const kindSchema = z.enum(apiKeyKinds).meta({
  description:
    '`secret` for servers; `publishable` for browsers (decide and report only, from allowed origins); `operator` manages tenants.',
});

/** A key as it is shown: never the key itself, of which only a SHA-256 is stored. */
export const apiKeySchema = z
  .object({
    id: uuidSchema,
    name: keyName,
    prefix: z
      .string()
      .meta({ description: 'The part of the key that may be shown.', examples: ['rlk_4fJ9xQ0a1bC2'] }),
    kind: kindSchema,
    scopes: z.array(scopeSchema),
    allowed_origins: z.array(z.string()).meta({ description: 'Origins that may use a publishable key.' }),
    created_at: timestampSchema,
    expires_at: timestampSchema.nullable(),
    revoked_at: timestampSchema.nullable(),
  })
  .meta({ id: 'ApiKey' });
export type ApiKey = z.infer<typeof apiKeySchema>;

/** What is asked of a new key. */
export const createApiKeySchema = z
  .object({
    name: keyName,
    kind: z.enum(['secret', 'publishable']).default('secret').meta({ description: 'See ApiKey.' }),
    scopes: z
      .array(scopeSchema)
      .min(1)
      .max(scopeSchema.options.length)
      .meta({ description: 'At least one.' }),
    allowed_origins: z
      .array(originSchema)
      .max(50)
      .default([])
      .meta({ description: 'Required for a publishable key; `https://*.shop.example` allows subdomains.' }),
    expires_at: timestampSchema.optional().meta({ description: 'From this time on the key is refused.' }),
  })
  .strict()
  .superRefine((key, context) => {
    if (key.kind === 'publishable') {
      if (key.allowed_origins.length === 0) {
        context.addIssue({
          code: 'custom',
          path: ['allowed_origins'],
          message: 'a publishable key needs at least one allowed origin',
        });
      }
      const wrong = key.scopes.filter((scope) => scope !== 'decide' && scope !== 'events:write');
      if (wrong.length > 0) {
        context.addIssue({
          code: 'custom',
          path: ['scopes'],
          message: `a publishable key may have decide and events:write only, not ${wrong.join(', ')}`,
        });
      }
    } else if (key.allowed_origins.length > 0) {
      context.addIssue({
        code: 'custom',
        path: ['allowed_origins'],
        message: 'only a publishable key has allowed origins',
      });
    }
  });
export type CreateApiKey = z.infer<typeof createApiKeySchema>;

/** The answer to a new or rotated key: the only time the key itself is shown. */
export const createdApiKeySchema = apiKeySchema
  .extend({ key: z.string().meta({ description: 'The key. It is shown once and stored nowhere.' }) })
  .meta({ id: 'CreatedApiKey' });
export type CreatedApiKey = z.infer<typeof createdApiKeySchema>;
