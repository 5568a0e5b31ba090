import { hashKey } from '../../src/auth/api-key.ts';
import type { KeyRecord } from '../../src/auth/key-record.ts';
import type { KeyStore } from '../../src/auth/key-store.ts';

export const TENANT = { id: '01890a5d-ac96-774b-bcce-b302099a8057', slug: 'acme-support', closed: false };

/** A record for `key`: a secret key of the tenant with no scope, unless it is said otherwise. */
export function recordOf(key: string, changes: Partial<KeyRecord> = {}): KeyRecord {
  return {
    id: '01890a5d-ac96-774b-bcce-b302099a8058',
    hash: hashKey(key),
    tenant: TENANT,
    prefix: key.slice(0, 16),
    kind: 'secret',
    scopes: [],
    allowedOrigins: [],
    expiresAt: null,
    revokedAt: null,
    ...changes,
  };
}

/** A key store over a map, that can be told to be away or not to answer. */
export class MapKeyStore implements KeyStore {
  readonly records = new Map<string, KeyRecord>();
  mode: 'answers' | 'throws' | 'hangs' = 'answers';
  /** The questions so far: the hashes of each. */
  readonly questions: string[][] = [];

  add(key: string, changes: Partial<KeyRecord> = {}): KeyRecord {
    const record = recordOf(key, changes);
    this.records.set(record.hash, record);
    return record;
  }

  async find(hashes: Buffer[]): Promise<KeyRecord[]> {
    const wanted = hashes.map((hash) => hash.toString('hex'));
    this.questions.push(wanted);
    if (this.mode === 'throws') throw new Error('the database is away');
    if (this.mode === 'hangs') return new Promise(() => undefined);
    return wanted.flatMap((hash) => {
      const record = this.records.get(hash);
      return record ? [{ ...record }] : [];
    });
  }
}
