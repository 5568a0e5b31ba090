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
  /** Since when it waits to be loaded: since it was wanted first, or refused last. */
  waitsSince: (row: ServedRow) => number;
  /** Its artefact is to be loaded. */
  want: (row: ServedRow) => void;
  /**
   * Loads an artefact. Refused, the version stays what it was, or is what is remembered of it.
   * @param wantedNow the row of the version when it has come: it may be another artefact by then
   */
  load: (row: ServedRow, wantedNow: () => ServedRow | undefined) => Promise<void>;
  /** Artefacts that were good once, for when the newer ones are refused. */
  remember: (rows: readonly ServedRow[]) => void;
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
  const wantedSince = new Map<string, number>();
  const remembered = new Map<string, ServedRow>();
  /** Builds that have begun: one that takes too long is waited for again, not begun again. */
  const builds = new Map<string, Promise<ServedVersion>>();

  function build(row: ServedRow): Promise<ServedVersion> {
    const what = artefactOf(row);
    const begun = builds.get(what);
    if (begun) return begun;
    const building = buildVersion(row);
    builds.set(what, building);
    // What failed is begun anew the next time.
    building.catch(() => builds.delete(what));
    return building;
  }

  async function take(row: ServedRow, wantedNow: () => ServedRow | undefined): Promise<void> {
    const version = await withinTime(build(row));
    builds.delete(artefactOf(row));
    const wanted = wantedNow();
    const found = wanted && find(wanted);
    // It came too late: what is wanted by now is there already.
    if (wanted && found && isArtefactOf(found.row, wanted)) return;
    loaded.set(versionKeyOf(row), { version, row });
    refused.delete(artefactOf(row));
  }

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
    waitsSince: (row) => refused.get(artefactOf(row)) ?? wantedSince.get(artefactOf(row)) ?? now(),
    want(row) {
      const what = artefactOf(row);
      if (!wantedSince.has(what)) wantedSince.set(what, now());
    },
    remember(rows) {
      for (const row of rows) if (row.version !== null) remembered.set(versionKeyOf(row), row);
    },
    isDue(row) {
      const found = find(row);
      if (found && isArtefactOf(found.row, row)) return false;
      const triedAt = refused.get(artefactOf(row));
      return triedAt === undefined || now() - triedAt >= RETRY_MS;
    },
    async load(row, wantedNow) {
      const what = artefactOf(row);
      try {
        await take(row, wantedNow);
      } catch (error) {
        if (!refused.has(what)) onRefused(what, error);
        refused.set(what, now());
        const former = remembered.get(versionKeyOf(row));
        if (!former || find(row) || isArtefactOf(former, row)) return;
        await take(former, wantedNow).catch((reason: unknown) => onRefused(artefactOf(former), reason));
      }
    },
    keepOnly(rows) {
      const versions = new Set(rows.map(versionKeyOf));
      for (const key of loaded.keys()) if (!versions.has(key)) loaded.delete(key);
      for (const key of remembered.keys()) if (!versions.has(key)) remembered.delete(key);
      const artefacts = new Set(rows.map(artefactOf));
      for (const what of refused.keys()) if (!artefacts.has(what)) refused.delete(what);
      for (const what of wantedSince.keys()) if (!artefacts.has(what)) wantedSince.delete(what);
      for (const what of builds.keys()) if (!artefacts.has(what)) builds.delete(what);
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

function isArtefactOf(one: ServedRow, other: ServedRow): boolean {
  return one.sha256 === other.sha256 && one.checkpoint === other.checkpoint;
}

/** A version, among those of all tenants. */
export function versionKeyOf({ tenant_id, policy, version }: ServedRow): string {
  return `${tenant_id}/${policy}/${version}`;
}

/** An artefact, in words: each has its own. */
export function artefactOf(row: ServedRow): string {
  return `tenant ${row.tenant_id}, policy ${row.policy}, version ${row.version}, checkpoint ${row.checkpoint}`;
}
