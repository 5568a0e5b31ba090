/** One place in which two configurations differ; a side that lacks it has no member of its own. */
export interface Difference {
  /** JSON pointer; in a list whose items have ids, the id stands for the index. */
  path: string;
  before?: unknown;
  after?: unknown;
}

/**
 * Where two JSON values differ, in the order of their members; none when they are equal. Members that are `undefined`
 * count as absent, and the order of an object's members does not count. Items with ids are compared by these, so that
 * one that is put in between does not make all that follow differ; their order is a difference of its own.
 */
export function differencesBetween(before: unknown, after: unknown, path = ''): Difference[] {
  if (before === after) return [];
  if (isObject(before) && isObject(after)) return betweenMembers(before, after, path);
  if (Array.isArray(before) && Array.isArray(after)) {
    const [one, other] = [byId(before), byId(after)];
    if (!one || !other) return isSameList(before, after) ? [] : [{ path, before, after }];
    const inside = betweenMembers(Object.fromEntries(one), Object.fromEntries(other), path);
    const [idsBefore, idsAfter] = [[...one.keys()], [...other.keys()]];
    const kept = idsAfter.filter((id) => one.has(id));
    const moved = idsBefore.filter((id) => other.has(id)).some((id, index) => id !== kept[index]);
    // The first action is the baseline.
    const otherFirst = before.length > 0 && after.length > 0 && idsBefore[0] !== idsAfter[0];
    return moved || otherFirst ? [...inside, { path, before: idsBefore, after: idsAfter }] : inside;
  }
  return [{ path, ...(before === undefined ? {} : { before }), ...(after === undefined ? {} : { after }) }];
}

type Members = Record<string, unknown>;

function isObject(value: unknown): value is Members {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function betweenMembers(before: Members, after: Members, path: string): Difference[] {
  const names = new Set([...Object.keys(before), ...Object.keys(after)]);
  return [...names].flatMap((name) =>
    differencesBetween(
      own(before, name),
      own(after, name),
      `${path}/${name.replaceAll('~', '~0').replaceAll('/', '~1')}`,
    ),
  );
}

function own(members: Members, name: string): unknown {
  return Object.hasOwn(members, name) ? members[name] : undefined;
}

function byId(list: readonly unknown[]): Map<string, unknown> | undefined {
  const items = new Map<string, unknown>();
  for (const item of list) {
    if (!isObject(item) || typeof item['id'] !== 'string') return undefined;
    items.set(item['id'], item);
  }
  return items.size === list.length ? items : undefined;
}

function isSameList(before: readonly unknown[], after: readonly unknown[]): boolean {
  return (
    before.length === after.length &&
    before.every((item, index) => differencesBetween(item, after[index]).length === 0)
  );
}
