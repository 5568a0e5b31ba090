import { isSha256 } from '../checksum.ts';
import { ObjectStoreError } from '../object-store-error.ts';

// The checksum is stored as metadata, not as `x-amz-checksum-sha256`: every server returns metadata with each GET and
// HEAD, while checksum headers come only when asked for, are unknown to some servers, and the client cannot send them.
// On its way to the server the body is guarded by the signature (http) or Content-MD5 (https).
const SHA256 = 'sha256';
/** Random, new for each `put`: tells whether an object is the one whose answer was lost. */
const PUT_ID = 'put-id';

/** What is stored with each object. */
export function metadataOf(sha256: string, putId: string): Record<string, string> {
  return { [SHA256]: sha256, [PUT_ID]: putId };
}

/**
 * The checksum in an object's metadata.
 * @throws ObjectStoreError `object_foreign` when there is none
 */
export function sha256In(key: string, metadata: Record<string, unknown>): string {
  const sha256 = textIn(metadata, SHA256);
  if (isSha256(sha256)) return sha256;
  throw new ObjectStoreError(
    'object_foreign',
    `${key} has no checksum: it was not written by the object store. Remove it, or store it again through the service.`,
  );
}

/** The same, but `undefined` when there is none. */
export function knownSha256In(metadata: Record<string, unknown>): string | undefined {
  const sha256 = textIn(metadata, SHA256);
  return isSha256(sha256) ? sha256 : undefined;
}

export function putIdIn(metadata: Record<string, unknown>): string | undefined {
  return textIn(metadata, PUT_ID);
}

function textIn(metadata: Record<string, unknown>, name: string): string | undefined {
  const value = metadata[name] ?? metadata[`x-amz-meta-${name}`];
  return typeof value === 'string' ? value : undefined;
}
