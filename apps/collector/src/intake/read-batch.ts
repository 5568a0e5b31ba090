import { isUtf8 } from 'node:buffer';
import { Unreadable } from '../events/unreadable.ts';
import { eventOf } from './cloud-event.ts';

/** How a batch is written down. */
export type BatchFormat = 'json' | 'ndjson' | 'cloudevents-batch' | 'cloudevents';

const FORMATS: ReadonlyMap<string, BatchFormat> = new Map([
  ['application/json', 'json'],
  ['application/x-ndjson', 'ndjson'],
  ['application/ndjson', 'ndjson'],
  ['application/jsonl', 'ndjson'],
  ['application/cloudevents-batch+json', 'cloudevents-batch'],
  ['application/cloudevents+json', 'cloudevents'],
]);

/** What a batch may be sent as. */
export const batchTypes: readonly string[] = [...FORMATS.keys()];

/** The format of a content type; `undefined` for one that is not taken, also for another encoding than UTF-8. */
export function formatOf(contentType: string): BatchFormat | undefined {
  const [essence = '', ...parameters] = contentType.toLowerCase().split(';');
  const charset = parameters
    .map((parameter) => parameter.trim())
    .find((parameter) => parameter.startsWith('charset='));
  if (charset !== undefined && !/^charset="?utf-?8"?$/.test(charset)) return undefined;
  return FORMATS.get(essence.trim());
}

/** Says before parsing whether texts would become more than the limits, together. */
interface Shape {
  /** @returns the limit that is exceeded with this text */
  add: (text: string) => keyof ShapeLimits | undefined;
}

/** Most levels, objects and lists, and names that differ. */
interface ShapeLimits {
  levels: number;
  nodes: number;
  names: number;
}

/**
 * Levels: those of an event, the list and the object around it, and some more, so that an event which is a little too
 * deep is rejected alone. Objects and lists: hundreds for each event of a full batch; names that differ: dozens.
 */
const SHAPE: ShapeLimits = { levels: 64, nodes: 250_000, names: 50_000 };
const BEYOND = {
  levels: `nests deeper than ${SHAPE.levels} levels`,
  nodes: `has more than ${SHAPE.nodes} objects and lists`,
  names: `has more than ${SHAPE.names} different names of members`,
};
/** One more than a batch may have shows that it has too many; the others need not be read. */
const MOST_EVENTS = 1_001;

export type ReadBatch =
  /** `body` has the members of the JSON form: `events`, and what else stands beside them. */
  { ok: true; body: unknown } | { ok: false; message: string };

/** Reads a body in one of the formats. In those that are a list of their own, `events` is the only member. */
export function readBatch(
  body: Buffer,
  format: BatchFormat,
  shapeOf: (limits: ShapeLimits) => Shape,
): ReadBatch {
  if (!isUtf8(body)) return { ok: false, message: 'The body is not UTF-8.' };
  const text = withoutMark(body.toString('utf8'));
  if (text.trim() === '') return { ok: false, message: 'The body is empty.' };
  const shape = shapeOf(SHAPE);
  if (format === 'ndjson') return readLines(text, shape);
  const beyond = shape.add(text);
  if (beyond) return { ok: false, message: `The body ${BEYOND[beyond]}.` };
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    return { ok: false, message: 'The body is not valid JSON.' };
  }
  if (format === 'json') return { ok: true, body: value };
  if (format === 'cloudevents') return { ok: true, body: { events: [eventOf(value)] } };
  if (!Array.isArray(value)) return { ok: false, message: 'A batch of CloudEvents must be a list.' };
  return { ok: true, body: { events: value.slice(0, MOST_EVENTS).map(eventOf) } };
}

/** One event for each line; lines without anything are left out. */
function readLines(text: string, shape: Shape): ReadBatch {
  const events: unknown[] = [];
  for (let start = 0; start < text.length && events.length < MOST_EVENTS;) {
    const found = text.indexOf('\n', start);
    const end = found === -1 ? text.length : found;
    const line = text.slice(start, end);
    start = end + 1;
    if (line.trim() === '') continue;
    // Each by itself: a quote that a line leaves open would hide the brackets of the next.
    const beyond = shape.add(line);
    if (beyond === 'levels') events.push(new Unreadable(line, '', BEYOND.levels));
    else if (beyond) return { ok: false, message: `The body ${BEYOND[beyond]}.` };
    else events.push(readLine(line));
  }
  return { ok: true, body: { events } };
}

function readLine(line: string): unknown {
  try {
    return JSON.parse(line) as unknown;
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    return new Unreadable(line, '', 'this line is not valid JSON');
  }
}

function withoutMark(text: string): string {
  return text.startsWith('\uFEFF') ? text.slice(1) : text;
}
