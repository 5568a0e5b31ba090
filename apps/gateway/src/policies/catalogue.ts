import { policyConfigurationSchema } from '@rlaas/schemas';
import type { ServedRow } from '../store/served-policies.ts';
import {
  type ServedCanary,
  type ServedPolicy,
  type ServedVersion,
  declaredActions,
} from './served-policy.ts';

export interface CatalogueOptions {
  /** Makes a version that can score. @throws when its artefact is broken or cannot be had now */
  buildVersion: (row: ServedRow) => Promise<ServedVersion>;
  /** An artefact was refused; what was served before is served on. Told once for each. */
  onRefused: (what: string, error: unknown) => void;
  onLoaded: (tenantId: string, policy: ServedPolicy) => void;
  now: () => number;
}

/** What the gateway serves, in memory. */
export interface Catalogue {
  find: (tenantId: string, policy: string) => ServedPolicy | undefined;
  /** Whether it was filled at least once. */
  readonly loaded: boolean;
  /** Takes over what is stored. @returns whether anything changed */
  apply: (rows: readonly ServedRow[]) => Promise<boolean>;
  /** The rows that lead to what is served now: those of what was refused are the last good ones. */
  rows: () => ServedRow[];
  /** Artefacts that are refused at present. */
  refused: () => number;
}

/** At most so many versions score beside the one that decides. */
const MOST_SHADOWS = 3;
/** What was refused is tried again after this. */
const RETRY_MS = 10_000;
/** Longest time to load one artefact. */
const LONGEST_MS = 10_000;

interface Entry {
  fingerprint: string;
  policy: ServedPolicy;
  /** Rows of the versions that are served, or of the policy alone. */
  rows: ServedRow[];
}

