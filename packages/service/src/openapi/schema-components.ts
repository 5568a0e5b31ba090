/** JSON as it is in an OpenAPI document. */
export type Json = null | boolean | number | string | Json[] | { [name: string]: Json };
export type JsonObject = { [name: string]: Json };

const PREFIX = '#/components/schemas/';
const INPUT = 'Input';

const UNNAMED =
  'a schema that refers to itself must have a name, since a document refers to schemas by name: .meta({ id })';

/**
 * Tidies the named schemas of a document. Every schema is registered in two forms, what is sent (`PolicyInput`) and
 * what is answered (`Policy`), and all that were ever registered are there. Kept are those that are referred to; two
 * forms that are the same become one, and so does a form without its counterpart. Names are in alphabetical order.
 */
export function tidyComponents(paths: Json, schemas: JsonObject): { paths: Json; schemas: JsonObject } {
  const same = sameForms(schemas);
  const merged = { paths: rename(paths, same), schemas: renameKeys(schemas, same) };
  const used = reachable(merged.paths, merged.schemas);
  const lonely = new Set(
    [...used].filter((name) => name.endsWith(INPUT) && !used.has(baseName(name)) && name in merged.schemas),
  );
  const kept = Object.fromEntries(
    [...used].flatMap((name) => (merged.schemas[name] === undefined ? [] : [[name, merged.schemas[name]]])),
  );
  const renamed = renameKeys(kept, lonely);
  return {
    paths: rename(merged.paths, lonely),
    schemas: Object.fromEntries(Object.entries(renamed).toSorted(([one], [other]) => (one < other ? -1 : 1))),
  };
}

/** Input forms that say the same as their output form, taking all such pairs as the same within them. */
function sameForms(schemas: JsonObject): Set<string> {
  const same = new Set(
    Object.keys(schemas).filter((name) => name.endsWith(INPUT) && baseName(name) in schemas),
  );
  let shrank = true;
  while (shrank) {
    shrank = false;
    for (const name of same) {
      const input = JSON.stringify(rename(schemas[name] ?? null, same));
      const output = JSON.stringify(rename(schemas[baseName(name)] ?? null, same));
      if (input !== output) {
        same.delete(name);
        shrank = true;
      }
    }
  }
  return same;
}

function reachable(paths: Json, schemas: JsonObject): Set<string> {
  const found = new Set<string>();
  const queue = references(paths);
  for (let name = queue.pop(); name !== undefined; name = queue.pop()) {
    if (found.has(name)) continue;
    if (name.includes('/')) throw new Error(UNNAMED);
    found.add(name);
    queue.push(...references(schemas[name] ?? null));
  }
  return found;
}

function references(value: Json): string[] {
  if (Array.isArray(value)) return value.flatMap(references);
  if (value === null || typeof value !== 'object') return [];
  return Object.entries(value).flatMap(([key, inner]) =>
    key === '$ref' && typeof inner === 'string' && inner.startsWith(PREFIX)
      ? [inner.slice(PREFIX.length)]
      : references(inner),
  );
}

function rename(value: Json, names: ReadonlySet<string>): Json {
  if (Array.isArray(value)) return value.map((item) => rename(item, names));
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => {
      const name = key === '$ref' && typeof inner === 'string' ? inner.slice(PREFIX.length) : undefined;
      return [key, name !== undefined && names.has(name) ? PREFIX + baseName(name) : rename(inner, names)];
    }),
  );
}

function renameKeys(schemas: JsonObject, names: ReadonlySet<string>): JsonObject {
  return Object.fromEntries(
    Object.entries(schemas).map(([name, schema]) => [
      names.has(name) ? baseName(name) : name,
      rename(schema, names),
    ]),
  );
}

function baseName(name: string): string {
  return name.slice(0, -INPUT.length);
}
