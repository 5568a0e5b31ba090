import { unauthenticated } from '../errors/errors.ts';
import type { RlaasError } from '../errors/rlaas-error.ts';

// No key is longer; a longer text is not worth a look-up.
const MAX_KEY_LENGTH = 256;
const BEARER = /^Bearer +([!-~]+) *$/i;

/** The key that a request shows, and whether it stood in the URL. */
export type Credentials =
  | { readonly ok: true; readonly key: string; readonly inUrl: boolean }
  | { readonly ok: false; readonly error: RlaasError };

export interface CredentialsRequest {
  headers: { authorization?: string | undefined };
  query: unknown;
}

/**
 * The key of a request: `authorization: Bearer <key>`, or `?key=` where `urlAllowed` says so. Only the URL of a
 * publishable route may hold one, for `sendBeacon`, which cannot set headers.
 */
export function readCredentials(request: CredentialsRequest, urlAllowed: boolean): Credentials {
  const header = request.headers.authorization;
  if (header !== undefined) {
    const key = BEARER.exec(header)?.[1];
    if (key === undefined) return refuse('The authorization header must be `Bearer <API key>`.');
    return key.length > MAX_KEY_LENGTH
      ? refuse('This is longer than any API key.')
      : { ok: true, key, inUrl: false };
  }
  const key = urlAllowed ? keyOfQuery(request.query) : undefined;
  if (key === undefined) return refuse('Send an API key in the header `authorization: Bearer <API key>`.');
  return { ok: true, key, inUrl: true };
}

function keyOfQuery(query: unknown): string | undefined {
  if (typeof query !== 'object' || query === null || !('key' in query)) return undefined;
  const { key } = query;
  return typeof key === 'string' && key !== '' && key.length <= MAX_KEY_LENGTH ? key : undefined;
}

function refuse(detail: string): Credentials {
  return { ok: false, error: unauthenticated(detail) };
}
