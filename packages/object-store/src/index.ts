export { type ObjectStoreConfig, createObjectStore } from './create-object-store.ts';
export { type DirectoryStoreOptions, directoryStore } from './directory/directory-store.ts';
export { listAll } from './list-all.ts';
export { assertKey, isKey } from './object-key.ts';
export type {
  CheckResult,
  ListOptions,
  ListPage,
  ListedObject,
  ObjectInfo,
  ObjectStore,
  PutOptions,
  PutResult,
  StoredObject,
} from './object-store.ts';
export { ObjectCorrupt, ObjectStoreError, type ObjectStoreErrorCode } from './object-store-error.ts';
export type { S3StoreOptions } from './s3/s3-config.ts';
export { s3Store } from './s3/s3-store.ts';
