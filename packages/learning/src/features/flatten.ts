import type { FeatureValue } from '@rlaas/schemas';

/** A feature by its full name. */
export type NamedFeature = readonly [name: string, value: number];

/**
 * Flattens features to names and numbers: number → (path, x); text → (`path=text`, 1); true → (path, 1); numbers in a
 * list → (`path[i]`, x); objects → dotted paths. `null`, `false` and 0 are absent: a feature of value 0 says nothing,
 * and the learner would divide by it.
 * @throws RangeError with the path of a number that is not finite
 */
export function flatten(features: { readonly [name: string]: FeatureValue }): NamedFeature[] {
  const found: NamedFeature[] = [];
  for (const [name, value] of Object.entries(features)) flattenInto(found, name, value);
  return found;
}

function flattenInto(found: NamedFeature[], path: string, value: FeatureValue): void {
  if (value === null || value === false) return;
  if (typeof value === 'number') {
    if (!Number.isFinite(value)) throw new RangeError(`${path} is not a finite number`);
    if (value !== 0) found.push([path, value]);
  } else if (typeof value === 'string') found.push([`${path}=${value}`, 1]);
  else if (value === true) found.push([path, 1]);
  else if (Array.isArray(value)) {
    for (const [index, item] of value.entries()) flattenInto(found, `${path}[${index}]`, item);
  } else {
    for (const [name, inner] of Object.entries(value)) flattenInto(found, `${path}.${name}`, inner);
  }
}
