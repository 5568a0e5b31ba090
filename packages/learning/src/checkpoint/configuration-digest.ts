import type { VersionConfiguration } from '@rlaas/schemas';
import { WideHasher } from '../draw/wide-hasher.ts';

/**
 * Tells configurations apart whose weights mean different things: 32 hexadecimal digits of what explorer and learner are
 * set to, whatever the order of the members. What is only for people does not count, nor which rewards are learned.
 */
export function configurationDigest({ explorer, learner }: VersionConfiguration): string {
  const { learn_early: _, ...settings } = learner;
  const words = new WideHasher().add(canonical({ explorer, learner: settings })).end();
  return words.map((word) => (word >>> 0).toString(16).padStart(8, '0')).join('');
}

function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const members = Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1));
  return `{${members.map(([name, member]) => `${JSON.stringify(name)}:${canonical(member)}`).join(',')}}`;
}
