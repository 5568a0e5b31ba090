import type { BodyBuffers } from './body-buffers.ts';
import type { Chunks } from './chunks.ts';
import { ENTRY_HEADER } from './entry.ts';
import type { Lane } from './lanes.ts';
import { SEGMENT_HEADER } from './segment.ts';
import type { Segments } from './segments.ts';
import type { Place } from './shipped-positions.ts';

const BEGIN = '{"events":[';
const COMMA = 0x2c;
/** `]}`, and a comma before each entry. */
const ROOM = 3;

/** Decisions of one tenant as a body for the collector. */
export interface Shipment {
  body: Buffer<ArrayBuffer>;
  entries: number;
  /** Bytes of the entries in the journal. */
  bytes: number;
  /** Where the next one of the tenant can be. */
  end: Place;
  /** An event, as JSON, before the body is released. @param index from 0 */
  event: (index: number) => string;
  /** Says that nobody reads the body any more. Without it, it is left to be collected. */
  release: () => void;
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
  {
    segments,
    chunks,
    bodies,
    bytes: most,
  }: { segments: Segments; chunks: Chunks; bodies: BodyBuffers; bytes: number },
  turn: () => Promise<void>,
): Promise<Shipment | undefined> {
  /** Where each event ends in the body. */
  const ends: number[] = [];
  let body = bodies.take();
  let length = body.write(BEGIN, 'latin1');
  let bytes = 0;
  let [number, place]: Place = [lane.segment, lane.offset];
  const isFull = (more: number): boolean =>
    ends.length >= lane.limit || (ends.length > 0 && bytes + more > most);
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
      // Copied at once: the chunk is used again for another part of the journal.
      if (length + entry.length + ROOM > body.length) {
        body = bodies.grow(body, length, length + entry.length + ROOM);
      }
      if (ends.length > 0) body[length++] = COMMA;
      length += chunk.bytes.copy(body, length, from + ENTRY_HEADER, from + entry.length);
      ends.push(length);
      bytes += entry.length;
      place = entry.at + entry.length;
    }
    if (full) break;
    place = chunk.to;
    await turn();
  }
  if (ends.length === 0) {
    bodies.release(body);
    lane.rest();
    return undefined;
  }
  length += body.write(']}', length, 'latin1');
  const whole = body;
  return {
    body: whole.subarray(0, length),
    entries: ends.length,
    bytes,
    end: [number, place],
    event: (index) => {
      const from = index === 0 ? BEGIN.length : (ends[index - 1] ?? 0) + 1;
      return index < ends.length ? whole.toString('utf8', from, ends[index]) : 'null';
    },
    release: () => bodies.release(whole),
  };
}
