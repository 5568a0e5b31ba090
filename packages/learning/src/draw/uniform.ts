import { Generator } from './generator.ts';

/**
 * A number in [0, 1) that follows from its parts alone; see `Generator`.
 * @param domain keeps draws for different purposes apart
 */
export function uniformOf(domain: string, ...parts: readonly string[]): number {
  return new Generator(domain, parts).uniform();
}
