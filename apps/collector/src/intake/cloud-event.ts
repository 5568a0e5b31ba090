import { hash } from 'node:crypto';
import { derivedId } from '../events/event-id.ts';
import { Unreadable } from '../events/unreadable.ts';

/** Types of CloudEvents may carry this prefix: `rlaas.outcome` is `outcome`. */
const TYPE_PREFIX = /^(?:[a-z0-9-]+\.)*rlaas\./;
/** Longer texts are no type of ours, and a pattern runs out of stack on one of millions of parts. */
const LONGEST_TYPE = 256;
const LONGEST_SOURCE = 100;
const RFC_3339 = /^\d{4}-\d{2}-\d{2}[Tt]\d{2}:\d{2}:\d{2}(\.\d+)?([Zz]|[+-]\d{2}:\d{2})$/;
/** Names of attributes have no underscores there. */
const EXTENSIONS = [
  ['policy', 'policy'],
  ['decisionid', 'decision_id'],
  ['externalid', 'external_id'],
  ['episodeid', 'episode_id'],
] as const;

/**
 * A CloudEvent (1.0, structured mode) as an event. Its id comes from its time and a hash of `source` and `id`, which
 * together are unique by the standard: sent again it is the same event.
 */
export function eventOf(given: unknown): unknown {
  if (typeof given !== 'object' || given === null || Array.isArray(given)) {
    return new Unreadable(JSON.stringify(given) ?? 'null', '', 'a CloudEvent must be an object');
  }
  // By the standard an attribute that is null is one that is not there.
  const event: Readonly<Record<string, unknown>> = Object.fromEntries(
    Object.entries(given).filter(([, value]) => value !== null),
  );
  // It is kept as it was sent, but for the person it is about: there is no event in which that is replaced by its hash.
  const refuse = (path: string, message: string): Unreadable =>
    new Unreadable(
      JSON.stringify('subject' in given ? { ...given, subject: '(removed)' } : given),
      path,
      message,
    );
  const { specversion, id, source, type, time, data, datacontenttype } = event;
  if (specversion !== '1.0') return refuse('/specversion', 'must be "1.0"');
  if (typeof id !== 'string' || id === '') return refuse('/id', 'must be a text');
  if (typeof source !== 'string' || source === '') return refuse('/source', 'must be a text');
  if (typeof type !== 'string' || type === '') return refuse('/type', 'must be a text');
  const ms = typeof time === 'string' && RFC_3339.test(time) ? Date.parse(time) : Number.NaN;
  if (Number.isNaN(ms) || ms < 0) {
    return refuse('/time', 'must be a time of RFC 3339: the id of the event is derived from it');
  }
  if (event['data_base64'] !== undefined) return refuse('/data_base64', 'data must be JSON, in "data"');
  if (
    datacontenttype !== undefined &&
    !(typeof datacontenttype === 'string' && /^application\/(?:[\w.-]+\+)?json\b/.test(datacontenttype))
  ) {
    return refuse('/datacontenttype', 'must be application/json');
  }
  return {
    id: derivedId(ms, `${hash('sha256', source, 'hex')}${id}`),
    type: type.length > LONGEST_TYPE ? type : type.replace(TYPE_PREFIX, ''),
    occurred_at: new Date(ms).toISOString(),
    source: shortened(source),
    ...(event['subject'] !== undefined && { subject: event['subject'] }),
    ...Object.fromEntries(
      EXTENSIONS.filter(([theirs]) => event[theirs] !== undefined).map(([theirs, ours]) => [
        ours,
        event[theirs],
      ]),
    ),
    ...(data !== undefined && { data }),
  };
}

/** Does not end with half of a surrogate pair. */
function shortened(source: string): string {
  return source.length > LONGEST_SOURCE
    ? source.slice(0, LONGEST_SOURCE).replace(/[\uD800-\uDBFF]$/, '')
    : source;
}
