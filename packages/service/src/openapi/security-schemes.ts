import type { AccessRule } from '../auth/access.ts';
import { INTERNAL_TOKEN_HEADER } from '../auth/internal-token.ts';

export const securitySchemes = {
  ApiKey: { type: 'http', scheme: 'bearer', description: 'An API key: `authorization: Bearer rlk_…`.' },
  PublishableKey: {
    type: 'apiKey',
    in: 'query',
    name: 'key',
    description: 'A publishable key, for what cannot set headers, such as `sendBeacon`.',
  },
  InternalToken: {
    type: 'apiKey',
    in: 'header',
    name: INTERNAL_TOKEN_HEADER,
    description: 'The token that the services of one installation share.',
  },
} as const;

/** The `security` of an operation: any one of these opens it. */
export function securityOf(rule: AccessRule): Partial<Record<keyof typeof securitySchemes, string[]>>[] {
  if (rule.kind === 'public') return [];
  if (rule.kind === 'internal') return [{ InternalToken: [] }];
  return rule.publishable ? [{ ApiKey: [] }, { PublishableKey: [] }] : [{ ApiKey: [] }];
}
