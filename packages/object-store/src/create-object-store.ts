import { type DirectoryStoreOptions, directoryStore } from './directory/directory-store.ts';
import type { ObjectStore } from './object-store.ts';
import type { S3StoreOptions } from './s3/s3-config.ts';
import { s3Store } from './s3/s3-store.ts';

/** Which store a service uses; services read it from their environment. */
export type ObjectStoreConfig =
  | ({ kind: 'directory' } & DirectoryStoreOptions)
  | ({ kind: 's3' } & S3StoreOptions);

/**
 * Makes the store. Nothing is touched yet: ask `check` whether it can be used.
 * @throws ObjectStoreError `invalid_argument` when the configuration cannot be meant
 */
export function createObjectStore(config: ObjectStoreConfig): ObjectStore {
  return config.kind === 'directory' ? directoryStore(config) : s3Store(config);
}
