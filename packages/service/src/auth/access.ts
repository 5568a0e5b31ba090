import type { Scope } from '@rlaas/schemas';
import { forbidden } from '../errors/errors.ts';
import type { RlaasError } from '../errors/rlaas-error.ts';
import type { KeyRecord } from './key-record.ts';
import { originAllowed } from './origin.ts';

/**
 * Who may call a route; every route says so in `config: { access }`.
 *
 * - `public`: anybody.
 * - `forwarded`: anybody here; the service that the request is forwarded to checks the caller's own credentials.
 * - `any-key`: any key that holds.
 * - `operator`: an operator key.
 * - `internal`: another service, with the internal token. No API key opens it.
 * - `{ scope }`: a key of a tenant with this scope, or with `admin`. With `publishable`, also a publishable key, from
 *   one of its origins; browsers get CORS answers, may pass the key as `?key=` and JSON as text/plain.
 */
export type RouteAccess =
  | 'public'
  | 'forwarded'
  | 'any-key'
  | 'operator'
  | 'internal'
  | { readonly scope: Scope; readonly publishable?: boolean };

/** A route's access in the form that requests are checked with; made once per route. */
export interface AccessRule {
  readonly kind: 'public' | 'forwarded' | 'any-key' | 'operator' | 'internal' | 'scope';
  readonly scope: Scope | null;
  readonly publishable: boolean;
}

export function accessRule(access: RouteAccess): AccessRule {
  if (typeof access === 'string') return { kind: access, scope: null, publishable: false };
  return { kind: 'scope', scope: access.scope, publishable: access.publishable === true };
}

/** Why a key that holds may not call a route with `rule` from `origin`; `undefined` when it may. */
export function refusal(
  rule: AccessRule,
  key: KeyRecord,
  origin: string | undefined,
): RlaasError | undefined {
  if (rule.kind === 'operator' && key.kind !== 'operator') {
    return forbidden('operator_required', 'This wants an operator key, which belongs to no tenant.');
  }
  if (rule.kind === 'scope') {
    if (key.tenant === null) {
      return forbidden(
        'tenant_required',
        'This wants a key of a tenant; an operator key only manages tenants.',
      );
    }
    if (key.kind === 'publishable' && !rule.publishable) {
      return forbidden(
        'publishable_key_refused',
        'A publishable key may not do this; use a secret key on a server.',
      );
    }
    if (rule.scope !== null && !key.scopes.includes(rule.scope) && !key.scopes.includes('admin')) {
      return forbidden('scope_missing', `This wants a key with the scope ${rule.scope}.`);
    }
  }
  if (key.kind === 'publishable' && !(origin !== undefined && originAllowed(origin, key.allowedOrigins))) {
    return forbidden(
      'origin_refused',
      'A publishable key works in pages of its allowed origins only. Add the origin to the key.',
    );
  }
  return undefined;
}