export function createCatalogue(options: CatalogueOptions): Catalogue {
  const { buildVersion, onRefused, onLoaded, now } = options;
  let served = new Map<string, Entry>();
  let loaded = false;
  const refused = new Map<string, number>();

  async function apply(rows: readonly ServedRow[]): Promise<boolean> {
    const next = new Map<string, Entry>();
    let changed = false;
    const sizeBefore = served.size;
    const wanted = new Set<string>();
    const groups = groupsOf(rows);
    takeAway(groups);
    for (const [key, group] of groups) {
      const before = served.get(key);
      const fingerprint = group.map(fingerprintOf).join(' ');
      for (const row of group) wanted.add(artefactOf(row));
      if (before && before.fingerprint === fingerprint && !group.some(isDue)) {
        next.set(key, before);
        continue;
      }
      const entry = await build(group, fingerprint, before);
      if (!entry) {
        if (before) next.set(key, before);
        continue;
      }
      next.set(key, entry);
      changed = true;
      onLoaded(group[0]?.tenant_id ?? '', entry.policy);
    }
    changed ||= next.size !== sizeBefore;
    for (const what of refused.keys()) if (!wanted.has(what)) refused.delete(what);
    served = next;
    loaded = true;
    return changed;
  }

  /**
   * What may no longer decide stops at once: nothing of it has to be loaded, and loading the others may take long.
   */
  function takeAway(groups: ReadonlyMap<string, readonly ServedRow[]>): void {
    for (const [key, entry] of served) {
      const group = groups.get(key);
      const { active } = entry.policy;
      if (!group) served.delete(key);
      else if (active && !group.some((row) => row.version === active.version)) {
        served.set(key, withoutActive(entry, group));
      }
      takeCanaryAway(key, group);
    }
  }

  /** The policy after its active version was taken away; what comes back was scored beside it, and so is there already. */
  function withoutActive(entry: Entry, group: readonly ServedRow[]): Entry {
    const { canary, shadows } = entry.policy;
    const next = group.find((row) => row.status === 'active');
    const rowBefore = entry.rows.find((row) => row.version === next?.version);
    const isReusable = next && isSame(rowBefore?.version_configuration, next.version_configuration);
    const successor = isReusable
      ? [canary?.version, ...shadows].find((one) => one?.version === next.version)
      : undefined;
    const rest = entry.rows.filter((row) => row.status !== 'active' && row.version !== successor?.version);
    const policy: ServedPolicy = {
      ...entry.policy,
      active: successor,
      canary: canary?.version === successor ? undefined : canary,
      shadows: shadows.filter((one) => one !== successor),
      besideBaseline: next?.beside_baseline === true,
      degraded: next && !successor ? 'its successor is loading' : undefined,
    };
    const rows =
      successor && rowBefore
        ? [...rest, { ...rowBefore, status: 'active' as const, canary_share: null }]
        : rest;
    return { fingerprint: '', policy, rows };
  }

  function takeCanaryAway(key: string, group: readonly ServedRow[] | undefined): void {
    const entry = served.get(key);
    const canary = entry?.policy.canary;
    if (!entry || !canary) return;
    if (group?.some((row) => row.version === canary.version.version && row.status === 'canary') === true)
      return;
    const policy = { ...entry.policy, canary: undefined };
    served.set(key, { ...entry, fingerprint: '', policy });
  }

  function isDue(row: ServedRow): boolean {
    const triedAt = refused.get(artefactOf(row));
    return triedAt !== undefined && now() - triedAt >= RETRY_MS;
  }

  async function build(
    group: readonly ServedRow[],
    fingerprint: string,
    before: Entry | undefined,
  ): Promise<Entry | undefined> {
    const [first] = group;
    if (!first) return undefined;
    const configuration = policyConfigurationSchema.safeParse(first.policy_configuration);
    if (!configuration.success) {
      refuse(first, configuration.error);
      return undefined;
    }
    const kept: ServedRow[] = [];
    let active: ServedVersion | undefined;
    let degraded: string | undefined;
    let canary: ServedCanary | undefined;
    let besideBaseline = false;
    const shadows: ServedVersion[] = [];
    for (const row of group) {
      if (row.version === null) continue;
      if (row.status === 'shadow' && shadows.length === MOST_SHADOWS) continue;
      const found = await versionOf(row, before);
      if (found) kept.push(found.row);
      if (row.status === 'active') {
        const lastGood = found ? undefined : lastGoodOf(group, before);
        active = found?.version ?? lastGood?.version;
        if (lastGood) kept.push(lastGood.row);
        if (!active) degraded = `version ${row.version} cannot be loaded`;
        besideBaseline = row.beside_baseline === true;
      } else if (found && row.status === 'canary') {
        if (row.canary_share !== null && row.salt !== null) {
          canary = { version: found.version, share: row.canary_share, salt: row.salt };
        }
      } else if (found) shadows.push(found.version);
    }
    return {
      fingerprint,
      rows: kept.length > 0 ? kept : [{ ...first, version: null, status: null }],
      policy: {
        name: first.policy,
        configuration: configuration.data,
        declared: declaredActions(configuration.data),
        active,
        canary,
        besideBaseline,
        shadows,
        degraded,
      },
    };
  }

  /**
   * What decided before, while the version that should decide now cannot be loaded. Not when it was retired or rolled
   * back meanwhile: then the baseline is better than what somebody has taken away.
   */
  function lastGoodOf(
    group: readonly ServedRow[],
    before: Entry | undefined,
  ): { version: ServedVersion; row: ServedRow } | undefined {
    const version = before?.policy.active;
    const row = before?.rows.find((one) => one.status === 'active');
    if (!version || !row || !group.some((one) => one.version === version.version)) return undefined;
    const { policy_row, policy_configuration } = group[0] ?? row;
    return { version, row: { ...row, policy_row, policy_configuration } };
  }

  /** The version with its newest artefact, or with the last good one. */
  async function versionOf(
    row: ServedRow,
    before: Entry | undefined,
  ): Promise<{ version: ServedVersion; row: ServedRow } | undefined> {
    const servedBefore = before && [
      before.policy.active,
      before.policy.canary?.version,
      ...before.policy.shadows,
    ];
    const version = servedBefore?.find((one) => one?.version === row.version);
    const rowBefore = before?.rows.find((one) => one.version === row.version);
    const isReusable = rowBefore && isSame(rowBefore.version_configuration, row.version_configuration);
    const good =
      version && isReusable
        ? {
            version,
            row: {
              ...row,
              checkpoint: rowBefore.checkpoint,
              object_key: rowBefore.object_key,
              sha256: rowBefore.sha256,
            },
          }
        : undefined;
    if (good && good.row.sha256 === row.sha256 && good.row.checkpoint === row.checkpoint) return good;
    const triedAt = refused.get(artefactOf(row));
    if (triedAt !== undefined && now() - triedAt < RETRY_MS) return good;
    try {
      const built = { version: await withinTime(buildVersion(row)), row };
      refused.delete(artefactOf(row));
      return built;
    } catch (error) {
      refuse(row, error);
      return good;
    }
  }

  function refuse(row: ServedRow, error: unknown): void {
    const what = artefactOf(row);
    if (!refused.has(what)) onRefused(what, error);
    refused.set(what, now());
  }

  return {
    find: (tenantId, policy) => served.get(keyOf(tenantId, policy))?.policy,
    get loaded() {
      return loaded;
    },
    apply,
    rows: () => Array.from(served.values(), (entry) => entry.rows).flat(),
    refused: () => refused.size,
  };
}

function groupsOf(rows: readonly ServedRow[]): Map<string, ServedRow[]> {
  return Map.groupBy(rows, (row) => keyOf(row.tenant_id, row.policy));
}

function keyOf(tenantId: string, policy: string): string {
  return `${tenantId}/${policy}`;
}

/** Differs when anything differs that a decision depends on; configurations of versions never change. */
function fingerprintOf(row: ServedRow): string {
  return `${row.policy_row}/${row.version}/${row.status}/${row.checkpoint}/${row.sha256}/${row.canary_share}/${row.salt}/${row.beside_baseline}`;
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

function isSame(one: unknown, other: unknown): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}

function artefactOf(row: ServedRow): string {
  return `tenant ${row.tenant_id}, policy ${row.policy}, version ${row.version}, checkpoint ${row.checkpoint}`;
}
