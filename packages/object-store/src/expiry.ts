import { ObjectStoreError } from './object-store-error.ts';

/** S3's limit: 7 days. */
const MAX_EXPIRY_SECONDS = 7 * 24 * 60 * 60;

/** @throws ObjectStoreError `invalid_argument` when a URL may not live for this long */
export function assertExpiry(seconds: number): void {
  if (Number.isInteger(seconds) && seconds >= 1 && seconds <= MAX_EXPIRY_SECONDS) return;
  throw new ObjectStoreError(
    'invalid_argument',
    `A URL expires after 1 to ${MAX_EXPIRY_SECONDS} whole seconds, not after ${seconds}.`,
  );
}
