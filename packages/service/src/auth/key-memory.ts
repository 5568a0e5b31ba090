import type { KeyRecord } from './key-record.ts';

/** A key as it is kept over a restart. Times are milliseconds since 1970. */
export interface RememberedKey {
  record: KeyRecord;
  /** When the database last said so. */
  verifiedAt: number;
  /** When a request last used it. */
  usedAt: number;
}

/** Keeps what is known of keys over a restart, so that a service can start while the database is away. */
export interface KeyMemory {
  /** What was saved last; empty when there is nothing or when it cannot be used. */
  load(): Promise<RememberedKey[]>;
  /** Replaces what was saved. @throws when it cannot be written; what was saved before then still holds. */
  save(keys: readonly RememberedKey[]): Promise<void>;
}
