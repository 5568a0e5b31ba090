import type { Decide } from '@rlaas/schemas';
import { FeatureCount, isStorableText, unstorableFeature } from './storable.ts';

const UUID_V7 = /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;
const NAME = /^[a-z0-9][a-z0-9-]{0,62}$/;
const MOST_ACTIONS = 1000;
const LONGEST_ID = 256;

/**
 * Whether a request for a decision is well beyond doubt: what this accepts, the schema accepts as it is, and the
 * collector will store. Everything else is for the schema to judge and to explain. Asking this first spares most
 * requests a check that takes longer than the decision.
 */
export function isPlainRequest(body: unknown): body is Decide {
  if (!isRecord(body)) return false;
  const count = new FeatureCount();
  for (const name in body) {
    if (!isPlainMember(name, body[name], count)) return false;
  }
  return body['policy'] !== undefined && (body['sticky'] === undefined || body['episode_id'] !== undefined);
}

function isPlainMember(name: string, value: unknown, count: FeatureCount): boolean {
  // Members that come often come first.
  if (name === 'id') return typeof value === 'string' && value.length === 36 && UUID_V7.test(value);
  if (name === 'policy') return typeof value === 'string' && NAME.test(value);
  if (name === 'context') return areFeatures(value, count);
  if (name === 'actions') return areActions(value, count);
  if (name === 'external_id' || name === 'episode_id') return isOwnId(value);
  if (name === 'excluded')
    return Array.isArray(value) && value.length <= MOST_ACTIONS && value.every(isOwnId);
  if (name === 'sticky') return value === 'episode';
  if (name === 'deferred') return typeof value === 'boolean';
  return false;
}

function areActions(value: unknown, count: FeatureCount): boolean {
  if (!Array.isArray(value) || value.length === 0 || value.length > MOST_ACTIONS) return false;
  const ids = new Set<unknown>();
  for (const action of value as unknown[]) {
    if (!isRecord(action)) return false;
    for (const name in action) {
      if (name === 'id' ? !isOwnId(action[name]) : name !== 'features' || !areFeatures(action[name], count))
        return false;
    }
    ids.add(action['id']);
  }
  return ids.size === value.length && !ids.has(undefined);
}

function areFeatures(value: unknown, count: FeatureCount): boolean {
  return isRecord(value) && unstorableFeature(value, count) === undefined;
}

function isOwnId(value: unknown): boolean {
  return typeof value === 'string' && value.length > 0 && value.length <= LONGEST_ID && isStorableText(value);
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
