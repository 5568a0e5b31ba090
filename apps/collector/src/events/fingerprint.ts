import { hash } from 'node:crypto';

/** The first 16 bytes of the SHA-256 of a text: tells a repeated event from another one with the same id. */
export function fingerprint(canonicalText: string): Buffer {
  return hash('sha256', canonicalText, 'buffer').subarray(0, 16);
}
