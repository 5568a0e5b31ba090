import {
  type DecisionEvent,
  type Event,
  type EventCode,
  type EventType,
  eventSchemasByType,
  eventTypes,
} from '@rlaas/schemas';
import { type CanonicalEvent, UnstorableValue, canonicalEvent } from './canonical-event.ts';
import { isEventId, timeOf } from './event-id.ts';
import type { EventRow } from './event-row.ts';
import { fingerprint } from './fingerprint.ts';
import { type Origin, refusalOfDecision, refusalOfType } from './origin.ts';
import { type HashSubject, takeHashedSubject } from './subject-keys.ts';
import { Unreadable } from './unreadable.ts';

/** How far ahead of this clock an event may say it was made or happened. */
const AHEAD_MS = 3_600_000;
/** Largest event in its canonical form, in bytes of UTF-8. */
const EVENT_SIZE = 256 * 1024;
const JOURNAL_EVENT_SIZE = 1024 * 1024;
const TYPES: ReadonlySet<unknown> = new Set(eventTypes);

/** Why an event is not stored. */
export interface Rejection {
  code: Exclude<EventCode, 'not_persisted'>;
  path: string;
  message: string;
  /** What the event says of itself, as far as it can be read. */
  id: string | null;
  type: string | null;
}
export type CheckedEvent = { ok: true; row: EventRow } | { ok: false; rejection: Rejection };

/** What an event is checked against. */
export interface CheckContext {
  tenantId: string;
  origin: Origin;
  /** The import that it belongs to; ids of its events have the time of its base. */
  importing: { id: string; idBase: string } | undefined;
  /** Milliseconds since 1970. */
  now: number;
  /** Least time of an id for which there is a partition. */
  oldestIdMs: number;
  hashSubject: HashSubject;
}

/** Whether an event may be stored, and its row. */
export function checkEvent(given: unknown, context: CheckContext): CheckedEvent {
  if (given instanceof Unreadable) return refuse({}, 'schema_invalid', given.path, given.message);
  if (typeof given !== 'object' || given === null || Array.isArray(given)) {
    return refuse({}, 'schema_invalid', '', 'an event must be an object');
  }
  const raw = given as Readonly<Record<string, unknown>>;
  const { type, id } = raw;
  if (!TYPES.has(type)) {
    return type === undefined
      ? refuse(raw, 'schema_invalid', '/type', 'is required')
      : refuse(raw, 'unknown_type', '/type', `must be one of ${eventTypes.join(', ')}`);
  }
  if (raw['schema_version'] !== undefined && raw['schema_version'] !== 1) {
    return refuse(raw, 'unsupported_version', '/schema_version', 'must be 1, the only version of this type');
  }
  if (!isEventId(id)) {
    return refuse(raw, 'invalid_id', '/id', 'must be a UUIDv7 in lower case, made by the sender');
  }
  const givenSubject = raw['subject'];
  const subject = typeof givenSubject === 'string' ? context.hashSubject(givenSubject) : undefined;
  if (typeof givenSubject === 'string' && subject === undefined) {
    return refuse(
      raw,
      'schema_invalid',
      '/subject',
      context.hashSubject === takeHashedSubject
        ? 'is not the hash of a subject: it was removed when the event was refused, or never hashed'
        : 'cannot be taken: this installation has no RLAAS_MASTER_KEY to hash subjects with',
    );
  }
  let canonical: CanonicalEvent;
  try {
    canonical = canonicalEvent(subject ? { ...raw, subject: subject.toString('hex') } : raw);
  } catch (error) {
    if (!(error instanceof UnstorableValue)) throw error;
    return refuse(raw, 'schema_invalid', pointer(error.path), error.message);
  }
  const limit = context.origin === 'internal' ? JOURNAL_EVENT_SIZE : EVENT_SIZE;
  if (isLonger(canonical.text, limit)) {
    return refuse(raw, 'event_too_large', '', `has more than ${limit / 1024} KiB`);
  }
  const parsed = eventSchemasByType[type as EventType].safeParse(raw);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    if (!issue) throw new Error('a schema refused an event without saying why');
    // An unknown member is the mistake, not the object that it is in.
    const [unknown] = issue.code === 'unrecognized_keys' ? issue.keys : [];
    const path = unknown === undefined ? issue.path : [...issue.path, unknown];
    return refuse(raw, 'schema_invalid', pointer(path), issue.message);
  }
  const event: Event = parsed.data;
  const refusal =
    refusalOfType(context.origin, event.type) ??
    (event.type === 'decision' ? refusalOfDecision(context.origin, event.data) : undefined);
  if (refusal) return refuse(raw, 'not_allowed', refusal.path, refusal.message);
  const occurredAt = Date.parse(event.occurred_at);
  return (
    refusalOfTimes(event, occurredAt, context) ?? {
      ok: true,
      row: rowOf(event, occurredAt, canonical, subject, context),
    }
  );
}

function refusalOfTimes(event: Event, occurredAt: number, context: CheckContext): CheckedEvent | undefined {
  const made = timeOf(event.id);
  if (context.importing && made !== timeOf(context.importing.idBase)) {
    return refuse(event, 'invalid_id', '/id', 'must have the time of the id_base of its import');
  }
  if (made > context.now + AHEAD_MS) {
    return refuse(event, 'id_in_future', '/id', 'was made more than 1 h ahead by the clock of its sender');
  }
  if (made < context.oldestIdMs) {
    return refuse(
      event,
      'id_too_old',
      '/id',
      `was made before ${new Date(context.oldestIdMs).toISOString()}, further back than duplicates can be told`,
    );
  }
  if (occurredAt > context.now + AHEAD_MS) {
    return refuse(event, 'occurred_in_future', '/occurred_at', 'is more than 1 h ahead');
  }
  if (event.type === 'decision' && context.origin !== 'import' && event.data.probabilities === undefined) {
    return refuse(event, 'schema_invalid', '/data/probabilities', 'is required outside of imports');
  }
  return undefined;
}

function rowOf(
  event: Event,
  occurredAt: number,
  canonical: CanonicalEvent,
  subject: Buffer | undefined,
  context: CheckContext,
): EventRow {
  return {
    tenantId: context.tenantId,
    id: event.id,
    type: event.type,
    schemaVersion: event.schema_version ?? 1,
    occurredAt,
    policy: event.policy ?? null,
    decisionId: isDecision(event) ? event.id : (event.decision_id ?? null),
    externalId: event.external_id ?? null,
    episodeId: event.episode_id ?? null,
    subject: subject ?? null,
    source: event.source,
    data: canonical.data,
    text: canonical.text,
    fingerprint: fingerprint(canonical.text),
    importId: context.importing?.id ?? null,
    bytes: canonical.text.length + 200,
  };
}

function isDecision(event: Event): event is DecisionEvent {
  return event.type === 'decision';
}

function refuse(
  event: Readonly<Record<string, unknown>> | Event,
  code: Rejection['code'],
  path: string,
  message: string,
): CheckedEvent {
  return { ok: false, rejection: { code, path, message, id: textOf(event.id), type: textOf(event.type) } };
}

/** Counted only where it can matter: a UTF-16 unit is at most three bytes. */
function isLonger(text: string, bytes: number): boolean {
  return text.length > bytes || (text.length * 3 > bytes && Buffer.byteLength(text) > bytes);
}

function textOf(value: unknown): string | null {
  return typeof value === 'string' ? value.slice(0, 64) : null;
}

function pointer(path: readonly PropertyKey[]): string {
  return path
    .map((step) => `/${String(step).slice(0, 100).replaceAll('~', '~0').replaceAll('/', '~1')}`)
    .join('');
}
