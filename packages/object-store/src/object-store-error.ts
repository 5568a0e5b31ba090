/** Why the store did not do what it was asked. */
export type ObjectStoreErrorCode =
  /** The key breaks the rules of `object-key.ts`. */
  | 'invalid_key'
  /** An argument or the configuration cannot be meant. */
  | 'invalid_argument'
  /** The body does not have the checksum that the caller gave with it. */
  | 'checksum_mismatch'
  /** What is stored is not what was stored once. */
  | 'object_corrupt'
  /** Something without a checksum of ours has this key: this store did not write it. */
  | 'object_foreign'
  /** One key is the folder of another, like `a/b` and `a/b/c`. */
  | 'key_conflict'
  /** No space is left. */
  | 'store_full'
  /** The store answers, but refuses: credentials, permissions, a missing bucket, a link out of the folder. */
  | 'store_refused'
  /** The store does not answer, or says that it cannot now. The same call may succeed later. */
  | 'store_unavailable';

/** The only error that object stores throw. The message tells the operator what to do. */
export class ObjectStoreError extends Error {
  readonly code: ObjectStoreErrorCode;

  constructor(code: ObjectStoreErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'ObjectStoreError';
    this.code = code;
  }

  /** Whether the same call can succeed later without anybody mending something. */
  get retryable(): boolean {
    return this.code === 'store_unavailable';
  }
}

/** The stored bytes are damaged, cut short or gone. */
export class ObjectCorrupt extends ObjectStoreError {
  readonly key: string;

  constructor(key: string, what: string, options?: ErrorOptions) {
    super('object_corrupt', `The object ${key} is damaged: ${what}. Restore it from a backup.`, options);
    this.name = 'ObjectCorrupt';
    this.key = key;
  }
}

/** The system's or the driver's code of an error, if it has one. */
export function codeOf(error: unknown): string | undefined {
  if (typeof error !== 'object' || error === null || !('code' in error)) return undefined;
  return typeof error.code === 'string' ? error.code : undefined;
}
