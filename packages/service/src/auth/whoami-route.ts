import { type Whoami, whoamiSchema } from '@rlaas/schemas';
import type { FastifyInstance } from 'fastify';
import { unauthenticated } from '../errors/errors.ts';
import type { KeyPrincipal } from './principal.ts';

/** `GET /v1/whoami`: whom a key stands for, on every service. */
export function whoamiRoute(app: FastifyInstance): void {
  app.get(
    '/v1/whoami',
    {
      config: { access: 'any-key' },
      schema: {
        operationId: 'whoami',
        summary: 'Whom the key stands for',
        tags: ['service'],
        response: { 200: whoamiSchema },
      },
    },
    (request) => {
      if (request.principal?.kind !== 'key') throw unauthenticated('Send an API key.');
      return whoami(request.principal);
    },
  );
}

function whoami({ key, stale }: KeyPrincipal): Whoami {
  const { id, prefix, kind, scopes, expiresAt, tenant } = key;
  return {
    tenant: tenant && { id: tenant.id, slug: tenant.slug },
    key: {
      id,
      prefix,
      kind,
      scopes,
      expires_at: expiresAt === null ? null : new Date(expiresAt).toISOString(),
    },
    stale,
  };
}
