import type { Mistake } from './mistakes.ts';
import { FeatureCount, type Unstorable, isStorableText, unstorableFeature } from './storable.ts';

/**
 * What of a request could not be stored, or is no feature, at a JSON pointer. Asked before the schema, which would try
 * each form that a feature may have and tell of the wrong one.
 * @param body as it arrived; what has another form than a request is for the schema to tell
 */
export function unstorableIn(body: unknown): Mistake | undefined {
  if (!isRecord(body)) return undefined;
  const { context, actions, excluded } = body;
  const count = new FeatureCount();
  const wrong = isRecord(context) ? unstorableFeature(context, count) : undefined;
  if (wrong) return at(['context'], wrong);
  for (const [index, action] of listOf(actions).entries()) {
    if (!isRecord(action)) continue;
    if (isUnstorable(action['id'])) return at(['actions', index, 'id'], CHARACTERS);
    const feature = isRecord(action['features']) ? unstorableFeature(action['features'], count) : undefined;
    if (feature) return at(['actions', index, 'features'], feature);
  }
  for (const name of ['external_id', 'episode_id']) {
    if (isUnstorable(body[name])) return at([name], CHARACTERS);
  }
  const index = listOf(excluded).findIndex(isUnstorable);
  return index === -1 ? undefined : at(['excluded', index], CHARACTERS);
}

const CHARACTERS: Unstorable = {
  path: [],
  message: String.raw`has \u0000 or half of a surrogate pair, which cannot be stored`,
};

function isUnstorable(value: unknown): boolean {
  return typeof value === 'string' && !isStorableText(value);
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? (value as unknown[]) : [];
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function at(path: readonly (string | number)[], { path: inner, message }: Unstorable): Mistake {
  const steps = [...path, ...inner].map(
    (step) => `/${String(step).replaceAll('~', '~0').replaceAll('/', '~1')}`,
  );
  return { path: steps.join(''), message };
}
