import type { Decide } from '@rlaas/schemas';

/** What is wrong with a request, at a JSON pointer. */
export interface Mistake {
  path: string;
  message: string;
}

/** The collector takes ids of up to an hour ahead; its clock may be behind this one. */
const AHEAD_MS = 1_800_000;
/** Older ids may no longer be told from repeated ones when the journal reaches the collector late. */
const BEHIND_MS = 86_400_000;

/** What the schema cannot see: whether it fits the policy and the clock. */
export function mistakeIn(
  asked: Decide,
  actions: readonly { readonly id: string }[],
  now: number,
): Mistake | undefined {
  if (asked.id !== undefined) {
    const made = timeOf(asked.id);
    if (made > now + AHEAD_MS) return { path: '/id', message: 'was made more than 30 minutes ahead' };
    if (made < now - BEHIND_MS) {
      return { path: '/id', message: 'was made more than a day ago: make an id when you ask' };
    }
  }
  return asked.excluded === undefined ? undefined : unlisted(asked.excluded, actions);
}

function unlisted(
  excluded: readonly string[],
  actions: readonly { readonly id: string }[],
): Mistake | undefined {
  const ids = new Set(actions.map(({ id }) => id));
  const index = excluded.findIndex((id) => !ids.has(id));
  if (index !== -1) return { path: `/excluded/${index}`, message: 'must be the id of a listed action' };
  return new Set(excluded).size === ids.size
    ? { path: '/excluded', message: 'must not exclude every action' }
    : undefined;
}

/** Milliseconds since 1970 in which a UUIDv7 was made. */
function timeOf(id: string): number {
  return Number.parseInt(id.slice(0, 8) + id.slice(9, 13), 16);
}
