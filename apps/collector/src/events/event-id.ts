import { hash } from 'node:crypto';

const UUID_V7 = /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

export function isEventId(text: unknown): text is string {
  return typeof text === 'string' && text.length === 36 && UUID_V7.test(text);
}

/** Milliseconds since 1970 at which a UUIDv7 was made. */
export function timeOf(id: string): number {
  return Number.parseInt(id.slice(0, 8) + id.slice(9, 13), 16);
}

/**
 * The id of something that has a name elsewhere: a UUIDv7 of its time, its 74 free bits from the SHA-256 of the name.
 * The same name at the same time always gives the same id.
 * @param ms milliseconds since 1970
 */
export function derivedId(ms: number, name: string): string {
  const bits = hash('sha256', name, 'hex');
  const time = ms.toString(16).padStart(12, '0');
  // The two highest bits of this digit are those of the variant.
  const variant = (8 + (Number.parseInt(bits[3] ?? '0', 16) & 3)).toString(16);
  return `${time.slice(0, 8)}-${time.slice(8)}-7${bits.slice(0, 3)}-${variant}${bits.slice(4, 7)}-${bits.slice(7, 19)}`;
}
