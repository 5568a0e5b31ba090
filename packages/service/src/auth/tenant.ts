import type { FastifyRequest } from 'fastify';
import { forbidden } from '../errors/errors.ts';

/**
 * The id of the tenant that a request acts for.
 * @throws tenant_required when it acts for none: an operator key, or a service that named no tenant.
 */
export function tenantOf(request: Pick<FastifyRequest, 'principal'>): string {
  const tenantId = request.principal?.tenantId;
  if (typeof tenantId === 'string') return tenantId;
  throw forbidden('tenant_required', 'This acts for a tenant, and the request names none.');
}

/** Who made a request, as the audit log names it: `key:<id>`, or `service` for another service. */
export function actorOf(request: Pick<FastifyRequest, 'principal'>): string {
  const { principal } = request;
  return principal?.kind === 'key' ? `key:${principal.key.id}` : 'service';
}
