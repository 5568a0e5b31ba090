import type { FeatureValue } from '@rlaas/schemas';
import type { Features } from './decision-features.ts';

/** A feature by its full name. */
export interface NamedFeature {
  readonly name: string;
  readonly value: number;
}

/** Features by their full names, in the order in which `DecisionFeatures` hashes them; for explanations. */
export function flatten(features: Features): NamedFeature[] {
  return Object.entries(features).flatMap(([name, value]) => flattenValue(name, value));
}

function flattenValue(path: string, value: FeatureValue): NamedFeature[] {
  if (value === null || value === false || value === 0) return [];
  if (typeof value === 'number') return [{ name: path, value }];
  if (typeof value === 'string') return [{ name: `${path}=${value}`, value: 1 }];
  if (value === true) return [{ name: path, value: 1 }];
  if (Array.isArray(value)) return value.flatMap((item, index) => flattenValue(`${path}[${index}]`, item));
  return Object.entries(value).flatMap(([name, inner]) => flattenValue(`${path}.${name}`, inner));
}
