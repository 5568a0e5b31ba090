import type { ServedRow } from '../store/served-policies.ts';
import type { ServedVersion } from './served-policy.ts';

export interface LoadedVersionsOptions {
  /** Makes a version that can score. @throws when its artefact is broken or cannot be had now */
  buildVersion: (row: ServedRow) => Promise<ServedVersion>;
  /** An artefact was refused; what was loaded before is served on. Told once for each. */
  onRefused: (what: string, error: unknown) => void;
  now: () => number;
}

/** A version that can score, and the row that it was made from, with what has changed since but its artefact. */
export interface LoadedVersion {
  readonly version: ServedVersion;
  readonly row: ServedRow;
}

/** What can score, in memory: of each version the newest artefact that could be loaded. */
export interface LoadedVersions {
  find: (row: ServedRow) => LoadedVersion | undefined;
  /** Whether its newest artefact was refused the last time. */
  isRefused: (row: ServedRow) => boolean;
  /** Whether its newest artefact is not loaded, and may be tried now. */
  isDue: (row: ServedRow) => boolean;
  /** When its newest artefact was refused; `undefined`: it was not. */
  triedAt: (row: ServedRow) => number | undefined;
  /** Loads the newest artefact. Refused, it stays what it was. */
  load: (row: ServedRow) => Promise<void>;
  /** Forgets all others. */
  keepOnly: (rows: readonly ServedRow[]) => void;
  /** Artefacts that are refused at present. */
  refused: () => number;
}

/** What was refused is tried again after this. */
const RETRY_MS = 10_000;
/** Longest time to load one artefact. */
const LONGEST_MS = 10_000;

export function createLoadedVersions(options: LoadedVersionsOptions): LoadedVersions {
  const { buildVersion, onRefused, now } = options;
  const loaded = new Map<string, LoadedVersion>();
  const refused = new Map<string, number>();

  function find(row: ServedRow): LoadedVersion | undefined {
    const found = loaded.get(versionKeyOf(row));
    // Never with the scores of another configuration.
    if (!found || !isSame(found.row.version_configuration, row.version_configuration)) return undefined;
    const { checkpoint, object_key, sha256 } = found.row;
    return { version: found.version, row: { ...row, checkpoint, object_key, sha256 } };
  }

  return {
    find,
    isRefused: (row) => refused.has(artefactOf(row)),
    triedAt: (row) => refused.get(artefactOf(row)),
    isDue(row) {
      const found = find(row);
      if (found?.row.sha256 === row.sha256 && found.row.checkpoint === row.checkpoint) return false;
      const triedAt = refused.get(artefactOf(row));
      return triedAt === undefined || now() - triedAt >= RETRY_MS;
    },
    async load(row) {
      const what = artefactOf(row);
      try {
        loaded.set(versionKeyOf(row), { version: await withinTime(buildVersion(row)), row });
        refused.delete(what);
      } catch (error) {
        if (!refused.has(what)) onRefused(what, error);
        refused.set(what, now());
      }
    },
    keepOnly(rows) {
      const versions = new Set(rows.map(versionKeyOf));
      for (const key of loaded.keys()) if (!versions.has(key)) loaded.delete(key);
      const artefacts = new Set(rows.map(artefactOf));
      for (const what of refused.keys()) if (!artefacts.has(what)) refused.delete(what);
    },
    refused: () => refused.size,
  };
}

/** @throws when it takes too long: others wait behind it */
async function withinTime<T>(work: Promise<T>): Promise<T> {
  const late = Promise.withResolvers<never>();
  const timer = setTimeout(() => late.reject(new Error(`it took more than ${LONGEST_MS} ms`)), LONGEST_MS);
  try {
    return await Promise.race([work, late.promise]);
  } finally {
    clearTimeout(timer);
  }
}

/** Configurations as text, which is asked for again and again as long as their rows are there. */
const texts = new WeakMap<object, string>();

function isSame(one: unknown, other: unknown): boolean {
  return one === other || textOf(one) === textOf(other);
}

function textOf(configuration: unknown): string | undefined {
  if (typeof configuration !== 'object' || configuration === null) return JSON.stringify(configuration);
  const text = texts.get(configuration) ?? JSON.stringify(configuration);
  texts.set(configuration, text);
  return text;
}

export function versionKeyOf({ tenant_id, policy, version }: ServedRow): string {
  return `${tenant_id}/${policy}/${version}`;
}

function artefactOf(row: ServedRow): string {
  return `tenant ${row.tenant_id}, policy ${row.policy}, version ${row.version}, checkpoint ${row.checkpoint}`;
}
