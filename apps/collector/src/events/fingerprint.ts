import { hash } from 'node:crypto';

/**
 * The first 16 bytes of the SHA-256 of a text, as a text of 16 characters, one for each byte: tells a repeated event
 * from another one with the same id. A text, since making a Buffer costs more than the hash.
 */
export function fingerprint(canonicalText: string): string {
  return hash('sha256', canonicalText, 'binary').slice(0, 16);
}

/** The same in hexadecimal digits, as a `uuid` column takes it. */
export function fingerprintHex(bytes: string): string {
  return Buffer.from(bytes, 'latin1').toString('hex');
}
