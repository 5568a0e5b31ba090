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

/**
 * Levels in a whole body: those of an event, the list and the object around it, and some more, so that an event which
 * is a little too deep is rejected alone.
 */
const BODY_DEPTH = 64;

export type ReadBatch =
  /** `body` has the members of the JSON form: `events`, and what else stands beside them. */
  { ok: true; body: unknown } | { ok: false; message: string };

/**
 * Reads a body in one of the formats. In those that are a list of their own, `events` is the only member.
 * @param nestsDeeper asked of the text before it is parsed, since a body of brackets alone fills the memory
 */
export function readBatch(
  body: Buffer,
  format: BatchFormat,
  nestsDeeper: (text: string, levels: number) => boolean,
): ReadBatch {
  if (!isUtf8(body)) return { ok: false, message: 'The body is not UTF-8.' };
  const text = withoutMark(body.toString('utf8'));
  if (text.trim() === '') return { ok: false, message: 'The body is empty.' };
  if (nestsDeeper(text, BODY_DEPTH)) {
    return { ok: false, message: `The body nests deeper than ${BODY_DEPTH} levels.` };
  }
  if (format === 'ndjson') return { ok: true, body: { events: readLines(text) } };
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
  return { ok: true, body: { events: value.map(eventOf) } };
}

/** One event for each line; lines without anything are left out. */
function readLines(text: string): unknown[] {
  return text
    .split('\n')
    .filter((line) => line.trim() !== '')
    .map((line) => {
      try {
        return JSON.parse(line) as unknown;
      } catch (error) {
        if (!(error instanceof SyntaxError)) throw error;
        return new Unreadable(line, '', 'this line is not valid JSON');
      }
    });
}

function withoutMark(text: string): string {
  return text.startsWith('\uFEFF') ? text.slice(1) : text;
}
