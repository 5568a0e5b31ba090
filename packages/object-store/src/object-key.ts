import { ObjectStoreError } from './object-store-error.ts';

/** Bytes, S3's limit. Keys are ASCII, so characters are bytes. */
const MAX_KEY_LENGTH = 1024;
/** Bytes, the limit of file systems for one name. */
const MAX_SEGMENT_LENGTH = 255;

const CHARACTERS = /^[A-Za-z0-9!'()+,./=@_~-]*$/;

/**
 * Refuses a key that is not `segment/segment…` of the allowed characters: letters, digits and `! ' ( ) + , - . = @ _ ~`.
 *
 * The rules are what every adapter can keep. ASCII: file systems and servers disagree about everything else (Unicode
 * normal forms, escaping in URLs), and its string order is its byte order. No segment begins with a dot: that excludes
 * `..`, and adapters keep their own files under such names. At least two segments: the first names what the objects
 * are (`events/…`, `manifests/…`), and S3 listings turn a bare number like `007` into `7` in the client's XML parser.
 * @throws ObjectStoreError `invalid_key`
 */
export function assertKey(key: string): void {
  const mistake = keyMistake(key);
  if (mistake) throw new ObjectStoreError('invalid_key', `The key ${quote(key)} ${mistake}.`);
}

/**
 * Refuses a prefix that no key can begin with. It may be empty and may end within a segment.
 * @throws ObjectStoreError `invalid_key`
 */
export function assertPrefix(prefix: string): void {
  const folders = prefix.split('/').slice(0, -1);
  const mistake = charactersMistake(prefix) ?? folders.map(segmentMistake).find((found) => found);
  if (mistake) throw new ObjectStoreError('invalid_key', `The prefix ${quote(prefix)} ${mistake}.`);
}

/** Whether this string is a key by the rules of `assertKey`. */
export function isKey(key: string): boolean {
  return keyMistake(key) === undefined;
}

function keyMistake(key: string): string | undefined {
  const segments = key.split('/');
  if (segments.length < 2) return 'has no folder: write it like "events/…"';
  return charactersMistake(key) ?? segments.map(segmentMistake).find((found) => found);
}

function charactersMistake(text: string): string | undefined {
  if (text.length > MAX_KEY_LENGTH) return `is longer than ${MAX_KEY_LENGTH} bytes`;
  if (!CHARACTERS.test(text))
    return "may hold only letters, digits and ! ' ( ) + , - . = @ _ ~ between slashes";
  return undefined;
}

function segmentMistake(segment: string): string | undefined {
  if (segment === '') return 'has an empty segment';
  if (segment.startsWith('.')) return 'has a segment that begins with a dot';
  if (segment.length > MAX_SEGMENT_LENGTH) return `has a segment longer than ${MAX_SEGMENT_LENGTH} bytes`;
  return undefined;
}

function quote(text: string): string {
  return JSON.stringify(text.length > 200 ? `${text.slice(0, 200)}…` : text);
}
