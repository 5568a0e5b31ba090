import { z } from 'zod';
import { nameSchema } from './ids.ts';
import { similarName } from './similar-name.ts';
import { versionNameSchema } from './policies.ts';
import {
  type PolicyConfiguration,
  type VersionConfiguration,
  policyConfigurationSchema,
  undeclaredActions,
  versionConfigurationSchema,
} from './policy-configuration.ts';
import { membersAt } from './policy-file-members.ts';
import { type RewardSpecification, rewardSpecificationSchema } from './rewards/reward-specification.ts';
import { wording } from './wording.ts';

const versionEntrySchema = z
  .object({
    name: versionNameSchema,
    shadow: z.boolean().default(false),
    ...versionConfigurationSchema.shape,
  })
  .strict();

const policyFileSchema = z
  .object({
    policy: nameSchema,
    ...policyConfigurationSchema.shape,
    reward: rewardSpecificationSchema.optional(),
    versions: z.array(versionEntrySchema).max(1000).default([]),
  })
  .strict();

/** What `config/policies/<policy>.yaml` says of one policy. */
export interface PolicyFile {
  policy: string;
  configuration: PolicyConfiguration;
  /** How rewards are made; without one its decisions get none. */
  reward: RewardSpecification | undefined;
  versions: PolicyFileVersion[];
}

/** One immutable version of a file. */
export interface PolicyFileVersion {
  name: string;
  /** Whether it is to learn and to score every decision, without deciding any. */
  shadow: boolean;
  configuration: VersionConfiguration;
}

/** One mistake of a policy file. */
export interface PolicyFileMistake {
  /** Members and indexes that lead to it. */
  path: (string | number)[];
  /** What is wrong and what to do: a sentence that begins with the name of the place. */
  message: string;
  /** It is about the name of the member at the end of the path, not about its value. */
  aboutName: boolean;
}

/**
 * Reads a policy file that was parsed from YAML; all mistakes at once.
 * @param value what the YAML parser made of it
 */
export function readPolicyFile(
  value: unknown,
): { ok: true; file: PolicyFile } | { ok: false; mistakes: PolicyFileMistake[] } {
  const parsed = policyFileSchema.safeParse(value, { error: wording });
  const mistakes = [
    ...(parsed.error?.issues ?? []).flatMap((issue) => mistakesOf(issue, value)),
    ...mistakesBetween(value),
  ];
  if (!parsed.success || mistakes.length > 0) return { ok: false, mistakes };
  const { policy, reward, versions, ...configuration } = parsed.data;
  return {
    ok: true,
    file: {
      policy,
      configuration,
      reward,
      versions: versions.map(({ name, shadow, ...own }) => ({ name, shadow, configuration: own })),
    },
  };
}

function mistakesOf(issue: z.core.$ZodIssue, value: unknown): PolicyFileMistake[] {
  const path = issue.path.map((part) => (typeof part === 'number' ? part : String(part)));
  if (issue.code === 'unrecognized_keys') {
    const known = membersAt(policyFileSchema, value, path);
    return issue.keys.map((key) => {
      const near = similarName(key, known);
      const advice = near === undefined ? `known are ${known.join(', ')}` : `did you mean "${near}"?`;
      return mistake([...path, key], `is not known here; ${advice}`, true);
    });
  }
  if (issue.code === 'invalid_union') {
    // Of a feature: what the nearest form of it lacks helps nobody, all forms do.
    return [mistake(path, issue.message)];
  }
  if (issue.code === 'invalid_key') return [mistake(path, issue.issues[0]?.message ?? issue.message, true)];
  return [mistake(path, issue.message)];
}

/** What no single place tells: read from what was written, so that it is found beside other mistakes. */
function mistakesBetween(value: unknown): PolicyFileMistake[] {
  const { actions, versions } = (value ?? {}) as { actions?: unknown; versions?: unknown };
  if (!Array.isArray(versions)) return [];
  const known = policyConfigurationSchema.shape.actions.safeParse(actions);
  const found: PolicyFileMistake[] = [];
  const names = new Set<unknown>();
  for (const [index, version] of (versions as unknown[]).entries()) {
    if (typeof version !== 'object' || version === null) continue;
    const { name, explorer } = version as { name?: unknown; explorer?: unknown };
    if (typeof name === 'string' && names.has(name)) {
      found.push(mistake(['versions', index, 'name'], `must be unique: "${name}" is there before`));
    }
    names.add(name);
    const read = versionConfigurationSchema.shape.explorer.safeParse(explorer);
    if (!read.success || !known.success) continue;
    for (const id of undeclaredActions({ explorer: read.data }, { actions: known.data })) {
      const declared = (known.data ?? []).map((action) => action.id);
      const near = similarName(id, declared);
      found.push(
        mistake(
          ['versions', index, 'explorer', 'probabilities', id],
          `is no action of the policy; ${near === undefined ? 'declare it, or leave it out' : `did you mean "${near}"?`}`,
          true,
        ),
      );
    }
  }
  return found;
}

function mistake(path: (string | number)[], message: string, aboutName = false): PolicyFileMistake {
  return { path, message: `${placeName(path)} ${message}`, aboutName };
}

/** A path as a person writes it: `versions[0].explorer.kind`. */
function placeName(path: readonly (string | number)[]): string {
  if (path.length === 0) return 'the file';
  return path.reduce<string>((text, part) => {
    if (typeof part === 'number') return `${text}[${part}]`;
    const name = /^[\w-]+$/.test(part) ? part : JSON.stringify(part);
    return text === '' ? name : `${text}.${name}`;
  }, '');
}
