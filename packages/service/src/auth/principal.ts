import type { KeyRecord } from './key-record.ts';

/** Who made a request with an API key. */
export interface KeyPrincipal {
  readonly kind: 'key';
  readonly key: KeyRecord;
  /** `null` for an operator key. */
  readonly tenantId: string | null;
  /** Whether the key was accepted from memory because the database is away. */
  readonly stale: boolean;
}

/** Another service of the installation, acting for a tenant where it names one. */
export interface InternalPrincipal {
  readonly kind: 'internal';
  readonly tenantId: string | null;
}

export type Principal = KeyPrincipal | InternalPrincipal;
