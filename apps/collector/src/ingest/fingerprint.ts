import { createHash } from 'node:crypto';
import { canonicalJson } from './canonical-json.ts';

/** 16 bytes that tell a repeated event from another one with the same id, however its JSON was written. */
export function fingerprint(event: object): Buffer {
  return createHash('sha256').update(canonicalJson(event)).digest().subarray(0, 16);
}
