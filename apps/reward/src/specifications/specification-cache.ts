import { type RewardSpecification, rewardSpecificationSchema } from '@rlaas/schemas';
import { type CompiledSpecification, compileSpecification } from './compile.ts';

/** Names one version of a policy's specification. */
export interface SpecificationKey {
  tenantId: string;
  policy: string;
  version: number;
}

/**
 * A specification that rewards are made with. One that cannot be used any more (it was stored by another release) makes
 * an error of each reward, and of no other.
 */
export type UsedSpecification =
  | { ok: true; compiled: CompiledSpecification }
  | { ok: false; message: string; afterMs: 0; graceMs: 0 };

/** Reads definitions that are not known yet. */
export type ReadDefinitions = (
  keys: readonly SpecificationKey[],
) => Promise<{ key: SpecificationKey; definition: unknown }[]>;

/** Definitions never change, so each is compiled once. */
export class SpecificationCache {
  readonly #most: number;
  readonly #known = new Map<string, UsedSpecification>();

  constructor(most = 1_000) {
    this.#most = most;
  }

  /** @returns by `nameOf`; all of them @throws when one is not stored */
  async find(
    keys: readonly SpecificationKey[],
    read: ReadDefinitions,
  ): Promise<Map<string, UsedSpecification>> {
    const wanted = new Map(keys.map((key) => [nameOf(key), key]));
    const missing = [...wanted].filter(([name]) => !this.#known.has(name)).map(([, key]) => key);
    const found = new Map<string, UsedSpecification>();
    if (missing.length > 0) {
      for (const { key, definition } of await read(missing))
        found.set(nameOf(key), useDefinition(definition));
    }
    for (const name of wanted.keys()) {
      const known = this.#known.get(name) ?? found.get(name);
      if (!known) throw new Error(`the reward specification ${name} is not stored`);
      found.set(name, known);
      // The one that was used last is the last to go.
      this.#known.delete(name);
      this.#known.set(name, known);
    }
    for (const name of this.#known.keys()) {
      if (this.#known.size <= this.#most) break;
      this.#known.delete(name);
    }
    return found;
  }
}

export function nameOf({ tenantId, policy, version }: SpecificationKey): string {
  return `${tenantId}/${policy}/${version}`;
}

/** Makes a stored definition usable. */
export function useDefinition(definition: unknown): UsedSpecification {
  const parsed = rewardSpecificationSchema.safeParse(definition);
  if (!parsed.success) return unusable(parsed.error.issues[0]?.message ?? 'it cannot be read');
  return use(parsed.data);
}

function use(definition: RewardSpecification): UsedSpecification {
  const result = compileSpecification(definition);
  if (result.ok) return { ok: true, compiled: result.compiled };
  const [first] = result.mistakes;
  return unusable(first ? `${first.path}: ${first.message}` : 'it cannot be compiled');
}

function unusable(message: string): UsedSpecification {
  return { ok: false, message, afterMs: 0, graceMs: 0 };
}

/** The window of a specification, also of one that cannot be used. */
export function windowOf(used: UsedSpecification): { afterMs: number; graceMs: number } {
  return used.ok ? used.compiled : used;
}
