import { ObjectStoreError } from './object-store-error.ts';

/** What S3 gives at most in one answer. */
const MAX_LIMIT = 1000;

/** @throws ObjectStoreError `invalid_argument` when the limit of a page is not 1 to 1000 */
export function assertLimit(limit: number | undefined): number {
  if (limit === undefined) return MAX_LIMIT;
  if (Number.isInteger(limit) && limit >= 1 && limit <= MAX_LIMIT) return limit;
  throw new ObjectStoreError('invalid_argument', `A page has 1 to ${MAX_LIMIT} objects, not ${limit}.`);
}
