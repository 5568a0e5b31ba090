import { newId } from '@rlaas/database';
import type { SentEvent } from '../history/history.ts';
import type { Random } from '../random.ts';

const DAY_MS = 86_400_000;
const NAMES = ['sent', 'edited', 'reopened', 'resolved'];
/** What JSON, SQL and encodings like to break. */
const TEXTS = ['plain', 'quote " \\ /', "o'neill", 'naïve Ωmega 你好', '🦜 \u2028 end', '{"a":[1]}', '\t\n'];

/** Makes events, each with a content that no other has. */
export interface EventMaker {
  well(): SentEvent;
  /** Another content under the id of `event`, well by itself. */
  rival(event: SentEvent): SentEvent;
  /** One that must be rejected, sometimes under the id of `event`, which is well. */
  invalid(event: SentEvent): SentEvent;
}

/** @param now milliseconds since 1970: ids carry it */
export function createEventMaker(random: Random, now: () => number): EventMaker {
  let made = 0;

  function make(meant: SentEvent['meant'], id: string, changes: Record<string, unknown> = {}): SentEvent {
    made += 1;
    const at = now();
    const content = {
      id,
      type: 'outcome',
      occurred_at: new Date(at - random.int(0, DAY_MS)).toISOString(),
      source: 'chaos',
      decision_id: newId(at - 60_000),
      data: { name: random.pick(NAMES), value: valueOf(made) },
      ...changes,
    };
    return { number: made, id, meant, content };
  }

  function valueOf(number: number): number | string {
    if (random.chance(0.3)) return random.chance(0.5) ? number : number + 0.1;
    return `${number} ${random.pick(TEXTS)} ${'.'.repeat(random.int(0, 300))}`;
  }

  /** Each wrong in one way, and each with something that no other has, so that its dead letter can be told. */
  function wrong(id: string): [string, Record<string, unknown>] {
    const at = now();
    const nonce = made + 1;
    switch (random.int(0, 8)) {
      case 0:
        return [id, { data: { name: 'sent' } }];
      case 1:
        return [id, { type: `shout-${nonce}` }];
      case 2:
        return [id, { schema_version: 2 }];
      case 3:
        return [`nonsense-${nonce}`, {}];
      case 4:
        return [newId(at + 2 * DAY_MS), {}];
      case 5:
        return [newId(at - 400 * DAY_MS), {}];
      case 6:
        return [id, { occurred_at: new Date(at + 2 * DAY_MS).toISOString() }];
      case 7:
        return [id, { data: { name: 'sent', value: `${nonce} \u0000` } }];
      default:
        return [id, { more: nonce }];
    }
  }

  return {
    well: () => make('well', newId(now())),
    rival: ({ id, content }) =>
      random.chance(0.3)
        ? make('well', id, { ...content, source: `rival-${made + 1}` })
        : make('well', id, { ...content, data: { name: 'sent', value: `rival ${made + 1}` } }),
    invalid(event) {
      const [id, changes] = wrong(random.chance(0.2) ? event.id : newId(now()));
      return make('invalid', id, { ...changes });
    },
  };
}
