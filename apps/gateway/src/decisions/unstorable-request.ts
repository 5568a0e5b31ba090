import type { Decide } from '@rlaas/schemas';
import type { Mistake } from './mistakes.ts';
import { type Unstorable, isStorableText, unstorableFeature } from './storable.ts';

/** What of a request that fits the schema could not be stored, at a JSON pointer. */
export function unstorableIn(asked: Decide): Mistake | undefined {
  const features = asked.context && unstorableFeature(asked.context);
  if (features) return at(['context'], features);
  for (const [index, action] of (asked.actions ?? []).entries()) {
    const wrong = isStorableText(action.id)
      ? action.features && unstorableFeature(action.features)
      : { path: [], message: 'has characters that cannot be stored' };
    if (wrong) return at(['actions', index, isStorableText(action.id) ? 'features' : 'id'], wrong);
  }
  for (const name of ['external_id', 'episode_id'] as const) {
    const text = asked[name];
    if (text !== undefined && !isStorableText(text)) {
      return { path: `/${name}`, message: 'has characters that cannot be stored' };
    }
  }
  const index = asked.excluded?.findIndex((id) => !isStorableText(id)) ?? -1;
  return index === -1
    ? undefined
    : { path: `/excluded/${index}`, message: 'has characters that cannot be stored' };
}

function at(path: readonly (string | number)[], { path: inner, message }: Unstorable): Mistake {
  const steps = [...path, ...inner].map(
    (step) => `/${String(step).replaceAll('~', '~0').replaceAll('/', '~1')}`,
  );
  return { path: steps.join(''), message };
}
