import { newId } from '@rlaas/database';
import type { StoredEvent } from './event-store.ts';

/** Reads inputs of every kind, of decisions and of episodes. */
export const definition = {
  range: [-1, 1],
  window: { after: '20s', grace: '5s', early_when: 'has(e.sent) && has(e.stars)' },
  default: { value: -0.25, when: 'has(e.shown) && !has(e.sent)' },
  credit: 'discounted(0.5)',
  inputs: {
    shown: { event: 'outcome', name: 'shown', aggregate: 'any' },
    sent: { event: 'outcome', name: 'sent', aggregate: 'first' },
    amount: { event: 'outcome', name: 'amount', aggregate: 'sum', range: [-1, 1] },
    stars: { event: 'feedback', name: 'stars', aggregate: 'mean', scope: 'episode' },
    edit: { event: 'demonstration', aggregate: 'last', grader: 'edit_similarity' },
  },
  value: `(has(e.sent) ? 0.3 * e.sent : 0.0) + (has(e.amount) ? 0.1 * e.amount : 0.0)
    + (has(e.stars) ? 0.1 * e.stars : 0.0) - (has(e.edit) ? 0.2 * (1.0 - e.edit) : 0.0)`,
};

/** A number in [0, 1), the next one with each call. */
export type Random = () => number;

/** Mulberry32: the same seed tells the same story. */
export function randomOf(seed: number): Random {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** Decisions with their events: alone, in episodes, named by the application, deferred, superseded. */
export function makeHistory(random: Random, at: number, decisions: number): StoredEvent[] {
  const pick = <T>(...items: T[]): T => items[Math.floor(random() * items.length)] as T;
  const events: StoredEvent[] = [];
  const tag = newId(at);
  let last: string | undefined;
  for (let n = 0; n < decisions; n += 1) {
    const id = newId(at);
    const decidedAt = at + Math.floor(random() * 5_000);
    const episode = random() < 0.4 ? `episode-${tag}-${Math.floor(random() * decisions * 0.2)}` : undefined;
    const external = random() < 0.3 ? `name-${tag}-${Math.floor(random() * decisions * 0.5)}` : undefined;
    events.push({
      id,
      type: 'decision',
      at: decidedAt,
      ...(episode !== undefined && { episode }),
      ...(external !== undefined && { external }),
      data: {
        ...(random() < 0.2 && { deferred: true }),
        ...(random() < 0.1 && last !== undefined && { supersedes: last }),
      },
    });
    last = id;
    const about = () => (external !== undefined && random() < 0.5 ? { external } : { decision: id });
    const when = () => decidedAt + Math.floor(random() * 22_000) - 500;
    const say = (type: string, data: object, whom: object = about()) =>
      events.push({ id: newId(at), type, at: when(), data, ...whom });
    if (random() < 0.7) say('outcome', { name: 'shown', value: true });
    if (random() < 0.5) say('outcome', { name: 'sent', value: pick<unknown>(true, false, 0.5, 'x') });
    for (let k = 0; k < Math.floor(random() * 4); k += 1)
      say('outcome', { name: 'amount', value: random() * 2.2 - 1.1 });
    if (random() < 0.3) say('demonstration', { draft: 'a b c d', final: pick('a b c d', 'a b x d', 'no') });
    if (random() < 0.5) say('activation', {}, { decision: id });
    if (episode !== undefined && random() < 0.6) {
      say(
        'feedback',
        { name: 'stars', rating: pick(1, 2, 3, 4, 5) },
        pick<object>({ episode }, { decision: id }, { decision: id, episode }),
      );
    }
    if (episode !== undefined && random() < 0.2) {
      say('episode_end', { outcomes: [{ name: 'amount', value: 0.5 }] }, { episode });
    }
  }
  return events;
}

/** The same items in another order. */
export function shuffled<T>(items: readonly T[], random: Random): T[] {
  return items
    .map((item): [number, T] => [random(), item])
    .toSorted(([a], [b]) => a - b)
    .map(([, item]) => item);
}
