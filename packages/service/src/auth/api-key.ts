import { hash } from 'node:crypto';

const ALPHABET = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
// The largest multiple of 62 that a byte can hold: bytes from there on are drawn again, so no character is favoured.
const FAIR_LIMIT = 256 - (256 % ALPHABET.length);

const PREFIX_LENGTH = 12;
const SECRET_LENGTH = 32;

/** SHA-256 of a key in lower-case hex: what is stored of it and what it is looked up by. */
export function hashKey(key: string): string {
  return hash('sha256', key, 'hex');
}

export interface GeneratedKey {
  /** The key itself, `rlk_<12>_<32>`, to be shown once. */
  key: string;
  /** `rlk_<12>`: the part that may be shown again. */
  prefix: string;
  /** See `hashKey`. */
  hash: string;
}

/** A new key. `randomBytes` is a source of unpredictable bytes, such as that of `node:crypto`. */
export function generateKey(randomBytes: (size: number) => Uint8Array): GeneratedKey {
  const characters = randomCharacters(PREFIX_LENGTH + SECRET_LENGTH, randomBytes);
  const prefix = `rlk_${characters.slice(0, PREFIX_LENGTH)}`;
  const key = `${prefix}_${characters.slice(PREFIX_LENGTH)}`;
  return { key, prefix, hash: hashKey(key) };
}

function randomCharacters(count: number, randomBytes: (size: number) => Uint8Array): string {
  let text = '';
  while (text.length < count) {
    for (const byte of randomBytes(count - text.length)) {
      if (byte < FAIR_LIMIT) text += ALPHABET[byte % ALPHABET.length];
    }
  }
  return text;
}
