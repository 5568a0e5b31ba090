import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import type { Lanes } from './lanes.ts';

/** A segment's number and a place in it. */
export type Place = readonly [segment: number, offset: number];

/** Up to where the collector has everything. */
export interface ShippedPositions {
  /** For all tenants that are not in `lanes`. */
  end: Place;
  /** Tenants of which it does not have everything before `end`. */
  lanes: Readonly<Record<string, Place>>;
}

const NOTHING: ShippedPositions = { end: [0, 0], lanes: {} };

/** What is to be kept, as text. */
export function positionsText(lanes: Lanes, end: Place): string {
  const positions: Record<string, Place> = {};
  for (const lane of lanes.all()) {
    if (!lane.idle) positions[lane.tenantId] = [lane.segment, lane.offset];
  }
  return JSON.stringify({ end, lanes: positions } satisfies ShippedPositions);
}

/** Written beside and renamed: it is whole or as before. What it says too little is only sent again. */
export function keepPositions(path: string, text: string): void {
  writeFileSync(`${path}.new`, text, { mode: 0o600 });
  renameSync(`${path}.new`, path);
}

/** What was kept; nothing when it was not, or cannot be read: then everything is sent again. */
export function readPositions(path: string): ShippedPositions {
  if (!existsSync(path)) return NOTHING;
  try {
    const value: unknown = JSON.parse(readFileSync(path, 'utf8'));
    return isPositions(value) ? value : NOTHING;
  } catch (error) {
    // Half of a file after a loss of power.
    if (error instanceof SyntaxError) return NOTHING;
    throw error;
  }
}

/** Whether the collector had the entry at this place when the positions were kept. */
export function wasShipped(
  { end, lanes }: ShippedPositions,
  tenantId: string,
  [segment, offset]: Place,
): boolean {
  const [endSegment, endOffset] = lanes[tenantId] ?? end;
  return segment < endSegment || (segment === endSegment && offset < endOffset);
}

function isPositions(value: unknown): value is ShippedPositions {
  if (typeof value !== 'object' || value === null || !('end' in value) || !('lanes' in value)) return false;
  const { end, lanes } = value;
  return isPlace(end) && typeof lanes === 'object' && lanes !== null && Object.values(lanes).every(isPlace);
}

function isPlace(value: unknown): value is Place {
  return Array.isArray(value) && value.length === 2 && value.every((number) => Number.isSafeInteger(number));
}
