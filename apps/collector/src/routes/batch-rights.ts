import type { IngestBody } from '@rlaas/schemas';
import { conflict, forbidden, notFound, rateLimited, tenantOf } from '@rlaas/service';
import type { FastifyRequest } from 'fastify';
import type { Origin } from '../events/origin.ts';
import type { Imports } from '../imports/imports.ts';
import type { Quotas } from '../intake/quotas.ts';

/** By what right the events of a request come. */
export function originOf(request: FastifyRequest, importId: string | undefined): Origin {
  const { principal } = request;
  if (principal?.kind !== 'key') return 'internal';
  if (importId !== undefined) return 'import';
  return principal.key.kind === 'publishable' ? 'publishable' : 'key';
}

/**
 * The import that a batch says it belongs to.
 * @throws scope_missing, not_found, or conflict when it takes no more
 */
export async function importOf(
  request: FastifyRequest,
  { import_id: id }: Pick<IngestBody, 'import_id'>,
  imports: Imports,
): Promise<{ id: string; idBase: string } | undefined> {
  if (id === undefined) return undefined;
  const { principal } = request;
  const scopes: readonly string[] = principal?.kind === 'key' ? principal.key.scopes : [];
  if (!scopes.includes('events:import') && !scopes.includes('admin')) {
    throw forbidden('scope_missing', 'Events of an import want a key with the scope events:import.');
  }
  const base = await imports.base(tenantOf(request), id);
  if (!base) throw notFound(`There is no import ${id}.`);
  if (base.complete) throw conflict(`The import ${id} is complete and takes no more events.`);
  return { id, idBase: base.idBase };
}

/** Counts a batch against the quota of its key. @throws rate_limited; then nothing of it was taken */
export function takeQuota(
  request: FastifyRequest & { bodyBytes: number },
  events: number,
  quotas: Quotas,
): void {
  const { principal } = request;
  if (principal?.kind !== 'key') return;
  const wait = quotas.take(principal.key.id, { events, bytes: request.bodyBytes });
  if (wait === 0) return;
  throw rateLimited('This key sends more events or bytes than it may.', {
    limit: quotas.eventsPerSecond,
    resetSeconds: Math.ceil(wait),
  });
}
