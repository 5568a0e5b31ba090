import { hash } from 'node:crypto';
import type { Policy } from '@rlaas/schemas';

/**
 * The entity tag (RFC 9110 §8.8.3) of a policy: equal for equal configurations. So a change that was taken back
 * meanwhile does not refuse anybody. Members come in the order of the schema or of the database, both the same for the
 * same content.
 */
export function entityTagOf(policy: Pick<Policy, 'configuration'>): string {
  return `"${hash('sha256', JSON.stringify(policy.configuration)).slice(0, 32)}"`;
}

/** What must hold of what is stored for a change to be made. */
export interface Expectation {
  /** It is there with this entity tag; `*`: with any. */
  ifMatch?: string | undefined;
  /** It is not there. */
  ifAbsent?: boolean | undefined;
}

/** Whether what is stored, with its tag, is as expected; `undefined`: nothing is stored. */
export function isAsExpected({ ifMatch, ifAbsent }: Expectation, stored: string | undefined): boolean {
  if (ifAbsent === true && stored !== undefined) return false;
  return ifMatch === undefined || (stored !== undefined && (ifMatch === '*' || ifMatch === stored));
}
