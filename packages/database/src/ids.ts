import { v7 } from 'uuid';

/** A new UUIDv7 for the millisecond `now`. */
export function newId(now: number): string {
  return v7({ msecs: now });
}
