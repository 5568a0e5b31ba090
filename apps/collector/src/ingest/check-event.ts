import { type Event, type EventCode, eventSchema } from '@rlaas/schemas';

export type CheckedEvent =
  | { ok: true; event: Event }
  | { ok: false; id: string | null; code: EventCode; path?: string; message: string };

/** How far ahead of this clock an event may say it happened. */
const AHEAD_MS = 3_600_000;
const TYPES = new Set<unknown>(eventSchema.options.map((option) => option.shape.type.value));

/**
 * Whether an event may be stored.
 * @param trusted it comes from the gateway, which alone may write decisions: nobody outside may forge propensities
 */
export function checkEvent(given: unknown, options: { trusted: boolean; now: number }): CheckedEvent {
  const id = idOf(given);
  const type = typeof given === 'object' && given !== null && 'type' in given ? given.type : undefined;
  if (type !== undefined && !TYPES.has(type)) {
    return {
      ok: false,
      id,
      code: 'unknown_type',
      path: '/type',
      message: `must be one of ${[...TYPES].join(', ')}`,
    };
  }
  const parsed = eventSchema.safeParse(given);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    const path = `/${(issue?.path ?? []).map(String).join('/')}`;
    const code = path === '/schema_version' ? 'unsupported_version' : 'schema_invalid';
    return {
      ok: false,
      id,
      code,
      path: path === '/' ? '' : path,
      message: issue?.message ?? 'is not an event',
    };
  }
  const event = parsed.data;
  if (event.type === 'decision' && !options.trusted) {
    return {
      ok: false,
      id,
      code: 'not_allowed',
      path: '/type',
      message: 'decisions are written by the gateway only',
    };
  }
  if (Date.parse(event.occurred_at) > options.now + AHEAD_MS) {
    return {
      ok: false,
      id,
      code: 'occurred_in_future',
      path: '/occurred_at',
      message: 'is more than 1 h ahead',
    };
  }
  // Postgres cannot store these two in a text; found in one pass over the whole event.
  const text = JSON.stringify(event);
  if (text.includes(String.raw`\u0000`) || /\\ud[89a-f][0-9a-f]{2}/i.test(text)) {
    return {
      ok: false,
      id,
      code: 'schema_invalid',
      path: '',
      message: 'has a text with \\u0000 or half a surrogate pair',
    };
  }
  return { ok: true, event };
}

function idOf(given: unknown): string | null {
  if (typeof given !== 'object' || given === null || !('id' in given)) return null;
  return typeof given.id === 'string' ? given.id.slice(0, 64) : null;
}
