import { hash } from 'node:crypto';
import { derivedId } from '../events/event-id.ts';
import { Unreadable } from '../events/unreadable.ts';

/** Types of CloudEvents may carry this prefix: `rlaas.outcome` is `outcome`. */
const TYPE_PREFIX = /^(?:[a-z0-9-]+\.)*rlaas\./;
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
  const refuse = (path: string, message: string): Unreadable =>
    new Unreadable(JSON.stringify(given) ?? 'null', path, message);
  if (typeof given !== 'object' || given === null || Array.isArray(given)) {
    return refuse('', 'a CloudEvent must be an object');
  }
  const event = given as Readonly<Record<string, unknown>>;
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
    type: type.replace(TYPE_PREFIX, ''),
    occurred_at: new Date(ms).toISOString(),
    source: source.slice(0, 100),
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
