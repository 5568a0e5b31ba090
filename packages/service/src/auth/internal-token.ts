import { createHash, timingSafeEqual } from 'node:crypto';
import { uuidSchema } from '@rlaas/schemas';
import type { IncomingHttpHeaders } from 'node:http';
import { invalidAt, unauthenticated } from '../errors/errors.ts';
import type { RlaasError } from '../errors/rlaas-error.ts';
import type { InternalPrincipal } from './principal.ts';

/** Header with the token that services of one installation share. */
export const INTERNAL_TOKEN_HEADER = 'x-rlaas-internal-token';
/** Header with the id of the tenant that a service acts for. */
export const TENANT_HEADER = 'x-rlaas-tenant';

const NO_TENANT: InternalPrincipal = { kind: 'internal', tenantId: null };

export type InternalAuthentication =
  | { readonly ok: true; readonly principal: InternalPrincipal }
  | { readonly ok: false; readonly error: RlaasError };

/** Checks what another service shows. The comparison takes the same time wherever the first difference is. */
export function createInternalCheck(
  internalToken: string,
): (headers: IncomingHttpHeaders) => InternalAuthentication {
  const expected = digest(internalToken);
  return (headers) => {
    const token = headers[INTERNAL_TOKEN_HEADER];
    if (typeof token !== 'string' || !timingSafeEqual(digest(token), expected)) {
      return { ok: false, error: unauthenticated('This route is for the services of the installation.') };
    }
    const tenant = headers[TENANT_HEADER];
    if (tenant === undefined) return { ok: true, principal: NO_TENANT };
    if (typeof tenant !== 'string' || !uuidSchema.safeParse(tenant).success) {
      return { ok: false, error: invalidAt(`/headers/${TENANT_HEADER}`, 'must be a UUID in lower case') };
    }
    return { ok: true, principal: { kind: 'internal', tenantId: tenant } };
  };
}

/** Takes the two headers away from a request that may not use them, so that nothing behind it can believe them. */
export function ignoreInternalHeaders(headers: IncomingHttpHeaders): void {
  if (headers[INTERNAL_TOKEN_HEADER] !== undefined) delete headers[INTERNAL_TOKEN_HEADER];
  if (headers[TENANT_HEADER] !== undefined) delete headers[TENANT_HEADER];
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
