import type { Readable } from 'node:stream';

/** What is known of a stored object without reading it. */
export interface ObjectInfo {
  key: string;
  /** Bytes. */
  size: number;
  /** SHA-256 of the content, 64 hexadecimal digits in lower case. */
  sha256: string;
  /** When it was stored, by the clock of the store. */
  lastModified: Date;
}

/** An object that is being read. */
export interface StoredObject extends ObjectInfo {
  /**
   * The content. It ends with an `ObjectCorrupt` error instead of ending well when the bytes are not those that were
   * stored, so act on what was read only after the end. Read it to the end or destroy it: it holds a file or a socket.
   */
  body: Readable;
}

export interface PutOptions {
  /** Store only if no object has this key; of several that try at the same time exactly one succeeds. */
  ifAbsent?: boolean;
  /** Told to those who fetch a presigned URL. A directory does not keep it. */
  contentType?: string;
  /** What the caller computed over the content, 64 hexadecimal digits; anything else in the body is refused. */
  sha256?: string;
}

export type PutResult =
  | { status: 'stored'; sha256: string; etag?: string }
  /** Only with `ifAbsent`: another object has the key, with this checksum where this store wrote it. */
  | { status: 'exists'; sha256?: string };

export interface ListedObject {
  key: string;
  /** Bytes. */
  size: number;
  lastModified: Date;
}

export interface ListPage {
  /** In the order of the keys' bytes. */
  objects: ListedObject[];
  /** Pass it as `after` for the next page; absent on the last page. */
  next?: string;
}

export interface ListOptions {
  /** Only keys behind this one. It need not exist. */
  after?: string;
  /** Objects in the page: 1 to 1000. Default 1000. */
  limit?: number;
}

export type CheckResult = { ok: true } | { ok: false; message: string };

/**
 * Objects: immutable bytes under a key. Both adapters behave the same, down to races and lost answers.
 *
 * Every method throws `ObjectStoreError`; its codes say whether trying again can help. After `store_unavailable` from
 * `put` it is not known whether the object was stored: repeat the same `put`.
 */
export interface ObjectStore {
  /** Stores the body in one piece: readers see the whole object or none, also after a crash or a power cut. */
  put(key: string, body: Uint8Array, options?: PutOptions): Promise<PutResult>;
  /** Opens an object, or answers `undefined` when there is none. */
  get(key: string): Promise<StoredObject | undefined>;
  /** What is known of an object, without its content; `undefined` when there is none. */
  head(key: string): Promise<ObjectInfo | undefined>;
  /** One page of the objects whose key begins with `prefix`, which may be empty and may end within a segment. */
  list(prefix: string, options?: ListOptions): Promise<ListPage>;
  /** Removes an object if there is one. S3 does not tell whether there was, so neither adapter does. */
  delete(key: string): Promise<void>;
  /**
   * A URL that lets its holder fetch the object for this long (1 s to 7 days) without credentials. `undefined` from a
   * directory, which no URL reaches: serve the bytes of `get` instead. It is not checked that the object exists.
   */
  presign(key: string, options: { expiresInSeconds: number; method: 'GET' }): Promise<string | undefined>;
  /** Whether objects can be stored now; the message says what to mend. An aborted signal answers `ok: false`. */
  check(signal?: AbortSignal): Promise<CheckResult>;
  /**
   * Removes what killed writers left behind, which no other method shows. Run it now and then.
   * @returns how many leftovers it removed; S3 keeps none
   */
  sweep(): Promise<number>;
}
