import type { Rejection } from '../events/check-event.ts';
import type { EventRow } from '../events/event-row.ts';
import { fingerprint } from '../events/fingerprint.ts';
import type { Origin } from '../events/origin.ts';
import type { HashSubject } from '../events/subject-keys.ts';
import { Unreadable } from '../events/unreadable.ts';

/** A rejected event on its way into `dead_letters`. */
export interface NewLetter {
  tenantId: string;
  eventId: string | null;
  type: string | null;
  code: string;
  path: string;
  message: string;
  origin: Origin;
  importId: string | null;
  /** What was sent: JSON, or the text that is none. */
  event: string;
  parsed: boolean;
  truncated: boolean;
  /** 16 bytes, a character each. */
  fingerprint: string;
}

/** As much as an event may have. What is larger is kept in part: enough to know it again. */
const KEPT_WHOLE = 256 * 1024;
const KEPT_OF_LARGER = 4 * 1024;

interface LetterContext {
  tenantId: string;
  origin: Origin;
  importId: string | null;
  hashSubject: HashSubject;
  /** Keeps only the beginning, whatever its size. */
  brief: boolean;
}

/** The letter of an event that did not pass. */
export function letterOf(given: unknown, rejection: Rejection, context: LetterContext): NewLetter {
  const text = given instanceof Unreadable ? given.given : jsonOf(given, context);
  return letter(
    {
      tenantId: context.tenantId,
      eventId: storable(rejection.id),
      type: storable(rejection.type),
      code: rejection.code,
      path: storable(rejection.path) ?? '',
      message: storable(rejection.message) ?? '',
      origin: context.origin,
      importId: context.importId,
      parsed: !(given instanceof Unreadable),
    },
    text,
    context.brief ? KEPT_OF_LARGER : KEPT_WHOLE,
  );
}

/** The letter of an event that passed and could not be stored: as it was sent, so that a replay has its fingerprint. */
export function letterOfRow(
  row: EventRow,
  { code, path, message, origin }: { code: string; path: string; message: string; origin: Origin },
): NewLetter {
  return letter(
    {
      tenantId: row.tenantId,
      eventId: row.id,
      type: row.type,
      code,
      path,
      message,
      origin,
      importId: row.importId,
      parsed: true,
    },
    row.text,
  );
}

function letter(
  parts: Omit<NewLetter, 'event' | 'truncated' | 'fingerprint'>,
  text: string,
  most = KEPT_WHOLE,
): NewLetter {
  const truncated = text.length > most;
  return {
    ...parts,
    event: storableText(truncated ? text.slice(0, KEPT_OF_LARGER) : text),
    parsed: parts.parsed && !truncated,
    truncated,
    fingerprint: fingerprint(text),
  };
}

/** JSON escapes what Postgres cannot store in a text; the subject is kept as its hash, or not at all. */
function jsonOf(given: unknown, { hashSubject }: LetterContext): string {
  const named =
    typeof given === 'object' && given !== null && !Array.isArray(given) && 'subject' in given
      ? { ...given, subject: hashedFor(given.subject, hashSubject) }
      : given;
  try {
    return JSON.stringify(named) ?? 'null';
  } catch (error) {
    // Too many levels for the writer of JSON.
    if (error instanceof RangeError) return '"nests too deeply to be written down"';
    throw error;
  }
}

function hashedFor(subject: unknown, hashSubject: HashSubject): unknown {
  if (subject === undefined) return undefined;
  const hashed = typeof subject === 'string' ? hashSubject(subject) : undefined;
  return hashed?.toString('hex') ?? '(removed)';
}

function storable(text: string | null): string | null {
  return text === null ? null : storableText(text);
}

function storableText(text: string): string {
  return text.replaceAll('\0', '\uFFFD').toWellFormed();
}
