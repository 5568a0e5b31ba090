import type { KeyRecord } from './key-record.ts';

/** Where keys are looked up: the database, behind a port. */
export interface KeyStore {
  /**
   * The records of these keys, by the SHA-256 of each (32 bytes); unknown ones are missing from the answer.
   * @throws when the database cannot answer. An empty answer means that none of them is a key.
   */
  find(hashes: Buffer[]): Promise<KeyRecord[]>;
}
