/**
 * An event as text that is equal for equal events: members sorted, `schema_version` as it is understood when it is left
 * out. Members without a value do not count.
 */
export function normalForm(content: unknown): string {
  return JSON.stringify(isObject(content) ? { schema_version: 1, ...content } : content, sortMembers);
}

function sortMembers(_key: string, value: unknown): unknown {
  if (!isObject(value)) return value;
  return Object.fromEntries(Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)));
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
