import type { Chunks } from './chunks.ts';
import { ENTRY_HEADER } from './entry.ts';
import type { Lane } from './lanes.ts';
import { SEGMENT_HEADER } from './segment.ts';
import type { Segments } from './segments.ts';
import type { Place } from './shipped-positions.ts';

const BEGIN = Buffer.from('{"events":[');
const BETWEEN = Buffer.from(',');
const END = Buffer.from(']}');

/** Decisions of one tenant as a body for the collector. */
export interface Shipment {
  body: Buffer<ArrayBuffer>;
  entries: number;
  /** Bytes of the entries in the journal. */
  bytes: number;
  /** Where the next one of the tenant can be. */
  end: Place;
  /** An event, as JSON. @param index from 0 */
  event: (index: number) => string;
}

/**
 * Puts the next decisions of a tenant together, as they stand in the journal, at most as many as its lane says.
 * @param bytes about the most; one decision is taken in any case
 * @param turn lets others run, between two parts of the journal
 * @returns `undefined` when there is none; then the lane rests
 * @throws the error of the disk
 */
export async function nextShipment(
  lane: Lane,
  { segments, chunks, bytes: most }: { segments: Segments; chunks: Chunks; bytes: number },
  turn: () => Promise<void>,
): Promise<Shipment | undefined> {
  const parts: Buffer[] = [];
  let bytes = 0;
  let [number, place]: Place = [lane.segment, lane.offset];
  const isFull = (more: number): boolean =>
    parts.length >= lane.limit || (parts.length > 0 && bytes + more > most);
  for (;;) {
    const segment = segments.withLane(lane, number);
    if (!segment) break;
    if (segment.number > number) [number, place] = [segment.number, SEGMENT_HEADER];
    if (place >= segment.bytes) {
      if (!segment.closed) break;
      [number, place] = [number + 1, SEGMENT_HEADER];
      continue;
    }
    const chunk = chunks.read(segment, place);
    let full = false;
    for (const entry of chunk.entries) {
      if (entry.lane !== lane || entry.at < place) continue;
      full = isFull(entry.length);
      if (full) break;
      const from = entry.at - chunk.from;
      parts.push(chunk.bytes.subarray(from + ENTRY_HEADER, from + entry.length));
      bytes += entry.length;
      place = entry.at + entry.length;
    }
    if (full) break;
    place = chunk.to;
    await turn();
  }
  if (parts.length === 0) {
    lane.rest();
    return undefined;
  }
  return { ...bodyOf(parts), entries: parts.length, bytes, end: [number, place] };
}

function bodyOf(parts: readonly Buffer[]): Pick<Shipment, 'body' | 'event'> {
  const joined: Buffer[] = [BEGIN];
  for (const [index, part] of parts.entries()) {
    if (index > 0) joined.push(BETWEEN);
    joined.push(part);
  }
  joined.push(END);
  return { body: Buffer.concat(joined), event: (index) => parts[index]?.toString('utf8') ?? 'null' };
}
