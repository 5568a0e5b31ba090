import { apiKeyKinds, scopeSchema } from '@rlaas/schemas';
import { z } from 'zod';

/** What is known of a key. The key itself is stored nowhere; `hash` is its SHA-256 in lower-case hex. */
export const keyRecordSchema = z.object({
  id: z.string(),
  hash: z.string().regex(/^[0-9a-f]{64}$/),
  /** `null` for an operator key, which belongs to no tenant. */
  tenant: z.object({ id: z.string(), slug: z.string(), closed: z.boolean() }).nullable(),
  prefix: z.string(),
  kind: z.enum(apiKeyKinds),
  scopes: z.array(scopeSchema),
  allowedOrigins: z.array(z.string()),
  /** Milliseconds since 1970; from then on the key is refused. */
  expiresAt: z.number().nullable(),
  /** Milliseconds since 1970; from then on the key is refused. It may lie ahead. */
  revokedAt: z.number().nullable(),
});
export type KeyRecord = z.infer<typeof keyRecordSchema>;
