import type { KeyRecord } from './key-record.ts';
import type { KeyPrincipal } from './principal.ts';

/** Why a key was not accepted. */
export type RefusalCode =
  | 'invalid_key'
  | 'key_expired'
  | 'key_revoked'
  | 'seed_key_refused'
  | 'auth_unavailable';

export interface Refusal {
  readonly ok: false;
  readonly code: RefusalCode;
  /** What is wrong and what to do, for the caller. */
  readonly detail: string;
}

/** The end of checking a key. */
export type Authentication = { readonly ok: true; readonly principal: KeyPrincipal } | Refusal;

export const UNKNOWN_KEY = refusal(
  'invalid_key',
  'This API key is not known. Check it for a missing character.',
);
export const SEED_KEY_REFUSED = refusal(
  'seed_key_refused',
  'The key of the seed data is public, so it is refused in production. Make a key with `rlaas key create`.',
);
export const CANNOT_CHECK = refusal(
  'auth_unavailable',
  'The database does not answer and the key is not known here.',
);

const REVOKED = refusal('key_revoked', 'This API key was revoked.');
const EXPIRED = refusal('key_expired', 'This API key has expired.');
const TENANT_CLOSED = refusal('key_revoked', 'The tenant of this API key was closed.');

/** A key that the database has said something about. Answers are made once, not per request. */
export class KnownKey {
  readonly record: KeyRecord;
  /** When the question was asked that this is the answer to. */
  verifiedAt: number;
  usedAt: number;
  /** Number of that question. */
  question: number;
  readonly #accepted: Authentication;
  readonly #acceptedStale: Authentication;

  constructor(record: KeyRecord, seen: { verifiedAt: number; usedAt: number; question: number }) {
    this.record = record;
    this.verifiedAt = seen.verifiedAt;
    this.usedAt = seen.usedAt;
    this.question = seen.question;
    const tenantId = record.tenant?.id ?? null;
    this.#accepted = { ok: true, principal: { kind: 'key', key: record, tenantId, stale: false } };
    this.#acceptedStale = { ok: true, principal: { kind: 'key', key: record, tenantId, stale: true } };
  }

  /** The answer at `now`, believing the record. */
  answer(now: number, stale: boolean): Authentication {
    const { record } = this;
    // A key that is being changed over is revoked for a time ahead.
    if (record.revokedAt !== null && record.revokedAt <= now) return REVOKED;
    if (record.expiresAt !== null && record.expiresAt <= now) return EXPIRED;
    if (record.tenant?.closed === true) return TENANT_CLOSED;
    return stale ? this.#acceptedStale : this.#accepted;
  }
}

function refusal(code: RefusalCode, detail: string): Refusal {
  return Object.freeze({ ok: false, code, detail });
}
